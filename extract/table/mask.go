package table

import (
	"strconv"
	"time"
	"unicode/utf8"

	"vaultreport/extract/rows"
	"vaultreport/internal/pii"
)

// A masked text shows what a refused row was like, by the rules for refused lines (docs/sources.md section 1):
//
//	{"user_id":<number:10>,"gold_status":<string:6>,"platinum_status":"LOCKED","expires_at":null}
//
// It holds the columns that the source has, under their names of docs/sources.md, in lake order. A value that the lake
// would show is shown if it is in its domain and does not look like personal data; any other is its kind and its length.

// maxMasked is the longest masked text in bytes. A longer one ends before the first column that does not fit.
const maxMasked = 1024

// hashedValue stands for a value of which only the hash is left.
const hashedValue = "<hashed>"

func (c *Checker) mask(values []Value) string {
	var m masked
	for i, column := range c.spec.Columns {
		v := *c.value(i, values)
		switch {
		case c.match.place[i] < 0:
		case v.Kind == Null:
			m.add(column, "null")
		case column.privacy == asIs && c.isGood(&column, &v):
			m.addClear(column, v)
		default:
			m.add(column, kindText(column, v))
		}
	}
	return m.finish()
}

// Masked returns the masked text of a row that was accepted and is refused later, as a conflicting duplicate.
func (s *Spec) Masked(r rows.Row) string {
	var m masked
	s.cells(r, func(_ int, c *Column, cell []byte) {
		switch {
		case rows.IsNull(cell):
			m.add(*c, "null")
		case c.privacy != asIs:
			m.add(*c, hashedValue)
		case c.Type == TextType:
			m.addClear(*c, Value{Kind: Text, Bytes: rows.TextOf(cell)})
		case c.Type == BooleanType:
			m.addClear(*c, Value{Kind: Boolean, Int: bool2int(rows.TruthOf(cell))})
		default:
			m.addClear(*c, Value{Int: rows.NumberOf(cell)})
		}
	})
	return m.finish()
}

func bool2int(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// kindText returns the kind of a value and its length: digits of a number, else code points.
func kindText(column Column, v Value) string {
	switch v.Kind {
	case Integer:
		return kindOf("number", len(strconv.FormatInt(v.Int, 10)))
	case Boolean:
		return kindOf("bool", len(strconv.FormatBool(v.Int == 1)))
	case Instant:
		return kindOf("string", len(instantText(v.Int)))
	default:
		if column.Type == IntegerType && isNumeric(v.Bytes) {
			return kindOf("number", len(v.Bytes))
		}
		return kindOf("string", utf8.RuneCount(v.Bytes))
	}
}

func kindOf(kind string, length int) string { return "<" + kind + ":" + strconv.Itoa(length) + ">" }

func instantText(micros int64) string {
	return time.UnixMicro(micros).UTC().Format("2006-01-02T15:04:05.999999Z")
}

// masked builds a masked text. The zero masked is empty.
type masked struct {
	text []byte
	full bool
}

// addClear adds a value that is in its domain, none of which needs escapes.
func (m *masked) addClear(c Column, v Value) {
	text, quote := "", ""
	switch c.Type {
	case TextType:
		text, quote = string(v.Bytes), `"`
	case BooleanType:
		text = strconv.FormatBool(v.Int == 1)
	case InstantType:
		text, quote = instantText(v.Int), `"`
	default:
		text = strconv.FormatInt(v.Int, 10)
	}
	if _, found := pii.Find(text); found {
		kind := "string"
		if quote == "" {
			kind = "number"
		}
		m.add(c, kindOf(kind, len(text)))
		return
	}
	m.add(c, quote+text+quote)
}

func (m *masked) add(c Column, shown string) {
	const around = len(`{"":}`)
	if m.full = m.full || len(m.text)+around+len(c.Source)+len(shown) > maxMasked; m.full {
		return
	}
	separator := byte(',')
	if len(m.text) == 0 {
		separator = '{'
	}
	m.text = append(append(append(append(m.text, separator, '"'), c.Source...), '"', ':'), shown...)
}

// finish returns the text. Values that are harmless one by one may look like personal data together, and then the text
// would stop the publication of everything: it shows nothing.
func (m *masked) finish() string {
	if len(m.text) == 0 {
		return "{}"
	}
	text := string(append(m.text, '}'))
	if _, found := pii.Find(text); found {
		return kindOf("object", len(text))
	}
	return text
}
