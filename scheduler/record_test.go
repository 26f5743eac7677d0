package scheduler

import (
	"context"
	"encoding/hex"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"vaultreport/internal/bizday"
	"vaultreport/internal/duck"
	"vaultreport/internal/errs"
	"vaultreport/sql"
	"vaultreport/transform"
	"vaultreport/warehouse"
)

// newestFiles are the files of the newest snapshot.
type newestFiles struct {
	*warehouse.Manifest
	root *warehouse.Warehouse
}

func (n newestFiles) ReadPath(f warehouse.File) string { return n.root.ObjectPath(f) }

// Of each of these models, of which one reads itself, one reads days ahead, two are views, and one reads a snapshot alone: what is
// recorded of any day is a case that passes, the same each time, and shows no key, id or instant of its column by its digits.
func TestWhatIsRecordedOfRealRowsIsACaseThatPasses(t *testing.T) {
	w, _ := sampleAfterItsRun(t)
	root, err := warehouse.Open(warehouse.Options{Root: w.options.Warehouse})
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := root.Latest()
	if err != nil {
		t.Fatal(err)
	}
	files := newestFiles{manifest, root}
	project, err := transform.Load(sql.FS)
	if err != nil {
		t.Fatal(err)
	}
	db, err := duck.Open(context.Background(), duck.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	zone, err := bizday.LoadZone("Asia/Seoul")
	if err != nil {
		t.Fatal(err)
	}
	o := transform.Options{DB: db, Zone: zone, Params: transform.Params{K: 5, RetireAfter: 90, DiamondTarget: 300_000}, Log: w.options.Log}
	record := func(model string, day bizday.Day, rows int) (string, error) {
		return transform.Record(context.Background(), files, project, o, transform.Recording{Model: model, Dt: day, Users: 3, Rows: rows, Scratch: db, Dir: t.TempDir()})
	}
	days := files.Days("events")
	for _, model := range []string{"vault_move", "vault_state", "alert_daily", "metrics_batch", "progress_frequency", "metrics_vault_rates", "vault_daily", "metric_gap", "compensation_move"} {
		t.Run(model, func(t *testing.T) {
			for _, day := range []bizday.Day{days[0], days[len(days)-1]} {
				text, err := record(model, day, 1000)
				if err != nil {
					t.Fatalf("%s: %v", day, err)
				}
				if again, err := record(model, day, 1000); err != nil || again != text {
					t.Errorf("%s is recorded otherwise the second time: %v", day, err)
				}
				passes(t, project, db, model, text)
				if lower := strings.ToLower(text); strings.Contains(lower, `\x`) || hexOfLength(lower, 32) {
					t.Errorf("a key or an id is shown:\n%s", text)
				}
			}
		})
	}
	t.Run("a user's vault goes on from its state of the day before", func(t *testing.T) {
		text, err := record("vault_state", days[1], 50)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"\ngiven vault_state " + days[0].String(), "\ngiven vault_move " + days[1].String(), "\nexpect vault_state " + days[1].String(), " u01 ", " u03 "} {
			if !strings.Contains(text, want) {
				t.Errorf("%q is missing in\n%s", want, text)
			}
		}
		if strings.Contains(text, " u04 ") {
			t.Errorf("more than three users:\n%s", text)
		}
	})
	t.Run("more rows of nobody than a case takes are refused", func(t *testing.T) {
		_, err := record("metric_gap", days[0], 1)
		if errs.ClassOf(err) != errs.Usage || !strings.Contains(err.Error(), "rows of no user") {
			t.Errorf("got %v", err)
		}
	})
}

// passes runs a text as the cases of a model.
func passes(t *testing.T, project *transform.Project, db *duck.DB, model, text string) {
	t.Helper()
	cases, err := transform.UnitCases(fstest.MapFS{"models/" + model + ".test": {Data: []byte(text), Mode: fs.ModePerm}}, nil)
	if err != nil || len(cases) != 1 {
		t.Fatalf("%v\n%s", err, text)
	}
	dir := filepath.Join(t.TempDir(), "case")
	if err := os.Mkdir(dir, 0o750); err != nil {
		t.Fatal(err)
	}
	faults, err := project.RunUnit(context.Background(), cases[0], db, dir)
	if err != nil || len(faults) > 0 {
		t.Errorf("%v %s\n%s", err, strings.Join(faults, "\n"), text)
	}
}

// hexOfLength says whether a text has a word of hexadecimal digits as long as a key.
func hexOfLength(text string, digits int) bool {
	for _, word := range strings.Fields(strings.ReplaceAll(text, "-", "")) {
		if decoded, err := hex.DecodeString(word); err == nil && len(decoded)*2 == digits {
			return true
		}
	}
	return false
}
