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
	for _, names := range [][]string{{"no_such_table", "metrics_latency"}, nil} { // one does not exist, the other is a view
		if got, err := LoadTables(sql.FS, names); err != nil || len(got) > 0 {
			t.Errorf("%v: got %v, %v", names, got, err)
		}
	}
}
