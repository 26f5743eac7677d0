package extract

import (
	"encoding/binary"
	"slices"

	"vaultreport/extract/rows"
	"vaultreport/internal/event"
)

// An event as a rows.Row: its cells stand in the order by which a day file is sorted (docs/definitions.md section 2), event,
// user_key, ts, then the others in lake order, as far as the kind lists them; others are NULL in every row of the kind. Behind the
// row stands where the line was, so that the order of bytes is total: of equal lines the one in the first file is the first, then
// the one that stands first in it.

// kindLayout is how the rows of one kind are laid out.
type kindLayout struct {
	columns  []event.Column // in the order of their cells
	cells    []rows.Column  // the same for a rows.Writer
	identity []int          // places of the cells that lines of one identity have in common
	whole    []int          // those of a line without req_id
	content  []int          // those that a duplicate has in common with the kept line besides
}

// layouts are those of the kinds, by kind; that of no kind is empty.
var layouts = func() (list [event.VaultUnlocked + 1]kindLayout) {
	for _, kind := range event.Kinds() {
		list[kind] = newKindLayout(kind)
	}
	return list
}()

// eventLayouts are the same for a rows.Writer.
var eventLayouts = func() (list [][]rows.Column) {
	for _, l := range layouts {
		list = append(list, l.cells)
	}
	return list
}()

var (
	// headColumns have a cell in every row, so that these stand in the same place whatever the kind is.
	headColumns     = []event.Column{event.Event, event.UserKey, event.TS, event.VaultType, event.ReqID}
	identityColumns = event.Set(event.Event, event.Env, event.UserKey, event.VaultType, event.ReqID, event.TxID, event.CompensationID,
		event.Attempt, event.AttendanceDay, event.Job, event.Queue)
)

func newKindLayout(kind event.Kind) (l kindLayout) {
	l.columns = slices.Clone(headColumns)
	for c := range event.Column(event.NumColumns) {
		if kind.Lists().Has(c) && !slices.Contains(headColumns, c) {
			l.columns = append(l.columns, c)
		}
	}
	for i, c := range l.columns {
		l.cells = append(l.cells, cellOf(c))
		if identityColumns.Has(c) {
			l.identity = append(l.identity, i)
		}
		if c != event.TraceID {
			l.whole = append(l.whole, i)
		}
		if c != event.TraceID && c != event.TS {
			l.content = append(l.content, i)
		}
	}
	return l
}

func cellOf(c event.Column) rows.Column {
	column := rows.Column{Form: rows.Number, Leaf: int(c)}
	switch c {
	case event.TS:
		column.Required = true
	case event.UserKey, event.ReqID, event.TraceID, event.TxID, event.CompensationID:
		column.Form = rows.Key
	case event.Env:
		column.Form, column.Required = rows.Text, true
	case event.VariantID, event.NotifyType, event.Job, event.Queue:
		column.Form = rows.Text
	case event.Shadow:
		column.Form = rows.Truth
	case event.Event:
		column.Form, column.Required, column.Texts = rows.Code, true, []string{""}
		for _, k := range event.Kinds() {
			column.Texts = append(column.Texts, k.String())
		}
	case event.VaultType:
		column.Form, column.Texts = rows.Code, event.VaultTypes
	case event.StatusBefore, event.StatusAfter:
		column.Form, column.Texts = rows.Code, event.Statuses
	case event.ExtensionReason:
		column.Form, column.Texts = rows.Code, event.ExtensionReasons
	case event.Outcome:
		column.Form, column.Texts = rows.Code, event.Outcomes
	}
	return column
}

// kindOf returns the kind of the event whose row b begins with.
func kindOf(b []byte) event.Kind { return event.Kind(rows.CodeOf(b)) }

// appendEvent appends the row of an accepted line.
func appendEvent(b rows.Row, r *event.Record) rows.Row {
	for _, c := range layouts[r.Kind].columns {
		if !r.Present.Has(c) {
			b = rows.AppendNull(b)
			continue
		}
		switch c {
		case event.Event:
			b = rows.AppendCode(b, byte(r.Kind))
		case event.UserKey:
			b = rows.AppendKey(b, (*[16]byte)(&r.UserKey))
		case event.TS:
			b = rows.AppendNumber(b, r.TS)
		case event.VaultType:
			b = rows.AppendCode(b, byte(r.VaultType))
		case event.ReqID:
			b = rows.AppendKey(b, (*[16]byte)(&r.ReqID))
		case event.TraceID:
			b = rows.AppendKey(b, (*[16]byte)(&r.TraceID))
		case event.Env:
			b = rows.AppendText(b, r.Env)
		case event.StatusBefore:
			b = rows.AppendCode(b, byte(r.StatusBefore))
		case event.StatusAfter:
			b = rows.AppendCode(b, byte(r.StatusAfter))
		case event.ExpiresAt:
			b = rows.AppendNumber(b, r.ExpiresAt)
		case event.VariantID:
			b = rows.AppendText(b, r.VariantID)
		case event.NotifyType:
			b = rows.AppendText(b, r.NotifyType)
		case event.AttendanceDay:
			b = rows.AppendNumber(b, r.AttendanceDay)
		case event.TxID:
			b = rows.AppendKey(b, (*[16]byte)(&r.TxID))
		case event.Amount:
			b = rows.AppendNumber(b, r.Amount)
		case event.ExtensionReason:
			b = rows.AppendCode(b, byte(r.ExtensionReason))
		case event.Shadow:
			b = rows.AppendTruth(b, r.Shadow)
		case event.CompensationID:
			b = rows.AppendKey(b, (*[16]byte)(&r.CompensationID))
		case event.LatencyMS:
			b = rows.AppendNumber(b, r.LatencyMS)
		case event.Job:
			b = rows.AppendText(b, r.Job)
		case event.Outcome:
			b = rows.AppendCode(b, byte(r.Outcome))
		case event.Queue:
			b = rows.AppendText(b, r.Queue)
		case event.Depth:
			b = rows.AppendNumber(b, r.Depth)
		case event.Attempt:
			b = rows.AppendNumber(b, r.Attempt)
		}
	}
	return b
}

