package reference

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"vaultreport/internal/bizday"
)

// EvaluationRow is a row of alarm_evaluation. nil and "" are NULL.
type EvaluationRow struct {
	Dt                                     bizday.Day
	Rule, Level, Env, VaultType            string
	Value, Baseline                        *big.Rat
	Numerator, Denominator                 *int64
	BaselineNumerator, BaselineDenominator *int64
	Threshold                              *big.Rat
	PValue                                 *float64
	State, Reason                          string
	FiringSince                            *bizday.Day  // first day of the newest firing run; of a rule on event time, of the alarm at the end
	Explanation                            *Explanation // of a firing day of a daily rule
	Peak                                   *big.Rat     // of a firing day of a daily rule: the farthest value of its run of days so far
	PeakOn                                 *bizday.Day  // its first day
}

// AlarmRow is a row of alarm.
type AlarmRow struct {
	Dt                          bizday.Day
	ID                          string
	Rule, Level, Env, VaultType string
	StartedAt, EndedAt          int64    // 0: it has not ended
	Peak                        *big.Rat // nil where no day of it may be told
	PeakAt                      int64
	State                       string
	Explanation                 *Explanation // of the episode's first day
}

// Explanation is the change of a rate and the parts that add up to it.
type Explanation struct {
	Change *big.Rat
	Parts  []Part
}

// Part is one reason of a change.
type Part struct {
	Name, Part string
	Value      *big.Rat
}

func (e EvaluationRow) key() []string {
	return []string{e.Dt.String(), e.Rule, e.Level, e.Env, e.VaultType}
}

func (r AlarmRow) key() []string { return []string{r.Dt.String(), r.ID} }

// identified fills in what follows from the start.
func (r AlarmRow) identified(zone bizday.Zone) AlarmRow {
	r.Dt = zone.DayOf(r.StartedAt)
	startedAt := time.UnixMicro(r.StartedAt).UTC().Format("2006-01-02T15:04:05.000000Z")
	sum := sha256.Sum256([]byte(strings.Join([]string{r.Rule, r.Level, r.Env, r.VaultType, startedAt}, "|")))
	r.ID = hex.EncodeToString(sum[:])[:32]
	return r
}

// String names the change and each part with its double, in an order of their own.
func (e *Explanation) String() string {
	if e == nil {
		return ""
	}
	double := func(r *big.Rat) string {
		f, _ := r.Float64()
		return fmt.Sprint(f)
	}
	var parts []string
	for _, p := range e.Parts {
		parts = append(parts, fmt.Sprintf("%s.%s=%s", p.Name, p.Part, double(p.Value)))
	}
	slices.Sort(parts)
	return strings.Join(slices.Concat([]string{"change=" + double(e.Change)}, parts), ",")
}
