package scheduler

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vaultreport/internal/bizday"
)

const restated = `select dt, env, metric, period, vault_type, variant_id, segment, statistic, old_value, new_value, old_state, new_state, cause, as_of
	from restatement order by all`

// cells returns value and state of every cell of metric_daily, by its key.
func (w *world) cells() map[string]string {
	w.t.Helper()
	cells := map[string]string{}
	for _, row := range rowsOf(w.query("select dt, env, metric, period, vault_type, variant_id, segment, statistic, value, state from metric_daily")) {
		fields := strings.Split(row, ",")
		cells[strings.Join(fields[:8], ",")] = strings.Join(fields[8:], ",")
	}
	return cells
}

func rowsOf(csv string) []string {
	lines := strings.Split(strings.TrimSuffix(csv, "\n"), "\n")
	return lines[1:]
}

// changes says what restatement should say of two states of the cells.
func changes(before, after map[string]string, cause, asOf string) (rows []string) {
	keys := map[string]bool{}
	for key := range before {
		keys[key] = true
	}
	for key := range after {
		keys[key] = true
	}
	for key := range keys {
		was, is := before[key], after[key]
		if was == is {
			continue
		}
		split := func(cell string) (value, state string) {
			value, state, _ = strings.Cut(cell, ",")
			return value, state
		}
		oldValue, oldState := split(was)
		newValue, newState := split(is)
		rows = append(rows, strings.Join([]string{key, oldValue, newValue, oldState, newState, cause, asOf}, ","))
	}
	return rows
}

// addsRestatements runs, and holds what the run added to restatement against what it changed in days that were published.
func (w *world) addsRestatements(days, cause, asOf string) Result {
	w.t.Helper()
	before, history := w.cells(), rowsOf(w.query(restated))
	result := w.mustRun(days)
	want := changes(before, w.cells(), cause, asOf)
	if int64(len(want)) != result.Restated {
		w.t.Errorf("the run says that it restated %d cells, %d changed", result.Restated, len(want))
	}
	want = append(want, history...)
	slices.Sort(want)
	got := rowsOf(w.query(restated))
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		w.t.Errorf("restatement (-want +got)\n%s", diff)
	}
	return result
}

// lateLines are lines of five days, of users that the sample has and of others, some of them twice.
func lateLines(n int, first bizday.Day) []byte {
	random := rand.New(rand.NewPCG(11, 11))
	var lines []string
	for i := range n {
		user := 734_000_000_000 + random.IntN(200)
		at := fmt.Sprintf("%sT%02d:%02d:%02d+09:00", first+bizday.Day(i%5), random.IntN(24), random.IntN(60), random.IntN(60))
		event := []string{
			`"event":"VAULT_UNLOCKED","vault_type":"GOLD"`, `"event":"VAULT_CLAIMED","vault_type":"GOLD"`, `"event":"VAULT_EXPIRED","vault_type":"PLATINUM"`,
			`"event":"ALERT_SENT","vault_type":"GOLD","variant_id":"a"`, `"event":"ALERT_CLICKED","variant_id":"a"`, `"event":"BATCH_RUN_FINISHED","job":"late","outcome":"failure"`,
			`"event":"DLQ_DEPTH_SAMPLED","queue":"late","depth":7`, `"event":"COMPENSATION_ENQUEUED","compensation_id":"late-` + fmt.Sprint(i) + `"`,
			`"event":"SOCIAL_PROOF_IMPRESSION","vault_type":"GOLD"`, `"event":"EXPIRY_EXTENDED","extension_reason":"OPS","shadow":false,"expires_at":"2026-05-01T00:00:00Z"`,
		}[random.IntN(10)]
		lines = append(lines, fmt.Sprintf(`{"ts":%q,"env":"prod","req_id":"late-%d","user_id":%d,%s}`, at, i, user, event))
		if i%50 == 0 {
			lines = append(lines, lines[len(lines)-1])
		}
	}
	return []byte(strings.Join(lines, "\n") + "\n")
}

