// Package checkup is what a look at a part of a configuration or of the machine found, and what to do about it. Every room looks
// at what is its own; `doctor` prints it.
package checkup

import "vaultreport/internal/errs"

// Status says what a finding means for a run.
type Status string

// The values of Status. A warning stops no run of itself.
const (
	OK      Status = "ok"
	Warning Status = "warning"
	Fails   Status = "fails"
)

// Line is one finding. It holds no secret.
type Line struct {
	Check  string `json:"check"` // what was looked at: "key", "tables vault-db vault_status"
	Status Status `json:"status"`
	What   string `json:"what"`
	Fix    string `json:"fix"` // "" where nothing is to be done
}

// Good returns a finding that is as it should be.
func Good(check, what string) Line { return Line{Check: check, Status: OK, What: what} }

// Warn returns a finding that somebody should know of.
func Warn(check, what, fix string) Line {
	return Line{Check: check, Status: Warning, What: what, Fix: fix}
}

// Fail returns a finding that stops runs.
func Fail(check, what, fix string) Line {
	return Line{Check: check, Status: Fails, What: what, Fix: fix}
}

// Of returns the finding that an error of a run would be: one about a source that is not ready is a warning, since the source may be
// ready when the run begins.
func Of(check string, err error) Line {
	line := Fail(check, err.Error(), errs.HintOf(err))
	if errs.ClassOf(err) == errs.NotReady {
		line.Status = Warning
	}
	return line
}
