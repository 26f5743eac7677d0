package extract

import (
	"encoding/binary"

	"vaultreport/extract/rows"
	"vaultreport/internal/event"
)

// An event as a rows.Row: its cells stand in the order by which a day file is sorted (docs/definitions.md section 2), event,
// user_key, ts, then the others in lake order. Behind the row stands where the line was, so that the order of bytes is total:
// of equal lines the one in the first file is the first, then the one that stands first in it.

// eventOrder are the columns in the order of their cells.
var eventOrder = func() (order [event.NumColumns]event.Column) {
	for i := range order {
		order[i] = event.Column(i)
	}
	order[0], order[1], order[2] = event.Event, event.UserKey, event.TS
	return order
}()

// eventColumns is the layout of the rows, in eventOrder.
var eventColumns = func() (columns [event.NumColumns]rows.Column) {
	kinds := []string{""}
	for _, k := range event.Kinds() {
		kinds = append(kinds, k.String())
	}
	codes := map[event.Column][]string{
		event.Event: kinds, event.VaultType: event.VaultTypes, event.StatusBefore: event.Statuses, event.StatusAfter: event.Statuses,
		event.ExtensionReason: event.ExtensionReasons, event.Outcome: event.Outcomes,
	}
	for i, c := range eventOrder {
		column := rows.Column{Form: rows.Number, Leaf: int(c), Required: c == event.TS || c == event.Event || c == event.Env, Texts: codes[c]}
		switch c {
		case event.UserKey, event.ReqID, event.TraceID, event.TxID, event.CompensationID:
			column.Form = rows.Key
		case event.Env, event.VariantID, event.NotifyType, event.Job, event.Queue:
			column.Form = rows.Text
		case event.Shadow:
			column.Form = rows.Truth
		default:
			if column.Texts != nil {
				column.Form = rows.Code
			}
		}
		columns[i] = column
	}
	return columns
}()

// appendEvent appends the row of an accepted line.
func appendEvent(b rows.Row, r *event.Record) rows.Row {
	b = rows.AppendCode(b, byte(r.Kind))
	b = appendKey(b, r, event.UserKey, &r.UserKey)
	b = rows.AppendNumber(b, r.TS)
	b = appendCode(b, r, event.VaultType, r.VaultType)
	b = appendKey(b, r, event.ReqID, &r.ReqID)
	b = appendKey(b, r, event.TraceID, &r.TraceID)
	b = rows.AppendText(b, r.Env)
	b = appendCode(b, r, event.StatusBefore, r.StatusBefore)
	b = appendCode(b, r, event.StatusAfter, r.StatusAfter)
	b = appendNumber(b, r, event.ExpiresAt, r.ExpiresAt)
	b = appendText(b, r, event.VariantID, r.VariantID)
	b = appendText(b, r, event.NotifyType, r.NotifyType)
	b = appendNumber(b, r, event.AttendanceDay, r.AttendanceDay)
	b = appendKey(b, r, event.TxID, &r.TxID)
	b = appendNumber(b, r, event.Amount, r.Amount)
	b = appendCode(b, r, event.ExtensionReason, r.ExtensionReason)
	if r.Present.Has(event.Shadow) {
		b = rows.AppendTruth(b, r.Shadow)
	} else {
		b = rows.AppendNull(b)
	}
	b = appendKey(b, r, event.CompensationID, &r.CompensationID)
	b = appendNumber(b, r, event.LatencyMS, r.LatencyMS)
	b = appendText(b, r, event.Job, r.Job)
	b = appendCode(b, r, event.Outcome, r.Outcome)
	b = appendText(b, r, event.Queue, r.Queue)
	b = appendNumber(b, r, event.Depth, r.Depth)
	return appendNumber(b, r, event.Attempt, r.Attempt)
}

func appendKey(b rows.Row, r *event.Record, c event.Column, key *event.Key) rows.Row {
	if !r.Present.Has(c) {
		return rows.AppendNull(b)
	}
	return rows.AppendKey(b, (*[16]byte)(key))
}

func appendNumber(b rows.Row, r *event.Record, c event.Column, n int64) rows.Row {
	if !r.Present.Has(c) {
		return rows.AppendNull(b)
	}
	return rows.AppendNumber(b, n)
}

func appendText(b rows.Row, r *event.Record, c event.Column, text string) rows.Row {
	if !r.Present.Has(c) {
		return rows.AppendNull(b)
	}
	return rows.AppendText(b, text)
}

func appendCode(b rows.Row, r *event.Record, c event.Column, code event.Enum) rows.Row {
	if !r.Present.Has(c) {
		return rows.AppendNull(b)
	}
	return rows.AppendCode(b, byte(code))
}

// eventOf is the inverse of appendEvent.
func eventOf(row rows.Row) (r event.Record) {
	var cells eventCells
	cells.find(row)
	for i, c := range eventOrder {
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

// eventCells says where the cells of a row begin; the last place is the row's end.
type eventCells [event.NumColumns + 1]int

func (p *eventCells) find(row rows.Row) {
	at := 0
	for i := range eventColumns {
		p[i] = at
		at += eventColumns[i].Form.Width(row[at:])
	}
	p[event.NumColumns] = at
}

func (p *eventCells) of(row rows.Row, i int) []byte { return row[p[i]:p[i+1]] }

// place is where a line was.
type place struct {
	file   int // index into the run's files, which are sorted by name
	offset int64
	line   int64
}

const placeBytes = 4 + 8 + 8

func appendPlace(b []byte, p place) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(p.file))
	b = binary.BigEndian.AppendUint64(b, uint64(p.offset))
	return binary.BigEndian.AppendUint64(b, uint64(p.line))
}

// placeOf returns the place that b ends with.
func placeOf(b []byte) place {
	b = b[len(b)-placeBytes:]
	return place{int(binary.BigEndian.Uint32(b)), int64(binary.BigEndian.Uint64(b[4:])), int64(binary.BigEndian.Uint64(b[12:]))}
}
