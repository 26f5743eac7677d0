package sample

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEveryEventOccursInProd(t *testing.T) {
	w := theDefault(t)
	seen := map[string]int{}
	for d := w.first; d <= w.last; d++ {
		for _, r := range w.of("prod", d) {
			seen[r.event]++
		}
	}
	for k := range kinds {
		if seen[k.String()] == 0 {
			t.Errorf("%s does not occur", k)
		}
	}
}

func TestWhatIsReadIsWhatWasPlanted(t *testing.T) {
	w := theDefault(t)
	want := map[string]int{"lines": w.result.Lines, "kept": w.result.Lines}
	for _, name := range append(reasons[:], "truncated", "conflicting_duplicate", "duplicate", "blank", "out_of_range") {
		want[name] = w.result.Planted[name]
		want["kept"] -= w.result.Planted[name]
		if want[name] < 3 {
			t.Errorf("%s is planted %d times", name, want[name])
		}
	}
	if diff := cmp.Diff(want, w.tally); diff != "" {
		t.Errorf("planted (-) and read (+) differ:\n%s", diff)
	}
	for _, name := range []string{"late", "early", "bom", "crlf", "member", "no_line_end", "drift", "bad_row"} {
		if w.result.Planted[name] < 3 {
			t.Errorf("%s is planted %d times", name, w.result.Planted[name])
		}
	}
}

func TestEveryCanaryOccurs(t *testing.T) {
	w := theDefault(t)
	for _, canary := range plantable().all() {
		if len(canary) < 8 {
			t.Errorf("canary %q is too short to be searched for", canary)
		}
		if !bytes.Contains(w.text, []byte(canary)) {
			t.Errorf("canary %q does not occur", canary)
		}
	}
}

func TestCanariesAreInNoColumnThatIsKeptInTheClear(t *testing.T) {
	w := theDefault(t)
	values := map[string]bool{}
	for _, records := range w.days {
		for _, r := range records {
			for _, name := range []string{"event", "env", "vault_type", "variant_id", "notify_type", "job", "queue", "outcome", "extension_reason"} {
				values[r.text(name)] = true
			}
		}
	}
	for value := range values {
		for _, canary := range plantable().all() {
			if strings.Contains(value, canary) {
				t.Errorf("a column that is kept in the clear holds the canary %q", canary)
			}
		}
	}
}

func TestTheSameOptionsGiveTheSameBytesOnOneProcessor(t *testing.T) {
	o := Default()
	o.Days, o.Users = 12, 150
	many, err := readSample(o)
	if err != nil {
		t.Fatal(err)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	one, err := readSample(o)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(many.digests, one.digests); diff != "" {
		t.Errorf("files differ:\n%s", diff)
	}
	o.Seed++
	other, err := readSample(o)
	if err != nil {
		t.Fatal(err)
	}
	if one.digests["logs/2026-04-30/prod.jsonl.gz"] == other.digests["logs/2026-04-30/prod.jsonl.gz"] {
		t.Error("another seed gives the same file")
	}
}

func TestADayOfManyUsersHasTheWantedLinesAndAllUsers(t *testing.T) {
	w, err := readSample(Options{Seed: 7, Users: 5000, Days: 1, End: "2026-02-03", EventsPerUser: 10})
	if err != nil {
		t.Fatal(err)
	}
	if w.result.Lines < 45000 || w.result.Lines > 55000 {
		t.Errorf("%d lines for 5000 users of 10 events", w.result.Lines)
	}
	users := map[string]bool{}
	for _, r := range w.of("prod", w.first) {
		users[r.user] = true
	}
	if len(users) < 4950 {
		t.Errorf("only %d of 5000 users occur", len(users))
	}
	if len(w.result.Incidents) != 0 {
		t.Errorf("a single day has incidents: %v", w.result.Incidents)
	}
	for _, reason := range reasons {
		if w.tally[reason] == 0 {
			t.Errorf("%s does not occur on the first day", reason)
		}
	}
}

func TestUsersAreKnownByTheirIDs(t *testing.T) {
	o := Options{Users: 30000}
	ids := map[string]bool{}
	for _, id := range UserIDs(o) {
		text := strconv.FormatInt(id, 10)
		if len(text) != 12 || !strings.HasPrefix(text, "7340") {
			t.Fatalf("id of %d digits does not look like one", len(text))
		}
		ids[text] = true
	}
	if len(ids) != o.Users {
		t.Errorf("%d users have %d ids", o.Users, len(ids))
	}
	w := theDefault(t)
	known := map[string]bool{"": true}
	for _, id := range UserIDs(Default()) {
		known[strconv.FormatInt(id, 10)] = true
	}
	for d := w.first; d <= w.last; d++ {
		for _, r := range w.days[d] {
			if !known[r.user] {
				t.Fatalf("a line of %s has a user that UserIDs does not return", d)
			}
		}
	}
}

func TestLayoutIsThatOfTheContract(t *testing.T) {
	dir := t.TempDir()
	var steps []int
	result, err := Write(context.Background(), Options{Seed: 1, Users: 20, Days: 2, End: "2026-03-01", Dir: dir},
		func(done, total int) { steps = append(steps, done, total) })
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int{1, 2, 2, 2}, steps); diff != "" {
		t.Errorf("progress:\n%s", diff)
	}
	want := map[string]os.FileMode{"vaultreport.yaml": 0o640, "canaries.txt": 0o640, "incidents.json": 0o640, "secrets/user.key": 0o600}
	for _, d := range []string{"2026-02-28", "2026-03-01"} {
		for _, env := range envNames {
			want["logs/"+d+"/"+env+".jsonl.gz"] = 0o640
		}
		for _, table := range []string{"vault_status", "compensation_queue", "notifications_queue", "vault_expiry_extension_log"} {
			want["dumps/"+d+"/"+table+".csv"] = 0o640
		}
	}
	got := map[string]os.FileMode{}
	filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err == nil && !info.IsDir() {
			name, _ := filepath.Rel(dir, path)
			got[filepath.ToSlash(name)] = info.Mode()
		}
		return err
	})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	if result.Files != len(want) || result.First != "2026-02-28" || result.Last != "2026-03-01" || result.Config != filepath.Join(dir, "vaultreport.yaml") {
		t.Errorf("result %+v", result)
	}
	var incidents []Incident
	text, _ := os.ReadFile(filepath.Join(dir, "incidents.json"))
	if err := json.Unmarshal(text, &incidents); err != nil || incidents == nil {
		t.Errorf("incidents.json is no list: %q", text)
	}
}

func TestACancelledWriteStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	o := Options{Seed: 1, Users: 20, Days: 50, End: "2026-03-01", Dir: t.TempDir()}
	_, err := Write(ctx, o, func(done, _ int) {
		if done == 2 {
			cancel()
		}
		if done > 2 {
			t.Errorf("day %d was written after the end", done)
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
}

func TestWrongOptionsAreAllNamed(t *testing.T) {
	_, err := Write(context.Background(), Options{Days: -1, End: "30.4.2026", EventsPerUser: -2}, nil)
	if err == nil {
		t.Fatal("accepted")
	}
	for _, part := range []string{"users", "days", "30.4.2026", "events per user", "folder"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not name %s", err, part)
		}
	}
}

func TestAFileInTheWayIsAnError(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "logs"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Write(context.Background(), Options{Seed: 1, Users: 5, Days: 1, End: "2026-03-01", Dir: dir}, nil); err == nil {
		t.Error("written over a file")
	}
}
