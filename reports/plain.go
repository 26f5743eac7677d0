package reports

import (
	"cmp"
	"slices"
	"strings"
)

// plainSection is some metrics of an env in plain tables; plain_list.go names all of them. Its name, and those of its tables and
// columns, are keys of messages.yaml behind "plain_".
type plainSection struct {
	name   string
	tables []plainTable
}

// plainTable has a row for each value of one split that the day has, and a column for each thing that is said of it.
type plainTable struct {
	name       string
	title      string // in place of words for the name
	rows       split
	columns    []plainColumn
	of         string // what the rows are, where the split does not say it
	names      bool   // the rows are names that come from outside, none of which is a total
	mayBeEmpty bool   // a day may have no row, since nothing of the split occurred
}

// split is the dimension of metric_daily whose values are the rows of a table.
type split string

const (
	byType    split = "vault_type"
	byVariant split = "variant_id"
	bySegment split = "segment"
)

// plainColumn is a statistic of a metric; where the rows are no segments, of one of its segments.
type plainColumn struct{ metric, statistic, segment, label string }

// plainView is a section of one env as plain.html shows it. Absent is why there is nothing to show, else "".
type plainView struct {
	ID, Title, Absent string
	IsOfDay           bool // and of no env
	Tables            []plainTableView
}

type plainTableView struct {
	Caption, Row string
	Cards        bool // on a phone each row is a card
	Columns      []string
	Rows         []plainRowView
	Notes        []string
}

type plainRowView struct {
	Name  string
	Total bool
	Cells []plainCellView
}

// plainCellView is a value in texts. Without a value only Label and Note are set.
type plainCellView struct{ Label, Value, Detail, Note string }

// plain returns the section of a name of plainSections.
func plain(name string) section {
	i := slices.IndexFunc(plainSections, func(s plainSection) bool { return s.name == name })
	return section{"plain.html", func(p *page, m *marts, env string) any { return p.plainSection(plainSections[i], m, cmp.Or(env, all)) }}
}

// plainSection is nil where the mart has nothing of the section.
func (p *page) plainSection(s plainSection, m *marts, env string) any {
	view := plainView{ID: s.name + "-" + env, Title: p.say("plain_" + s.name), IsOfDay: env == all}
	var reasons []string
	computable := false
	for _, t := range s.tables {
		columns, missing := p.found(t, m, env)
		computable = computable || len(columns) > 0
		for _, c := range missing {
			computable = computable || !c.isMissing
			reasons = append(reasons, c.reasons...)
		}
		switch {
		case len(columns) > 0:
			view.Tables = append(view.Tables, p.plainTable(t, columns, missing, m, env))
		case len(missing) > 0:
			view.Tables = append(view.Tables, plainTableView{Notes: []string{p.absent(p.titleOf(t), missing)}})
		case t.mayBeEmpty:
			view.Tables = append(view.Tables, plainTableView{Notes: []string{p.say("plain_nothing", "name", p.titleOf(t))}})
		}
	}
	switch {
	case computable:
		return view
	case len(reasons) > 0:
		view.Absent, view.Tables = p.say("plain_absent", "why", strings.Join(unique(reasons), "; ")), nil
		return view
	default:
		return nil
	}
}

// foundColumn is a column with its cells by row.
type foundColumn struct {
	plainColumn
	cells     map[string]cell
	isMissing bool     // no cell can be computed
	reasons   []string // of that, in words
	notes     []string // of all cells
}

// found returns the columns of which the mart has something, and apart from them those that one sentence can stand for: they
// cannot be computed, or have no value and the same note everywhere.
func (p *page) found(t plainTable, m *marts, env string) (columns, missing []foundColumn) {
	for _, c := range t.columns {
		f := foundColumn{plainColumn: c, cells: map[string]cell{}, isMissing: true}
		hasValue := false
		for _, k := range m.keys[metricKey{env, c.metric}] {
			row, is := t.row(c, k)
			if !is {
				continue
			}
			found := m.cells[k]
			f.cells[row] = found
			hasValue = hasValue || found.value.Valid
			f.notes = append(f.notes, p.cellNote(found, true))
			if found.state == "not_computable" {
				f.reasons = append(f.reasons, p.reason(found.state, found.reason.V, false))
			} else {
				f.isMissing = false
			}
		}
		slices.Sort(f.notes)
		slices.Sort(f.reasons)
		f.notes = slices.Compact(f.notes)
		switch {
		case len(f.cells) == 0:
		case f.isMissing || !hasValue && len(f.notes) == 1:
			missing = append(missing, f)
		default:
			columns = append(columns, f)
		}
	}
	return columns, missing
}

// row returns the row of a column in which a cell stands, and whether it is one of the column.
func (t plainTable) row(c plainColumn, k cellKey) (row string, is bool) {
	segment := cmp.Or(c.segment, all)
	want := cellKey{k.env, k.metric, "day", all, all, segment, c.statistic}
	switch t.rows {
	case byType:
		row, want.vaultType = k.vaultType, k.vaultType
	case byVariant:
		row, want.variant = k.variant, k.variant
	default:
		row, want.segment = k.segment, k.segment
	}
	return row, k == want
}

// maxRows bounds a table whose rows anybody may add to: fields, jobs, variants.
const maxRows = 20