func TestLateLinesRestateEveryCellThatTheyChangeAndNoOther(t *testing.T) {
	t.Parallel()
	w, night := sampleAfterItsRun(t)
	first, last, _ := strings.Cut(night.span, "..")
	if got := w.query("select count(*) as n from restatement"); got != "n\n0\n" {
		t.Fatalf("after the first run there are restatements: %s", got)
	}
	before := w.digests(namesFiles...)
	late := mustDay(t, first) + 2
	w.write("logs/"+last+"/late.jsonl.gz", lateLines(1000, late))
	result := w.addsRestatements(last, "late_data", last)
	if result.Restated == 0 || result.Status != Published {
		t.Fatalf("%+v", result)
	}
	for name, digest := range w.digests(namesFiles...) {
		day := mustDay(t, strings.TrimPrefix(filepath.Base(filepath.Dir(name)), "dt="))
		if changed := before[name] != digest; changed && day < late && !readsLaterDays(name) {
			t.Errorf("%s changed, and reads none of the late lines", name)
		}
	}
	if again := w.mustRun(last); again.Status != Unchanged || again.Restated != 0 {
		t.Errorf("once more: %+v", again)
	}
	w.sameAsFresh(night.span)
}

// readsLaterDays says whether a day's file of a mart reads days after it.
func readsLaterDays(name string) bool {
	return slices.ContainsFunc([]string{
		"alert_daily", "impression_daily", "unlock_daily", "metric_measure_window", "metric_daily", "metric_change",
	}, func(model string) bool { return strings.HasPrefix(name, "marts/"+model+"/") }) || strings.HasPrefix(name, "marts/alarm")
}

// Every line of three days, on both sides of a quarter's end, comes in one of several deliveries: VAULTREPORT_PORTIONS says in how
// many (default 8).
func TestADeliveryInPortionsEndsWithTheBytesOfOne(t *testing.T) {
	t.Parallel()
	portions := 8
	if text := os.Getenv("VAULTREPORT_PORTIONS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		portions = n
	}
	w, _ := sampleAfterItsRun(t)
	if err := os.RemoveAll(w.options.Warehouse); err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(20, 20))
	parts := make([]map[string][]byte, portions)
	folders, _ := filepath.Glob(filepath.Join(w.dir, "logs/*"))
	folders = folders[len(folders)-6 : len(folders)-3]
	for i := range parts {
		parts[i] = map[string][]byte{}
	}
	for _, file := range slices.Concat(filesIn(folders[0]), filesIn(folders[1]), filesIn(folders[2])) {
		folder := filepath.Base(filepath.Dir(file))
		for line := range strings.Lines(string(gunzip(t, file))) {
			part := parts[random.IntN(portions)]
			part[folder] = append(part[folder], line...)
		}
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
	}
	last := filepath.Base(folders[2])
	span := filepath.Base(folders[0]) + ".." + last
	w.options.Sources[0].Ready.AllowMissing = true
	for i, part := range parts {
		for _, folder := range slices.Sorted(maps.Keys(part)) {
			w.write(fmt.Sprintf("logs/%s/part-%02d.jsonl.gz", folder, i), part[folder])
		}
		if i%6 == 1 { // to look at all of them takes longer than to make them
			w.addsRestatements(span, "late_data", last)
		} else {
			w.mustRun(span)
		}
	}
	w.sameAsFresh(span)
}

func filesIn(folder string) []string {
	files, _ := filepath.Glob(filepath.Join(folder, "*"))
	return files
}

