package reports

import (
	"html"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vaultreport/internal/bizday"
	"vaultreport/warehouse"
)

func TestAlarmsStandFirstOnThePage(t *testing.T) {
	page := built(t, "two_envs", "en")
	alarms, lead := strings.Index(page, `<h2 id="alarms">`), strings.Index(page, `<h2 id="lead">`)
	if alarms < 0 || alarms > lead {
		t.Errorf("alarms at %d, the lead at %d", alarms, lead)
	}
	if !strings.Contains(page, "5 alarms fire on this day (15 evaluations).") {
		t.Error("the page does not say how many alarms fire")
	}
}

func TestTheTotalComesBeforeItsTypes(t *testing.T) {
	var got []string
	for _, match := range regexp.MustCompile(`<h3 id="(alarm-[^"]+)"`).FindAllStringSubmatch(built(t, "two_envs", "en"), -1) {
		got = append(got, match[1])
	}
	want := []string{
		"alarm-dlq_size-warn-prod-ALL", "alarm-more_alerts-warn-dev-ALL", "alarm-claim_rate_drop-investigate-prod-ALL", "alarm-claim_rate_drop-investigate-prod-DIAMOND",
		"alarm-variant_claim_gap-investigate-prod-ALL",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestNothingFiredIsSaidPlainly(t *testing.T) {
	for name, want := range map[string]string{
		"every_state": "No alarm fires on this day (12 evaluations).",
		"empty":       "No alarm rule was evaluated.",
	} {
		if page := built(t, name, "en"); !strings.Contains(page, want) {
			t.Errorf("%s: the page does not say %q", name, want)
		}
	}
}

func TestWhatDidNotFireSaysWhy(t *testing.T) {
	for fixture, texts := range map[string][]string{
		"two_envs": {
			"<b>Fires.</b> since 2026-02-12 23:30:00, peak 612 at 12:10:00",
			"<b>Fires.</b> Its numbers are not shown.",
			"<b>Fires.</b> ALL −25.0%, DIAMOND −40.0%",
			"<b>OK.</b> PLATINUM −10.0%",
			"<b>Pending.</b> the condition holds since 23:55:10, not long enough yet; peak 3 at 23:56:00",
			"<b>Ended.</b> 2026-02-12 23:59:00 to 00:02:00, peak 6,000 ms at 00:00:00; 20:02:57 to 20:54:08, peak 8,974.4 ms at 20:30:00",
			"<b>Not enough data.</b> GOLD 20 against 20, PLATINUM 20 against 20: 30 are needed on each side",
			"<b>Not enough data.</b> fewer than two variants have 30 alerts",
			"<b>No data.</b> no event source emits NOTIFY_ENQUEUED",
			"<b>OK.</b> highest 27",
		},
		"every_state": {
			"<b>Not enough data.</b> ALL: fewer than 5 users",
			"<b>Not enough data.</b> GOLD +100.0% (p = 0.230): beyond the threshold, but perhaps by chance: p below 0.05 is needed",
			"<b>No data.</b> ALL: the column gold_status of the table vault_status is missing",
			"<b>OK.</b> highest 0: no event source emits COMPENSATION_ENQUEUED",
		},
	} {
		page := html.UnescapeString(built(t, fixture, "en"))
		for _, text := range texts {
			if !strings.Contains(page, text+"</p>") {
				t.Errorf("%s: the page does not say %q", fixture, text)
			}
		}
	}
}

func TestAlarmsThatNeedSomebodyStandBeforeThoseThatAreFine(t *testing.T) {
	_, states, _ := strings.Cut(built(t, "two_envs", "en"), "All rules in prod")
	states, _, _ = strings.Cut(states, "</table>")
	var got []string
	for _, match := range regexp.MustCompile(`<p><b>(\w+)`).FindAllStringSubmatch(states, -1) {
		got = append(got, match[1])
	}
	if want := []string{"Fires", "Fires", "Ended", "OK", "Fires", "Pending", "Ended", "Ended"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// alarmFile writes rows of the table alarm beside the marts of a fixture.
func alarmFile(t *testing.T, s *fakeStore, name string, rows ...string) warehouse.File {
	t.Helper()
	text := "select ''::varchar as alarm_id, '' as rule, '' as level, '' as env, '' as vault_type, null::timestamp as started_at, null::timestamp as ended_at where false"
	for _, row := range rows {
		text += " union all select " + row
	}
	path := filepath.Join(s.folder, name+".parquet")
	if _, err := writerDB(t).ExecContext(t.Context(), "copy ("+text+") to '"+path+"' (format parquet)"); err != nil {
		t.Fatal(err)
	}
	return warehouse.File{Path: name + ".parquet", Table: "alarm", Dt: friday, SHA256: name}
}

func TestThePageSaysWhatChangedSinceTheDayWasPublished(t *testing.T) {
	row := func(id, rule, from, to string) string {
		if to != "null" {
			to = "timestamp '2026-02-13 " + to + "'"
		}
		return "'" + id + "', '" + rule + "', 'warn', 'prod', 'ALL', timestamp '2026-02-13 " + from + "', " + to
	}
	store, db := fixture(t, "two_envs")
	before := alarmFile(t, store, "before", row("aaaaaaaaaa", "same", "00:00:00", "01:00:00"), row("bbbbbbbbbb", "late", "01:00:00", "02:00:00"),
		row("cccccccccc", "open", "02:00:00", "null"), row("dddddddddd", "closed", "03:00:00", "04:00:00"))
	now := alarmFile(t, store, "now", row("aaaaaaaaaa", "same", "00:00:00", "01:00:00"), row("cccccccccc", "open", "02:00:00", "05:00:00"),
		row("dddddddddd", "closed", "03:00:00", "null"), row("eeeeeeeeee", "fresh", "04:00:00", "null"))
	changes := func() []string {
		store.reports = map[bizday.Day]warehouse.File{}
		if err := Build(t.Context(), store, []bizday.Day{friday}, options(db, "en")); err != nil {
			t.Fatal(err)
		}
		var texts []string
		for _, match := range regexp.MustCompile(`<li>([^<]*)</li>`).FindAllStringSubmatch(string(store.html), -1) {
			if strings.Contains(match[1], "Id ") {
				texts = append(texts, match[1])
			}
		}
		return texts
	}
	store.files["alarm"] = now
	if got := changes(); got != nil {
		t.Errorf("the day is new, and the page says %q", got)
	}
	store.parent.Files = []warehouse.File{now}
	if got := changes(); got != nil {
		t.Errorf("nothing changed, and the page says %q", got)
	}
	store.parent.Files = []warehouse.File{before}
	want := []string{
		"Cancelled by other data: late warn prod ALL, 10:00:00 to 11:00:00. Id bbbbbbbb.",
		"Ended: open warn prod ALL, 11:00:00 to 14:00:00; it was still firing. Id cccccccc.",
		"Goes on: closed warn prod ALL, since 12:00:00; it had ended. Id dddddddd.",
		"New: fresh warn prod ALL, since 13:00:00. Id eeeeeeee.",
	}
	if diff := cmp.Diff(want, changes()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestBesideAHiddenSideTheOtherOneIsNotShown(t *testing.T) {
	if page := built(t, "two_envs", "en"); strings.Contains(page, "31 of 100") {
		t.Error("the lowest rate is hidden, and the page shows the highest, from which the threshold tells how low it is")
	}
}
