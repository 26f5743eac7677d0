package transform

import (
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"vaultreport/internal/errs"
	"vaultreport/internal/event"
	"vaultreport/sql"
)

// shipped returns the files of package sql, to be changed.
func shipped(t testing.TB) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	err := fs.WalkDir(sql.FS, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(sql.FS, name)
		files[name] = &fstest.MapFile{Data: data}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// edit replaces the first occurrence of a text, which must be there.
func edit(t testing.TB, files fstest.MapFS, name, from, to string) {
	t.Helper()
	text := string(files[name].Data)
	if !strings.Contains(text, from) {
		t.Fatalf("%s does not hold %q", name, from)
	}
	files[name] = &fstest.MapFile{Data: []byte(strings.Replace(text, from, to, 1))}
}

func TestLoadRefuses(t *testing.T) {
	for _, c := range []struct {
		name, file, from, to string
		want                 string
	}{
		{"an unknown key", "models/env_seen.yaml", "grain:", "grane:", `models/env_seen.yaml:2: unknown key "grane"`},
		{"an unknown key of a column", "models/env_seen.yaml", "not_null: true", "nonnull: true", `models/env_seen.yaml:15: unknown key "nonnull"`},
		{"an unknown key of an input", "models/env_seen.yaml", "days: same", "day: same", `models/env_seen.yaml:8: unknown key "day"`},
		{"an unknown type", "models/env_seen.yaml", "type: DATE", "type: DAY", `models/env_seen.yaml:13: column dt: type "DAY"`},
		{"a column twice", "models/env_seen.yaml", "name: env,", "name: dt,", `column "dt" is not a plain name, or there twice`},
		{"a range of a text", "models/env_seen.yaml", "meaning: environment", "min: 0, meaning: environment", `models/env_seen.yaml:14: column env: min and max "0" are for numbers`},
		{"a bound that is no number", "models/vault_daily.yaml", "unit: count, min: 0", "unit: count, min: 0 or 1=1", `column open_start: min and max "0 or 1=1"`},
		{"an unknown severity", "models/vault_daily.yaml", "unit: count, min: 0", "unit: count, min: 0, severity: info", `column open_start: severity "info" is neither error nor warn`},
		{"a negative tolerance", "models/vault_daily.yaml", "unit: count, min: 0", "unit: count, min: 0, tolerance: -1", "column open_start: tolerance -1 is negative"},
		{"an unknown severity of an invariant", "tests/windows_add_up.yaml", "inputs:", "severity: info\ninputs:", `tests/windows_add_up.yaml:2: severity "info" is neither error nor warn`},
		{"a severity of a whole table", "models/env_seen.yaml", "version: 1", "version: 1\nseverity: warn", "models/env_seen.yaml:5: severity and tolerance are those of an invariant, or of a column"},
		{"an unknown key of a volume", "lake/events.yaml", "least: 50", "at_least: 50", `lake/events.yaml:9: unknown key "at_least"`},
		{"a volume beside no days", "lake/events.yaml", "days: 7", "days: 0", "lake/events.yaml:9: volume: days 0 are no days"},
		{"a least above the mean", "lake/events.yaml", "least: 50", "least: 101", "lake/events.yaml:9: volume: least 101 is no share"},
		{"a most below the mean", "lake/events.yaml", "most: 200", "most: 99", "lake/events.yaml:9: volume: most 99 lies below"},
		{"a column without meaning", "models/env_seen.yaml", "meaning: environment", "unit: count", "column env: meaning is missing"},
		{"a key that is no column", "models/env_seen.yaml", "key: [dt, env]", "key: [dt, ens]", `key column "ens" is not a column`},
		{"a model without a key", "models/env_seen.yaml", "key: [dt, env]", "key: []", "a model needs a key"},
		{"an unknown input", "models/env_seen.yaml", "table: events", "table: event", `models/env_seen.yaml:8: input event: no table "event"`},
		{"two inputs of one name", "models/env_seen.yaml", "as: env_seen_before", "as: events", `input "events" is not a plain name, or there twice`},
		{"unknown days", "models/env_seen.yaml", "days: same", "days: sane", `days "sane"`},
		{"an unknown parameter", "models/vault_state.yaml", "[retire_after]", "[retire]", `parameter "retire"`},
		{"a window that is no length", "models/alert_daily.yaml", "window: 24h", "window: 24", `window "24" is not a length such as 24h`},
		{"days of no window", "models/alert_daily.yaml", "window: 24h\n", "", "input alert_click: days are those of a window, and there is no window"},
		{"an unknown calendar", "models/metric_change.yaml", "previous_quarter_start..same", "always", `calendar "always"`},
		{"a later day of a model", "models/metric_change.yaml", "days: -7", "days: 7", "a model cannot read a later day of model metric_daily, which is not made of its own day alone"},
		{"a whole quarter", "models/metric_change.yaml", "days: -7", "days: quarter_to_date", "quarter_to_date is for queries that explain: no night may read a quarter"},
		{"a view of another day", "models/metric_measure.yaml", "table: metrics_batch, days: same", "table: metrics_batch, days: -1", "input metrics_batch: metrics_batch is a view, which has its reader's day only"},
		{"an invariant about a view", "tests/metrics_progress_adds_up.yaml", "metric_measure", "metrics_progress", "input metrics_progress: metrics_progress is a view, and an invariant is about files"},
		{"a view with a version", "models/metrics_batch.yaml", "view: true", "view: true\nversion: 1", "a view has no window, no version"},
		{"a table without a version", "models/env_seen.yaml", "version: 1", "", "models/env_seen.yaml:1: version is missing: a new table begins with 1"},
		{"a version of three parts", "models/env_seen.yaml", "version: 1", "version: 1.0.1", `models/env_seen.yaml:4: version "1.0.1" is neither`},
		{"a minor version of zero, which has another form", "models/env_seen.yaml", "version: 1", "version: 1.0", `models/env_seen.yaml:4: version "1.0" is neither`},
		{"a tag twice", "models/env_seen.yaml", "tags: [quality]", "tags: [quality, quality]", `models/env_seen.yaml:6: tag "quality" is not made of lower-case letters, digits and _, or there twice`},
		{"a reader without a name", "models/metric_daily.yaml", "[report page, analysts]", "[report page, '']", `models/metric_daily.yaml:7: reader "" is empty`},
		{"an unknown key of a promise", "models/metric_daily.yaml", "by:", "until:", `models/metric_daily.yaml:8: unknown key "until"`},
		{"a promise without a time of the clock", "models/metric_daily.yaml", `"07:00"`, `"7"`, `models/metric_daily.yaml:8: freshness: by "7" is not a time of the form HH:MM`},
		{"a promise before the day has ended", "models/metric_daily.yaml", `"07:00"`, `"07:00", days_after: -1`, "models/metric_daily.yaml:8: freshness: days_after -1 lies before the day's end"},
		{"a promise of a view", "models/metrics_batch.yaml", "view: true", "view: true\nfreshness: {by: '07:00'}", "a view has no window, no version, no freshness"},
		{"a model made of what it does not read", "models/env_seen.yaml", "version: 1", "version: 1\nmade_of: [events]", "models/env_seen.yaml:5: made_of is for tables that no SQL fills"},
		{"a table made of nothing that exists", "models/alarm.yaml", "[alarm_evaluation, ", "[alarm_evaluations, ", `models/alarm.yaml:6: made_of: no table "alarm_evaluations"`},
		{"columns of its own beside those of another", "models/metrics_batch.yaml", "view: true", "view: true\nkey: [dt]", "key and columns are those of metric_measure"},
		{"columns of nobody", "models/metrics_batch.yaml", "like: metric_measure", "like: metric_measures", `like "metric_measures" is no table with columns of its own`},
		{"a wrong order", "models/env_seen.sql", "order by dt, env", "order by env, dt", "models/env_seen.sql does not end with its order"},
		{"no description", "models/env_seen.yaml", "description: Every env of the day", "description: # Every env of the day", "description is missing"},
		{"a table that nobody fills", "models/alarm.yaml", "written_by: alarms\n", "", "models/alarm.yaml: no models/alarm.sql and no written_by"},
		{"a model that somebody else fills", "models/env_seen.yaml", "version: 1", "version: 1\nwritten_by: extraction", "written_by is extraction, but models/env_seen.sql is there"},
		{"an unknown writer", "models/alarm.yaml", "written_by: alarms", "written_by: me", `written_by "me"`},
		{"a list for a mapping", "models/env_seen.yaml", "  - {table: events, days: same}", "  - events", "models/env_seen.yaml:8: not a mapping"},
		{"an open text", "models/env_seen.sql", "group by env\n)", "group by 'env\n)", "models/env_seen.sql: line"},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := shipped(t)
			edit(t, files, c.file, c.from, c.to)
			_, err := Load(files)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v, want %q", err, c.want)
			}
			if errs.ClassOf(err) != errs.Usage {
				t.Errorf("class %d, want Usage", errs.ClassOf(err))
			}
		})
	}
}

