package reference

import (
	"fmt"
	"strings"
	"time"
)

// describe tells a world as one would tell it to somebody who has to look for a mistake.
func describe(w *World) string {
	var b strings.Builder
	fmt.Fprintf(&b, "zone %s, k %d, retire_after %d, diamond_target %d\n", w.Zone.Name(), w.K, w.RetireAfter, w.DiamondTarget)
	for _, dt := range w.sorted() {
		d := w.Days[dt]
		start, end := w.Zone.Bounds(dt)
		fmt.Fprintf(&b, "%s: %s to %s\n", dt, clock(start), clock(end))
		kinds := map[string][]string{}
		var order []string
		for _, c := range d.Catalogue {
			of := strings.TrimSpace(c.Env + " " + c.Kind)
			if kinds[of] == nil {
				order = append(order, of)
			}
			kinds[of] = append(kinds[of], strings.Trim(c.Name+"."+c.Column, "."))
		}
		for _, of := range order {
			fmt.Fprintf(&b, "  %s: %s\n", of, strings.Join(kinds[of], " "))
		}
		for _, e := range d.Events {
			fmt.Fprintf(&b, "  %s %s %s", clock(e.TS), e.Env, e.Kind)
			for _, part := range []struct {
				name  string
				value any
				is    bool
			}{
				{"user", e.User, e.User > 0}, {"type", e.VaultType, e.VaultType != ""}, {"req", e.ReqID, e.ReqID > 0},
				{"expires", clock(e.ExpiresAt), e.ExpiresAt != 0}, {"variant", e.Variant, e.Variant != ""}, {"reason", e.Reason, e.Reason != ""},
				{"shadow", e.Shadow, e.Kind == "EXPIRY_EXTENDED"}, {"compensation", e.Compensation, e.Compensation > 0},
				{"latency", e.LatencyMS, e.Kind == "NOTIFY_ENQUEUED"}, {"job", e.Job, e.Job != ""}, {"outcome", e.Outcome, e.Outcome != ""},
				{"queue", e.Queue, e.Queue != ""}, {"depth", e.Depth, e.Queue != ""},
			} {
				if part.is {
					fmt.Fprintf(&b, " %s=%v", part.name, part.value)
				}
			}
			fmt.Fprintln(&b)
		}
		for _, s := range d.Statuses {
			fmt.Fprintf(&b, "  vault_status %s user=%d %q", s.Env, s.User, s.Statuses)
			if s.ExpiresAt != 0 {
				fmt.Fprintf(&b, " expires=%s", clock(s.ExpiresAt))
			}
			fmt.Fprintf(&b, " days=%s deposit=%s\n", orNull(s.Days), orNull(s.Deposit))
		}
		for _, c := range d.Compensations {
			fmt.Fprintf(&b, "  compensation_queue %+v\n", c)
		}
		for _, n := range d.Notifications {
			fmt.Fprintf(&b, "  notifications_queue %+v\n", n)
		}
		for _, l := range d.Ledger {
			fmt.Fprintf(&b, "  source_ledger %+v\n", l)
		}
		for _, x := range d.Extensions {
			fmt.Fprintf(&b, "  %s %+v\n", extensionLog, x)
		}
	}
	return b.String()
}

func clock(us int64) string { return time.UnixMicro(us).UTC().Format("2006-01-02T15:04:05.999999") }
