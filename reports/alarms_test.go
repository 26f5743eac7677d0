package reports

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestAlarmsStandFirstOnThePage(t *testing.T) {
	page := built(t, "two_envs", "en")
	alarms, lead := strings.Index(page, `<h2 id="alarms">`), strings.Index(page, `<h2 id="lead">`)
	if alarms < 0 || alarms > lead {
		t.Errorf("alarms at %d, the lead at %d", alarms, lead)
	}
	if !strings.Contains(page, "2 alarms fire on this day (6 evaluations).") {
		t.Error("the page does not say how many alarms fire")
	}
}

func TestTheTotalComesBeforeItsTypes(t *testing.T) {
	var got []string
	for _, match := range regexp.MustCompile(`<h3 id="(alarm-[^"]+)"`).FindAllStringSubmatch(built(t, "two_envs", "en"), -1) {
		got = append(got, match[1])
	}
	want := []string{"alarm-claim_rate_drop-investigate-prod-ALL", "alarm-claim_rate_drop-investigate-prod-DIAMOND"}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestNothingFiredIsSaidPlainly(t *testing.T) {
	for name, want := range map[string]string{
		"every_state": "No alarm fires on this day (9 evaluations).",
		"empty":       "No alarm rule was evaluated.",
	} {
		if page := built(t, name, "en"); !strings.Contains(page, want) {
			t.Errorf("%s: the page does not say %q", name, want)
		}
	}
}