func TestLoadReportsAllFaultyFilesAtOnce(t *testing.T) {
	files := shipped(t)
	edit(t, files, "models/env_seen.yaml", "grain:", "grane:")
	edit(t, files, "lake/events.yaml", "grain:", "grane:")
	_, err := Load(files)
	if err == nil || !strings.Contains(err.Error(), "env_seen.yaml:2") || !strings.Contains(err.Error(), "events.yaml:2") {
		t.Errorf("got %v, want both files", err)
	}
}

func TestModelsWithoutAContractAreNamed(t *testing.T) {
	for _, name := range []string{"models/stray.sql", "tests/stray.sql"} {
		files := shipped(t)
		files[name] = &fstest.MapFile{Data: []byte("select 1")}
		if _, err := Load(files); err == nil || !strings.Contains(err.Error(), name+" has no contract") {
			t.Errorf("got %v, want that %s has no contract", err, name)
		}
	}
}

func TestModelsStandAfterWhatTheyRead(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range project(t).models {
		for _, in := range m.files {
			if source := project(t).contract(in.table); source.WrittenBy == "" && in.picker.sameDay && !seen[in.table] {
				t.Errorf("%s stands before %s, which it reads", m.table.Name, in.table)
			}
		}
		seen[m.table.Name] = true
	}
	if len(seen) != project(t).NumModels() || !seen["metric_change"] {
		t.Errorf("got %v", seen)
	}
}

