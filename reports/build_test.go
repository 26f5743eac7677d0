package reports

import (
	"strings"
	"testing"

	"vaultreport/internal/bizday"
	"vaultreport/internal/errs"
	"vaultreport/warehouse"
)

func TestAReportIsBuiltAgainOnlyWhenItsKeyChanges(t *testing.T) {
	store, db := fixture(t, "two_envs")
	o := options(db, "en")
	build := func(o Options) int {
		t.Helper()
		before := store.added
		if err := Build(t.Context(), store, []bizday.Day{friday}, o); err != nil {
			t.Fatal(err)
		}
		return store.added - before
	}
	if build(o) != 1 {
		t.Fatal("the first build added no report")
	}
	first := string(store.html)
	if build(o) != 0 {
		t.Error("nothing changed, and the report was built again")
	}

	changes := map[string]func(*Options){
		"the title":    func(o *Options) { o.Title = "Vaults" },
		"the language": func(o *Options) { o.Language = "ko" },
		"the zone":     func(o *Options) { o.Zone = "UTC" },
		"k":            func(o *Options) { o.K = 6 },
		"a rule":       func(o *Options) { o.Rules = o.Rules[1:] },
	}
	for name, change := range changes {
		build(o)
		changed := o
		change(&changed)
		if build(changed) != 1 {
			t.Errorf("%s changed, and the report was not built again", name)
		}
	}
	for _, table := range inputTables {
		build(o)
		file := store.files[table]
		file.SHA256 = strings.Repeat("0", 64)
		store.files[table] = file
		if build(o) != 1 {
			t.Errorf("table %s changed, and the report was not built again", table)
		}
	}
	if string(store.html) != first {
		t.Error("the same marts and options gave other bytes")
	}
}

func TestKeysDoNotRunTogether(t *testing.T) {
	a := reportKey(inputs{}, "", Options{Title: "Vault", Language: "en", Zone: "UTC"})
	b := reportKey(inputs{}, "", Options{Title: "Vaulte", Language: "n", Zone: "UTC"})
	if a == b {
		t.Error("two titles with two languages have one key")
	}
}

func TestAMissingMartIsNamedWithItsDay(t *testing.T) {
	for _, table := range inputTables {
		store, db := fixture(t, "empty")
		delete(store.files, table)
		err := Build(t.Context(), store, []bizday.Day{friday}, options(db, "en"))
		if err == nil || !strings.Contains(err.Error(), table) || !strings.Contains(err.Error(), "2026-02-13") {
			t.Errorf("%s: got %v, want an error that names table and day", table, err)
		}
		if errs.ClassOf(err) != errs.Gate {
			t.Errorf("%s: got class %v, want Gate", table, errs.ClassOf(err))
		}
		if store.added != 0 {
			t.Errorf("%s: a report was added all the same", table)
		}
	}
}

func TestAnUnreadableMartIsNamedWithItsDay(t *testing.T) {
	store, db := fixture(t, "empty")
	store.files["row_ledger"] = warehouse.File{Path: "gone.parquet", Table: "row_ledger", Dt: friday}
	err := Build(t.Context(), store, []bizday.Day{friday}, options(db, "en"))
	if err == nil || !strings.HasPrefix(err.Error(), "report of 2026-02-13: read table row_ledger: ") {
		t.Errorf("got %v, want an error that names day and table", err)
	}
}

func TestWrongOptionsAreUsageErrors(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Options)
		hint   string
	}{
		"a language that has no messages": {func(o *Options) { o.Language = "fr" }, "use one of: en, ko"},
		"an empty title":                  {func(o *Options) { o.Title = " " }, "name what the report is about"},
	} {
		o := options(nil, "en")
		c.change(&o)
		err := Build(t.Context(), &fakeStore{}, nil, o)
		if errs.ClassOf(err) != errs.Usage || errs.HintOf(err) != c.hint {
			t.Errorf("%s: got %v with hint %q, want a usage error with hint %q", name, err, errs.HintOf(err), c.hint)
		}
	}
}