func TestANewDayRestatesNothingThatOnlyMatures(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "Asia/Seoul")
	w.options.K = 2
	alerts := func(day string, n int) string {
		var b strings.Builder
		for user := range n {
			fmt.Fprintf(&b, `{"ts":"%sT10:00:00+09:00","env":"prod","user_id":%d,"event":"ALERT_SENT","variant_id":"v%d"}`+"\n", day, user+1, user%3)
			fmt.Fprintf(&b, `{"ts":"%sT11:00:00+09:00","env":"prod","user_id":%d,"event":"LOSS_BANNER_IMPRESSION"}`+"\n", day, user+1)
			fmt.Fprintf(&b, `{"ts":"%sT12:00:00+09:00","env":"prod","user_id":%d,"event":"VAULT_UNLOCKED","vault_type":"GOLD"}`+"\n", day, user+1)
			fmt.Fprintf(&b, `{"ts":"%sT23:30:00+09:00","env":"prod","user_id":%d,"event":"LOSS_BANNER_IMPRESSION"}`+"\n", day, user+20)
		}
		return b.String()
	}
	w.write("logs/2026-01-01/a.jsonl", []byte(alerts("2026-01-01", 4)))
	w.write("logs/2026-01-02/a.jsonl", []byte(alerts("2026-01-02", 5)))
	w.mustRun("2026-01-01")
	before := w.cells()
	second := w.mustRun("2026-01-02")
	if second.Restated != 0 || w.query("select count(*) as n from restatement") != "n\n0\n" {
		t.Errorf("the night of the second day restated %d cells:\n%s", second.Restated, w.query(restated))
	}
	if len(changes(before, w.cells(), "", "")) == 0 {
		t.Error("nothing matured: the test shows nothing")
	}

	// A missed day in between changes cells that nobody called immature.
	w.write("logs/2026-01-04/a.jsonl", []byte(alerts("2026-01-04", 5)))
	w.mustRun("2026-01-04")
	w.write("logs/2026-01-03/a.jsonl", []byte(alerts("2026-01-03", 3)))
	gap := w.mustRun("2026-01-03")
	if got := rowsOf(w.query("select distinct dt, period, old_state, new_state, cause, as_of from restatement order by all")); gap.Restated == 0 ||
		!slices.Contains(got, "2026-01-04,qtd,partial,ok,late_data,2026-01-03") || slices.ContainsFunc(got, func(row string) bool { return strings.Contains(row, "immature") }) {
		t.Errorf("the day that filled the gap restated\n%s", strings.Join(got, "\n"))
	}
}

func TestARestatementTellsDefinitionAndCodeFromLateData(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "Asia/Seoul")
	w.options.K = 1
	w.write("logs/2026-01-02/a.jsonl", []byte(sent(1)+"\n"+strings.ReplaceAll(sent(2), "user_id", "uid")+"\n"))
	w.mustRun("2026-01-02")

	w.options.Sources[0].Rename.Field = map[string]string{"uid": "user_id"}
	if renamed := w.addsRestatements("2026-01-02", "definition", "2026-01-02"); renamed.Restated == 0 || renamed.Ledger.Kept != 2 {
		t.Errorf("the refused line under another name: %+v", renamed)
	}
	w.options.K = 3
	if hidden := w.addsRestatements("2026-01-02", "definition", "2026-01-02"); hidden.Restated == 0 {
		t.Errorf("a larger k: %+v", hidden)
	}
	w.write("logs/2026-01-02/b.jsonl", []byte(sent(3)+"\n"))
	if late := w.addsRestatements("2026-01-02", "late_data", "2026-01-02"); late.Restated == 0 {
		t.Errorf("a late line: %+v", late)
	}
	w.sameAsFresh("2026-01-02")
}

func TestANightThatWasMissedIsCaughtUpOnceItsLogsAreThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "Asia/Seoul")
	day := func(d string) {
		w.write("logs/"+d+"/a.jsonl", []byte(strings.ReplaceAll(sent(1), "2026-01-02", d)+"\n"))
	}
	night := func(d, want string) {
		t.Helper()
		w.options.CatchUp = true
		if got := fmt.Sprint(w.mustRun(d).Days); got != want {
			t.Errorf("the night of %s has the days %s, want %s", d, got, want)
		}
	}
	day("2026-01-01") // nobody asked for it: the first extracted day is later
	day("2026-01-02")
	night("2026-01-02", "[2026-01-02]")
	day("2026-01-03")
	day("2026-01-05")
	night("2026-01-05", "[2026-01-03 2026-01-05]")
	day("2026-01-06")
	w.options.Sources[0].Ready.MinEvents = 1
	w.write("logs/2026-01-04/a.jsonl", []byte("too few\n"))
	night("2026-01-06", "[2026-01-06]")
	day("2026-01-04")
	day("2026-01-07")
	night("2026-01-07", "[2026-01-04 2026-01-07]")
	w.sameAsFresh("2026-01-02..2026-01-07")
}
