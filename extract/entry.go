package extract

import (
	"encoding/binary"
	"errors"

	"vaultreport/internal/event"
)

// entry is a line on its way to its day, masked: an event, or a refused line with its reason.
type entry struct {
	file   int // index into the run's files, which are sorted by name
	line   int64
	offset int64
	reason event.Reason
	record event.Record // if reason is Accepted
	// of a refused line:
	env    string // empty: none
	field  string
	masked string
}

// appendEntry encodes an entry; unknownFields are the names of the dropped fields of an accepted line.
func appendEntry(b []byte, e *entry, unknownFields []string) []byte {
	b = binary.AppendUvarint(b, uint64(e.file))
	b = binary.AppendUvarint(b, uint64(e.line))
	b = binary.AppendUvarint(b, uint64(e.offset))
	b = append(b, byte(e.reason))
	if e.reason != event.Accepted {
		b = appendText(b, e.env)
		b = appendText(b, e.field)
		return appendText(b, e.masked)
	}
	b = binary.AppendUvarint(b, uint64(len(unknownFields)))
	for _, name := range unknownFields {
		b = appendText(b, name)
	}
	return appendRecord(b, &e.record)
}

func appendRecord(b []byte, r *event.Record) []byte {
	b = binary.AppendUvarint(b, uint64(r.Present))
	b = binary.AppendVarint(b, r.TS)
	b = append(b, byte(r.Kind), byte(r.VaultType), byte(r.StatusBefore), byte(r.StatusAfter), byte(r.ExtensionReason), byte(r.Outcome), 0)
	if r.Shadow {
		b[len(b)-1] = 1
	}
	for _, c := range keyColumns {
		if r.Present.Has(c.column) {
			b = append(b, c.of(r)[:]...)
		}
	}
	for _, c := range textColumns {
		if r.Present.Has(c.column) {
			b = appendText(b, *c.of(r))
		}
	}
	for _, c := range integerColumns {
		if r.Present.Has(c.column) {
			b = binary.AppendVarint(b, *c.of(r))
		}
	}
	return b
}

var keyColumns = []struct {
	column event.Column
	of     func(*event.Record) *event.Key
}{
	{event.UserKey, func(r *event.Record) *event.Key { return &r.UserKey }},
	{event.ReqID, func(r *event.Record) *event.Key { return &r.ReqID }},
	{event.TraceID, func(r *event.Record) *event.Key { return &r.TraceID }},
	{event.TxID, func(r *event.Record) *event.Key { return &r.TxID }},
	{event.CompensationID, func(r *event.Record) *event.Key { return &r.CompensationID }},
}

var textColumns = []struct {
	column event.Column
	of     func(*event.Record) *string
}{
	{event.Env, func(r *event.Record) *string { return &r.Env }},
	{event.VariantID, func(r *event.Record) *string { return &r.VariantID }},
	{event.NotifyType, func(r *event.Record) *string { return &r.NotifyType }},
	{event.Job, func(r *event.Record) *string { return &r.Job }},
	{event.Queue, func(r *event.Record) *string { return &r.Queue }},
}

var integerColumns = []struct {
	column event.Column
	of     func(*event.Record) *int64
}{
	{event.ExpiresAt, func(r *event.Record) *int64 { return &r.ExpiresAt }},
	{event.AttendanceDay, func(r *event.Record) *int64 { return &r.AttendanceDay }},
	{event.Amount, func(r *event.Record) *int64 { return &r.Amount }},
	{event.LatencyMS, func(r *event.Record) *int64 { return &r.LatencyMS }},
	{event.Depth, func(r *event.Record) *int64 { return &r.Depth }},
	{event.Attempt, func(r *event.Record) *int64 { return &r.Attempt }},
}

func appendText(b []byte, text string) []byte {
	b = binary.AppendUvarint(b, uint64(len(text)))
	return append(b, text...)
}

var errSpill = errors.New("the spill file does not hold what was written to it")

// decoder reads entries back. Equal texts share memory.
type decoder struct {
	rest  []byte
	err   error
	texts map[string]string
}

// next reads an entry and calls unknown for each name of a dropped field. It is false at the end and after an error.
func (d *decoder) next(e *entry, unknown func(name string)) bool {
	if len(d.rest) == 0 || d.err != nil {
		return false
	}
	*e = entry{file: int(d.uvarint()), line: int64(d.uvarint()), offset: int64(d.uvarint()), reason: event.Reason(d.bytes(1)[0])}
	if e.reason != event.Accepted {
		e.env, e.field, e.masked = d.text(), d.text(), string(d.bytes(int(d.uvarint())))
		return d.err == nil
	}
	for range d.uvarint() {
		unknown(d.text())
	}
	d.record(&e.record)
	return d.err == nil
}

func (d *decoder) record(r *event.Record) {
	r.Present = event.Columns(d.uvarint())
	r.TS = d.varint()
	codes := d.bytes(7)
	r.Kind = event.Kind(codes[0])
	r.VaultType, r.StatusBefore, r.StatusAfter = event.Enum(codes[1]), event.Enum(codes[2]), event.Enum(codes[3])
	r.ExtensionReason, r.Outcome, r.Shadow = event.Enum(codes[4]), event.Enum(codes[5]), codes[6] == 1
	for _, c := range keyColumns {
		if r.Present.Has(c.column) {
			copy(c.of(r)[:], d.bytes(len(event.Key{})))
		}
	}
	for _, c := range textColumns {
		if r.Present.Has(c.column) {
			*c.of(r) = d.text()
		}
	}
	for _, c := range integerColumns {
		if r.Present.Has(c.column) {
			*c.of(r) = d.varint()
		}
	}
}

func (d *decoder) uvarint() uint64 {
	v, n := binary.Uvarint(d.rest)
	d.skip(n)
	return v
}

func (d *decoder) varint() int64 {
	v, n := binary.Varint(d.rest)
	d.skip(n)
	return v
}

func (d *decoder) skip(n int) {
	if n <= 0 {
		d.rest, d.err = nil, errSpill
		return
	}
	d.rest = d.rest[n:]
}

// bytes returns the next n bytes, zeros if there are fewer.
func (d *decoder) bytes(n int) []byte {
	if n < 0 || n > len(d.rest) {
		d.rest, d.err = nil, errSpill
		return make([]byte, min(max(n, 0), 1<<10))
	}
	b := d.rest[:n]
	d.rest = d.rest[n:]
	return b
}

func (d *decoder) text() string {
	b := d.bytes(int(d.uvarint()))
	if shared, ok := d.texts[string(b)]; ok {
		return shared
	}
	text := string(b)
	if len(d.texts) < maxSharedTexts {
		d.texts[text] = text
	}
	return text
}

// maxSharedTexts bounds the memory that hostile input can claim by texts that never repeat.
const maxSharedTexts = 1 << 16