// eventOf is the inverse of appendEvent.
func eventOf(row rows.Row) (r event.Record) {
	var cells eventCells
	cells.find(row)
	for i, c := range layouts[kindOf(row)].columns {
		cell := cells.of(row, i)
		if rows.IsNull(cell) {
			continue
		}
		r.Present |= event.Set(c)
		switch c {
		case event.Event:
			r.Kind = event.Kind(rows.CodeOf(cell))
		case event.UserKey:
			r.UserKey = rows.KeyOf(cell)
		case event.TS:
			r.TS = rows.NumberOf(cell)
		case event.VaultType:
			r.VaultType = event.Enum(rows.CodeOf(cell))
		case event.ReqID:
			r.ReqID = rows.KeyOf(cell)
		case event.TraceID:
			r.TraceID = rows.KeyOf(cell)
		case event.Env:
			r.Env = string(rows.TextOf(cell))
		case event.StatusBefore:
			r.StatusBefore = event.Enum(rows.CodeOf(cell))
		case event.StatusAfter:
			r.StatusAfter = event.Enum(rows.CodeOf(cell))
		case event.ExpiresAt:
			r.ExpiresAt = rows.NumberOf(cell)
		case event.VariantID:
			r.VariantID = string(rows.TextOf(cell))
		case event.NotifyType:
			r.NotifyType = string(rows.TextOf(cell))
		case event.AttendanceDay:
			r.AttendanceDay = rows.NumberOf(cell)
		case event.TxID:
			r.TxID = rows.KeyOf(cell)
		case event.Amount:
			r.Amount = rows.NumberOf(cell)
		case event.ExtensionReason:
			r.ExtensionReason = event.Enum(rows.CodeOf(cell))
		case event.Shadow:
			r.Shadow = rows.TruthOf(cell)
		case event.CompensationID:
			r.CompensationID = rows.KeyOf(cell)
		case event.LatencyMS:
			r.LatencyMS = rows.NumberOf(cell)
		case event.Job:
			r.Job = string(rows.TextOf(cell))
		case event.Outcome:
			r.Outcome = event.Enum(rows.CodeOf(cell))
		case event.Queue:
			r.Queue = string(rows.TextOf(cell))
		case event.Depth:
			r.Depth = rows.NumberOf(cell)
		case event.Attempt:
			r.Attempt = rows.NumberOf(cell)
		}
	}
	return r
}

// eventCells says where the cells of a row begin, and at last where the row ends.
type eventCells [event.NumColumns + 1]int

func (p *eventCells) find(row rows.Row) {
	cells := layouts[kindOf(row)].cells
	at := 0
	for i := range cells {
		p[i] = at
		at += cells[i].Form.Width(row[at:])
	}
	p[len(cells)] = at
}

func (p *eventCells) of(row rows.Row, i int) []byte { return row[p[i]:p[i+1]] }

// appendSome appends some of a row's cells.
func (p *eventCells) appendSome(b []byte, row rows.Row, places []int) []byte {
	for _, i := range places {
		b = append(b, p.of(row, i)...)
	}
	return b
}

// place is where a line was.
type place struct {
	file   int // index into the run's files, which are sorted by name
	offset int64
	line   int64
}

const placeBytes = 4 + 6 + 6

func appendPlace(b []byte, p place) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(p.file))
	return appendSix(appendSix(b, p.offset), p.line)
}

// placeOf returns the place that b ends with.
func placeOf(b []byte) place {
	b = b[len(b)-placeBytes:]
	return place{int(binary.BigEndian.Uint32(b)), six(b[4:]), six(b[10:])}
}

// appendSix appends a number below 2^48, which no file reaches.
func appendSix(b []byte, n int64) []byte {
	return append(b, byte(n>>40), byte(n>>32), byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
}

func six(b []byte) int64 {
	return int64(binary.BigEndian.Uint16(b))<<32 | int64(binary.BigEndian.Uint32(b[2:]))
}
