package transform

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"vaultreport/sql"
	"vaultreport/warehouse"
)

func TestATableIsTheSameWithoutItsModel(t *testing.T) {
	project, err := Load(sql.FS)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range project.Tables() {
		got, err := LoadTables(sql.FS, []string{want.Name})
		if err != nil || !cmp.Equal(got, []warehouse.Table{want}) {
			t.Errorf("%s: got %v, %v\nwant %v", want.Name, got, err, want)
		}
	}
}

func TestTablesAreOnlyThoseWithFiles(t *testing.T) {
	// metrics_latency is a view that is like metric_measure.
	got, err := LoadTables(sql.FS, []string{"no_such_table", "metrics_latency"})
	if err != nil || len(got) != 1 || got[0].Name != "metric_measure" {
		t.Errorf("got %v, %v, want metric_measure alone", got, err)
	}
	if got, err := LoadTables(sql.FS, nil); err != nil || got != nil {
		t.Errorf("no names: got %v, %v", got, err)
	}
}
