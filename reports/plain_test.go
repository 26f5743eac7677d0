package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// The test of messages knows the beginning of these keys only.
func TestEverySectionTableAndColumnOfThePlainTablesHasItsWords(t *testing.T) {
	texts, err := loadTexts("en")
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]bool{}
	say := func(key string) {
		said["plain_"+key] = true
		if texts["plain_"+key] == "" {
			t.Errorf("messages.yaml lacks plain_%s", key)
		}
	}
	for _, s := range plainSections {
		say(s.name)
		for _, table := range s.tables {
			say(table.name)
			say("row_" + cmp.Or(table.of, string(table.rows)))
			for _, c := range table.columns {
				say(c.label)
			}
		}
	}
	for key := range texts {
		if strings.HasPrefix(key, "plain_metric_") && !said[key] {
			t.Errorf("%s is of no column", key)
		}
	}
}

func TestEverySectionOfPlainTablesIsOnThePageOnce(t *testing.T) {
	var want, got []string
	for _, s := range plainSections {
		want = append(want, s.name)
	}
	p := testPage(t)
	for _, s := range slices.Concat(envSections, daySections) {
		if s.name != "plain.html" {
			continue
		}
		m := &marts{cells: map[cellKey]cell{}, keys: map[metricKey][]cellKey{}}
		for _, known := range plainSections {
			c := known.tables[0].columns[0]
			m.put(cellKey{"e", c.metric, "day", all, all, cmp.Or(c.segment, all), c.statistic}, cell{state: "not_computable"})
		}
		if view, shows := s.view(p, m, "e").(plainView); shows {
			got = append(got, strings.TrimSuffix(view.ID, "-e"))
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestAMetricThatNobodyShipsHasATableUnderItsName(t *testing.T) {
	m := &marts{cells: map[cellKey]cell{}, keys: map[metricKey][]cellKey{}}
	c := cell{state: "ok", unit: "count"}
	c.value.V, c.value.Valid = 7, true
	for _, variant := range []string{"b", "a", all} {
		m.put(cellKey{"prod", "own_count", "day", all, variant, all, "count"}, c)
	}
	m.put(cellKey{"prod", "alert_sent_count", "day", all, all, all, "count"}, c)
	view := addedMetrics(testPage(t), m, "prod").(plainView)
	if len(view.Tables) != 1 || view.Tables[0].Caption != "own_count, prod" || !slices.Equal(view.Tables[0].Columns, []string{"Count"}) {
		t.Fatalf("got %+v", view.Tables)
	}
	var rows []string
	for _, row := range view.Tables[0].Rows {
		rows = append(rows, row.Name+" "+row.Cells[0].Value)
	}
	if want := []string{"a 7", "b 7", "All 7"}; !slices.Equal(rows, want) {
		t.Errorf("got %v, want %v", rows, want)
	}
	if view := addedMetrics(testPage(t), m, "dev"); view != nil {
		t.Errorf("an env without added metrics shows %+v", view)
	}
}

func TestOfManyRowsThoseWithTheGreatestFiguresAreShown(t *testing.T) {
	m := &marts{cells: map[cellKey]cell{}, keys: map[metricKey][]cellKey{}}
	for i := range 30 {
		c := cell{state: "ok", unit: "count"}
		c.value.V, c.value.Valid = float64((i*7)%30), true
		m.put(cellKey{all, "dq_unknown_field", "day", all, all, fmt.Sprintf("field_%02d", i), "count"}, c)
	}
	view := plain("data_quality").view(testPage(t), m, "").(plainView)
	table := view.Tables[len(view.Tables)-1]
	if len(table.Rows) != maxRows || !slices.IsSortedFunc(table.Rows, func(a, b plainRowView) int { return strings.Compare(a.Name, b.Name) }) {
		t.Errorf("got %d rows, want %d by name", len(table.Rows), maxRows)
	}
	for _, row := range table.Rows {
		if len(row.Cells[0].Value) < 2 { // the ten smallest have one digit
			t.Errorf("%s with %s lines is shown, and greater ones are not", row.Name, row.Cells[0].Value)
		}
	}
	if len(table.Notes) != 1 || !strings.Contains(table.Notes[0], "20 of 30") {
		t.Errorf("the table says %v", table.Notes)
	}
}

func TestANameFromOutsideIsNoTotalAndHasNoWords(t *testing.T) {
	m := &marts{cells: map[cellKey]cell{}, keys: map[metricKey][]cellKey{}}
	for _, name := range []string{"ALL", "kept", "table"} {
		c := cell{state: "ok", unit: "count"}
		c.value.V, c.value.Valid = 1, true
		m.put(cellKey{all, "dq_unknown_field", "day", all, all, name, "count"}, c)
	}
	view := plain("data_quality").view(testPage(t), m, "").(plainView)
	for i, row := range view.Tables[len(view.Tables)-1].Rows {
		if want := []string{"ALL", "kept", "table"}[i]; row.Name != want || row.Total {
			t.Errorf("got row %+v, want %s", row, want)
		}
	}
}

func TestATimeIsSaidInTheUnitThatSuitsIt(t *testing.T) {
	p := testPage(t)
	for seconds, want := range map[float64]string{0.000001: "0 s", 59: "59 s", 61: "1 min", 3599: "60 min", 5400: "1.5 h", 86400: "1.0 days", 216000: "2.5 days"} {
		if got := p.amount(seconds, "s"); got != want {
			t.Errorf("%v: got %q, want %q", seconds, got, want)
		}
	}
	if got := p.amount(1234.56, "ms"); got != "1,234.6 ms" {
		t.Errorf("got %q", got)
	}
}

func testPage(t *testing.T) *page {
	t.Helper()
	p, err := newPage(options(nil, "en"))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (m *marts) put(k cellKey, c cell) {
	m.cells[k] = c
	of := metricKey{k.env, k.metric}
	m.keys[of] = append(m.keys[of], k)
}
