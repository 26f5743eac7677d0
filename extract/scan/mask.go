package scan

import (
	"strconv"
	"time"
	"unicode/utf8"

	"vaultreport/internal/event"
	"vaultreport/internal/pii"

	"github.com/go-json-experiment/json/jsontext"
)

// A masked text shows what a refused line was like, in the form of JSON, without anything personal:
//
//	{"ts":"2026-01-02T03:04:05Z","event":"VAULT_CLAIMED","user_id":<number:10>,"env":"prod"}
//
// It holds the fields that the line has and that any event lists, in lake order. The value of a clear column is shown
// as it is if it is valid for its column and does not look like personal data; of a field that the line has twice the
// first is shown. Any other value is its kind and its length: code points of a string, characters of a number or a
// boolean, bytes of an object or an array. null is null. A line that is no valid object is <bytes:N>.

// maxMasked is the longest masked text in bytes. A longer one ends before the first field that does not fit.
const maxMasked = 1024

// clearColumns are the columns that the lake shows as the line has them.
const clearColumns = ^event.Columns(1<<event.UserKey | 1<<event.ReqID | 1<<event.TraceID | 1<<event.TxID | 1<<event.CompensationID)

// hashedValue stands in MaskRecord for a value of which only the hash is left.
const hashedValue = "<hashed>"

// MaskRecord returns the masked text of a record, for a line that was accepted and is refused later as a conflicting
// duplicate. It is that of the line, except that instants are in UTC, numbers in plain digits, an env fixed by the source
// is shown, and a column that is no clear one is <hashed>, since its length is no longer known.
func MaskRecord(rec *event.Record) string {
	var m masked
	for c := range event.Column(event.NumColumns) {
		if !rec.Present.Has(c) {
			continue
		}
		if text, isString := clearValue(rec, c); isString {
			m.addString(c, text)
		} else {
			m.addLiteral(c, text)
		}
	}
	return m.finish()
}

// clearValue returns a column of a record in its text form, and whether that is a string in JSON.
func clearValue(rec *event.Record, c event.Column) (text string, isString bool) {
	switch c {
	case event.TS:
		return instantText(rec.TS), true
	case event.Event:
		return rec.Kind.String(), true
	case event.VaultType:
		return event.VaultTypes.Value(rec.VaultType), true
	case event.Env:
		return rec.Env, true
	case event.StatusBefore:
		return event.Statuses.Value(rec.StatusBefore), true
	case event.StatusAfter:
		return event.Statuses.Value(rec.StatusAfter), true
	case event.ExpiresAt:
		return instantText(rec.ExpiresAt), true
	case event.VariantID:
		return rec.VariantID, true
	case event.NotifyType:
		return rec.NotifyType, true
	case event.AttendanceDay:
		return strconv.FormatInt(rec.AttendanceDay, 10), false
	case event.Amount:
		return strconv.FormatInt(rec.Amount, 10), false
	case event.ExtensionReason:
		return event.ExtensionReasons.Value(rec.ExtensionReason), true
	case event.Shadow:
		return strconv.FormatBool(rec.Shadow), false
	case event.LatencyMS:
		return strconv.FormatInt(rec.LatencyMS, 10), false
	case event.Job:
		return rec.Job, true
	case event.Outcome:
		return event.Outcomes.Value(rec.Outcome), true
	case event.Queue:
		return rec.Queue, true
	case event.Depth:
		return strconv.FormatInt(rec.Depth, 10), false
	case event.Attempt:
		return strconv.FormatInt(rec.Attempt, 10), false
	default:
		return hashedValue, false
	}
}

func instantText(micros int64) string {
	return time.UnixMicro(micros).UTC().Format("2006-01-02T15:04:05.999999Z")
}

// mask returns the masked text of the line whose fields are set.
func (r *Reader) mask() string {
	var m masked
	var scratch event.Record
	for c := range event.Column(event.NumColumns) {
		value := &r.fields.values[c]
		switch {
		case r.fields.nulls.Has(c):
			m.addLiteral(c, "null")
		case !r.fields.has.Has(c):
		case !clearColumns.Has(c) || r.column(c, &scratch) != good:
			m.addKind(c, r.kindText(value))
		case value.kind == jsontext.KindString:
			text, _ := r.decode(c)
			m.addString(c, string(text))
		default:
			m.addLiteral(c, string(value.text))
		}
	}
	return m.finish()
}

// kindText returns the kind of a value and its length.
func (r *Reader) kindText(value *value) string {
	switch value.kind {
	case jsontext.KindString:
		r.text = appendText(r.text[:0], value.text)
		return kindOf("string", utf8.RuneCount(r.text))
	case jsontext.KindNumber:
		return kindOf("number", len(value.text))
	case jsontext.KindBeginObject:
		return kindOf("object", len(value.text))
	case jsontext.KindBeginArray:
		return kindOf("array", len(value.text))
	default:
		return kindOf("bool", len(value.text))
	}
}

func kindOf(kind string, length int) string { return "<" + kind + ":" + strconv.Itoa(length) + ">" }

// maskedBytes is the masked text of a line that is no valid object.
func maskedBytes(size int64) string { return "<bytes:" + strconv.FormatInt(size, 10) + ">" }

// masked builds a masked text. The zero masked is empty.
type masked struct {
	text []byte
	full bool
}

// addString adds a clear text that needs no escapes.
func (m *masked) addString(c event.Column, text string) {
	if _, found := pii.Find(text); found {
		m.addKind(c, kindOf("string", len(text)))
		return
	}
	m.add(c, `"`, text, `"`)
}

// addLiteral adds a clear number, boolean or null.
func (m *masked) addLiteral(c event.Column, literal string) {
	if _, found := pii.Find(literal); found {
		m.addKind(c, kindOf("number", len(literal)))
		return
	}
	m.add(c, "", literal, "")
}

func (m *masked) addKind(c event.Column, kind string) { m.add(c, "", kind, "") }

func (m *masked) add(c event.Column, open, value, shut string) {
	const around = len(`{"":}`)
	if m.full = m.full || len(m.text)+around+len(c.Field())+len(open)+len(value)+len(shut) > maxMasked; m.full {
		return
	}
	if len(m.text) == 0 {
		m.text = append(m.text, '{')
	} else {
		m.text = append(m.text, ',')
	}
	m.text = append(append(append(m.text, '"'), c.Field()...), '"', ':')
	m.text = append(append(append(m.text, open...), value...), shut...)
}

// finish returns the text. Values that are harmless one by one do not make up personal data, and if they did, the text
// would stop the publication of everything: then it shows nothing.
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
