package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/dustin/go-humanize"

	"vaultreport/scheduler"
)

func (a *app) printResult(r scheduler.Result) error {
	if a.global.Output == formJSON {
		return json.NewEncoder(a.out).Encode(r)
	}
	facts := []fact{{"run_id", r.RunID}, {"snapshot", r.Snapshot}, {"status", r.Status}}
	if a.global.Output == formCSV {
		return writeFacts(a.out, formCSV, append(facts,
			fact{"first_day", r.Days[0]}, fact{"last_day", r.Days[len(r.Days)-1]}, fact{"days", len(r.Days)}, fact{"report", r.Report},
			fact{"read", r.Ledger.Read}, fact{"kept", r.Ledger.Kept}, fact{"duplicate", r.Ledger.Duplicate}, fact{"blank", r.Ledger.Blank},
			fact{"quarantined", r.Ledger.Quarantined}, fact{"out_of_range", r.Ledger.OutOfRange}, fact{"alarms", len(r.Alarms)},
			fact{"restated", r.Restated}, fact{"wall_ms", r.WallMS}, fact{"peak_rss_bytes", r.PeakRSSBytes}))
	}
	_, err := fmt.Fprint(a.out, summary(r))
	return err
}

// summary is the result for people, at most 80 columns wide but for the path in its last line.
func summary(r scheduler.Result) string {
	var b strings.Builder
	line := func(name, format string, values ...any) {
		fmt.Fprintf(&b, "%-13s %s\n", name, fmt.Sprintf(format, values...))
	}
	if r.Status == scheduler.Unchanged {
		b.WriteString("nothing to do: no input is new or changed, and nothing was published\n\n")
	}
	days := "1 day"
	if n := len(r.Days); n > 1 {
		days = fmt.Sprintf("%d days", n)
	}
	line("days", "%s to %s (%s)", r.Days[0], r.Days[len(r.Days)-1], days)
	line("snapshot", "%s (%s)", r.Snapshot, r.Status)
	ledger := func(name string, n int64) {
		share := ""
		if r.Ledger.Read > 0 && name != "read" {
			share = fmt.Sprintf("  %6.2f %%", 100*float64(n)/float64(r.Ledger.Read))
		}
		line(name, "%15s%s", humanize.Comma(n), share)
	}
	ledger("read", r.Ledger.Read)
	ledger("kept", r.Ledger.Kept)
	ledger("duplicate", r.Ledger.Duplicate)
	ledger("blank", r.Ledger.Blank)
	ledger("quarantined", r.Ledger.Quarantined)
	ledger("out of range", r.Ledger.OutOfRange)
	if r.Restated > 0 {
		line("restated", "%15s cells", humanize.Comma(r.Restated))
	}
	line("alarms", "%15s", humanize.Comma(int64(len(r.Alarms))))
	line("wall time", "%s", (time.Duration(r.WallMS) * time.Millisecond).String())
	line("peak memory", "%s", humanize.IBytes(uint64(max(r.PeakRSSBytes, 0))))
	fmt.Fprintf(&b, "\nreport: %s\n", r.Report)
	return b.String()
}