func TestACircleOfModelsIsNamed(t *testing.T) {
	files := shipped(t)
	edit(t, files, "models/vault_move_by_event.yaml", "days: last_before, as: vault_state_before", "days: same, as: vault_state_before")
	_, err := Load(files)
	// Where it is entered depends on the models that read one of the three.
	if want := "vault_move -> vault_move_by_event -> vault_state -> vault_move -> vault_move_by_event -> vault_state"; err == nil || !strings.Contains(want, circleIn(err.Error())) {
		t.Errorf("got %v, want a round of %q", err, want)
	}
}

func circleIn(message string) string {
	_, circle, _ := strings.Cut(message, "in a circle: ")
	circle, _, _ = strings.Cut(circle, ":")
	if strings.Count(circle, " -> ") != 3 {
		return "no circle of three"
	}
	return circle
}

func TestTablesAreThoseOfTheContract(t *testing.T) {
	p := project(t)
	var names []string
	for _, table := range p.Tables() {
		names = append(names, table.Dir+"/"+table.Name)
	}
	for _, name := range []string{
		"lake/events", "lake/quarantine", "lake/unknown_field", "lake/vault_status", "lake/compensation_queue", "lake/notifications_queue",
		"lake/vault_expiry_extension_log", "marts/vault_state", "marts/vault_daily", "marts/metric_daily", "marts/metric_change",
		"marts/alarm_evaluation", "marts/alarm", "marts/expiry_extension_shadow_vs_actual", "marts/compensation_open", "marts/restatement",
		"marts/row_ledger", "marts/env_seen", "marts/env_source", "marts/vault_move", "marts/vault_move_by_event", "marts/vault_move_by_snapshot", "marts/vault_quarter",
		"marts/progress_frequency", "marts/frequency_quarter", "marts/metric_gap", "marts/metric_measure", "marts/metric_measure_window",
		"marts/vault_outcome", "marts/alert_click", "marts/alert_daily", "marts/impression_daily", "marts/unlock_daily",
	} {
		if !slices.Contains(names, name) {
			t.Errorf("%s is missing", name)
		}
	}
	if !slices.IsSorted(names) {
		t.Errorf("the order is not fixed: %v", names)
	}
	for _, table := range p.Tables() {
		if table.Dir == "marts" && table.Columns[0].Name != "dt" {
			t.Errorf("%s: dt is not the first column", table.Name)
		}
	}
}

func TestColumnsOfEventsAreThoseOfTheRecord(t *testing.T) {
	columns := table(t, project(t), eventsTable).Columns
	if len(columns) != event.NumColumns+1 || columns[event.NumColumns].Name != "dt" {
		t.Fatalf("got %v", columns)
	}
	for i := range event.NumColumns {
		if got, want := columns[i].Name, event.Column(i).String(); got != want {
			t.Errorf("column %d: got %s, want %s", i, got, want)
		}
	}
}