func (p *page) plainTable(t plainTable, columns, missing []foundColumn, m *marts, env string) plainTableView {
	view := plainTableView{
		Caption: p.say("plain_caption", "name", p.titleOf(t), "env", p.envName(env)),
		Row:     p.say("plain_row_" + cmp.Or(t.of, string(t.rows))),
		Cards:   len(columns) > 2,
	}
	for _, c := range columns {
		view.Columns = append(view.Columns, p.say("plain_"+c.label))
	}
	rows := t.rowNames(columns)
	if len(rows) > maxRows {
		view.Notes = append(view.Notes, p.say("plain_shown", "shown", count(maxRows), "rows", count(int64(len(rows))), "column", view.Columns[0]))
		rows = greatest(rows, columns[0], maxRows)
	}
	reservation, isShared := p.reservation(columns, rows)
	for _, name := range rows {
		row := plainRowView{Name: p.rowName(t, name), Total: name == all && len(rows) > 1 && !t.names}
		for i, c := range columns {
			found, ok := c.cells[name]
			v := p.plainCell(found, ok)
			v.Label = view.Columns[i]
			if isShared && v.Note == reservation {
				v.Note = ""
			}
			row.Cells = append(row.Cells, v)
		}
		view.Rows = append(view.Rows, row)
	}
	if isShared {
		view.Notes = append(view.Notes, reservation)
	}
	for _, c := range missing {
		view.Notes = append(view.Notes, p.absent(p.say("plain_"+c.label), []foundColumn{c}))
	}
	return view
}

// reservation returns the remark that every value of a table has, which need not stand beside each of them.
func (p *page) reservation(columns []foundColumn, rows []string) (text string, isShared bool) {
	values := 0
	for _, c := range columns {
		for _, name := range rows {
			found, ok := c.cells[name]
			if !ok || !found.value.Valid {
				continue
			}
			note := p.cellNote(found, true)
			if note == "" || values > 0 && note != text {
				return "", false
			}
			text = note
			values++
		}
	}
	return text, values > 1
}

// rowNames returns the values of the split that any column has: types in their own order, others by name, ALL at the end.
func (t plainTable) rowNames(columns []foundColumn) []string {
	var rows []string
	for _, c := range columns {
		for name := range c.cells {
			rows = append(rows, name)
		}
	}
	slices.SortFunc(rows, func(a, b string) int {
		return cmp.Or(cmp.Compare(t.place(a), t.place(b)), cmp.Compare(a, b))
	})
	return slices.Compact(rows)
}

// inOrder are the values of a split that do not stand by name; "" stands for all that do.
var inOrder = map[split][]string{
	byType:    {"GOLD", "PLATINUM", "DIAMOND", "BONUS", "", "untyped", all},
	byVariant: {"", "untagged", all},
	bySegment: {"kept", "duplicate", "blank", "quarantined", "", all, "table"},
}

func (t plainTable) place(name string) int {
	if i := slices.Index(inOrder[t.rows], name); i >= 0 && !t.names {
		return i
	}
	return slices.Index(inOrder[t.rows], "")
}

// greatest returns the n rows with the greatest values of a column, in the order of rows; ALL is among them, if it is one.
func greatest(rows []string, c foundColumn, n int) []string {
	byValue := slices.Clone(rows)
	slices.SortStableFunc(byValue, func(a, b string) int {
		return cmp.Or(boolean(b == all)-boolean(a == all), cmp.Compare(c.cells[b].value.V, c.cells[a].value.V))
	})
	byValue = byValue[:n]
	return slices.DeleteFunc(slices.Clone(rows), func(name string) bool { return !slices.Contains(byValue, name) })
}

func boolean(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (p *page) plainCell(c cell, ok bool) plainCellView {
	if !ok {
		return plainCellView{Note: p.say("plain_no_row")}
	}
	view := plainCellView{Note: p.cellNote(c, ok)}
	if !c.value.Valid {
		return view
	}
	view.Value = p.amount(c.value.V, c.unit)
	if c.denominator.Valid {
		view.Detail = p.say("counts", "numerator", count(c.numerator.V), "denominator", count(c.denominator.V))
	}
	return view
}

// rowName returns a value of a split in words, as far as there are any.
func (p *page) rowName(t plainTable, name string) string {
	reason, isReason := strings.CutPrefix(name, "quarantined:")
	switch {
	case t.names:
		return name
	case isReason:
		return p.say("plain_quarantined", "reason", p.sayOr("quarantine_"+reason, reason))
	case name == all:
		return p.say("plain_all")
	default:
		return p.sayOr("plain_value_"+name, name)
	}
}

func (p *page) titleOf(t plainTable) string {
	if t.title != "" {
		return t.title
	}
	return p.say("plain_" + t.name)
}

func (p *page) envName(env string) string {
	if env == all {
		return p.say("plain_day")
	}
	return env
}

// absent says of something that it has no value, and why.
func (p *page) absent(name string, missing []foundColumn) string {
	var notes []string
	for _, c := range missing {
		notes = append(notes, c.notes...)
	}
	return p.say("plain_absent_of", "name", name, "why", strings.Join(unique(notes), "; "))
}

func unique(texts []string) []string {
	var result []string
	for _, text := range texts {
		if !slices.Contains(result, text) {
			result = append(result, text)
		}
	}
	return result
}
