package kubernetes

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

const day = 24 * time.Hour

// A run without --date takes yesterday, whenever it starts: so nothing of a night may reach into the next day.
func TestANightEndsOnItsDay(t *testing.T) {
	for name, d := range deployments(t) {
		start, err := startOf(d.cron.Spec.Schedule)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		late, length := d.cron.Spec.StartingDeadlineSeconds, jobOf(d).ActiveDeadlineSeconds
		if late == nil || length == nil {
			t.Fatalf("%s: a deadline is missing", name)
		}
		// Below 10 seconds the controller, which looks every 10 seconds, may never start a job.
		if *late < 10 {
			t.Errorf("%s: startingDeadlineSeconds %d", name, *late)
		}
		end := start + time.Duration(*late+*length)*time.Second + time.Duration(*podOf(d).TerminationGracePeriodSeconds)*time.Second
		if start <= 0 || end >= day {
			t.Errorf("%s: a night may begin %v and end %v after midnight", name, start, end)
		}
		if wait := waitOf(t, d); wait <= 0 || wait >= time.Duration(*length)*time.Second {
			t.Errorf("%s: --wait=%v, and the job may take %ds", name, wait, *length)
		}
	}
}

// startOf is the time after midnight of a schedule that runs once a day.
func startOf(schedule string) (time.Duration, error) {
	var minute, hour int
	if _, err := fmt.Sscanf(schedule, "%d %d * * *", &minute, &hour); err != nil || schedule != fmt.Sprintf("%d %d * * *", minute, hour) {
		return 0, fmt.Errorf("schedule %q is not once a day", schedule)
	}
	return time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute, nil
}

func waitOf(t *testing.T, d *deployment) time.Duration {
	t.Helper()
	for _, arg := range container(d).Args {
		if text, found := strings.CutPrefix(arg, "--wait="); found {
			wait, err := time.ParseDuration(text)
			if err != nil {
				t.Error(err)
			}
			return wait
		}
	}
	return 0
}
