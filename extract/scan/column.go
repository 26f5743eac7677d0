package scan

import (
	"unicode/utf8"

	"vaultreport/internal/event"
	"vaultreport/internal/pii"

	"github.com/go-json-experiment/json/jsontext"
)

// verdict says what a value is for its column.
type verdict uint8

const (
	good     verdict = iota
	ignored          // is NULL in the lake
	naive            // a timestamp without an offset
	bad              // anything that the rule of the column does not allow
	personal         // allowed by the rule, but it looks like personal data
	numVerdicts
)

// maxHashedText is the longest text in code points that is hashed.
const maxHashedText = 128

// column reads the value of a field that the line has and that is not null into rec, by the rules of docs/sources.md
// section 1. It changes the field of rec only if the value is good.
func (r *Reader) column(c event.Column, rec *event.Record) verdict {
	switch c {
	case event.TS:
		return r.instant(c, &rec.TS)
	case event.Event:
		return r.kind(&rec.Kind)
	case event.UserKey:
		return r.userKey(rec)
	case event.VaultType:
		return r.enum(c, vaultTypes, &rec.VaultType)
	case event.ReqID:
		return r.reqID(rec)
	case event.TraceID:
		return r.traceID(rec)
	case event.Env:
		return r.envName(rec)
	case event.StatusBefore:
		return r.enum(c, statuses, &rec.StatusBefore)
	case event.StatusAfter:
		return r.enum(c, statuses, &rec.StatusAfter)
	case event.ExpiresAt:
		return r.instant(c, &rec.ExpiresAt)
	case event.VariantID:
		return r.label(c, &rec.VariantID)
	case event.NotifyType:
		return r.label(c, &rec.NotifyType)
	case event.AttendanceDay:
		return r.integer(c, 1, &rec.AttendanceDay)
	case event.TxID:
		return r.hashed(c, pii.TxID, &rec.TxID)
	case event.Amount:
		return r.integer(c, 1, &rec.Amount)
	case event.ExtensionReason:
		return r.enum(c, extensionReasons, &rec.ExtensionReason)
	case event.Shadow:
		return r.boolean(c, &rec.Shadow)
	case event.CompensationID:
		return r.hashed(c, pii.CompensationID, &rec.CompensationID)
	case event.LatencyMS:
		return r.integer(c, 0, &rec.LatencyMS)
	case event.Job:
		return r.label(c, &rec.Job)
	case event.Outcome:
		return r.outcome(rec)
	case event.Queue:
		return r.label(c, &rec.Queue)
	case event.Depth:
		return r.integer(c, 0, &rec.Depth)
	default:
		return r.integer(c, 1, &rec.Attempt)
	}
}

// decode returns the text of a string, which is valid until the next call, and false for a value that is none.
func (r *Reader) decode(c event.Column) (text []byte, ok bool) {
	m := &r.fields.values[c]
	switch {
	case m.kind != jsontext.KindString:
		return nil, false
	case !m.hasEscape:
		return m.text[1 : len(m.text)-1], true
	}
	r.text = appendText(r.text[:0], m.text)
	return r.text, true
}

func (r *Reader) instant(c event.Column, micros *int64) verdict {
	text, ok := r.decode(c)
	if !ok {
		return bad
	}
	value, form := parseTimestamp(text)
	switch form {
	case instant:
		*micros = value
		return good
	case naiveInstant:
		return naive
	default:
		return bad
	}
}

func (r *Reader) kind(kind *event.Kind) verdict {
	text, _ := r.decode(event.Event)
	place, ok := r.kinds.find(text)
	if !ok {
		return bad
	}
	*kind = event.Kind(place + 1)
	return good
}

func (r *Reader) enum(c event.Column, values enumTable, code *event.Enum) verdict {
	text, _ := r.decode(c)
	value := values.code(text)
	if value == 0 {
		return bad
	}
	*code = value
	return good
}

// outcome reads an outcome; gave_up is one of a retry only.
func (r *Reader) outcome(rec *event.Record) verdict {
	var code event.Enum
	v := r.enum(event.Outcome, outcomes, &code)
	if v == good && rec.Kind == event.BatchRunFinished && event.Outcomes.Value(code) == "gave_up" {
		return bad
	}
	rec.Outcome = code
	return v
}

// userKey reads an integer, or a string of its decimal digits; 42, 42.0 and "42" are one user.
func (r *Reader) userKey(rec *event.Record) verdict {
	m := &r.fields.values[event.UserKey]
	decimal := m.text
	if m.kind != jsontext.KindNumber {
		decimal, _ = r.decode(event.UserKey)
	}
	id, ok := parseDecimal(decimal)
	if !ok && m.kind == jsontext.KindNumber {
		id, ok = parseInteger(m.text)
	}
	if !ok || id < 1 {
		return bad
	}
	rec.UserKey = r.users.of(id)
	return good
}

func (r *Reader) reqID(rec *event.Record) verdict {
	text, _ := r.decode(event.ReqID)
	if id, ok := parseUUID(text); ok {
		rec.ReqID = id
		return good
	}
	return r.hashed(event.ReqID, pii.ReqID, &rec.ReqID)
}

func (r *Reader) traceID(rec *event.Record) verdict {
	text, _ := r.decode(event.TraceID)
	id, ok := parseTraceID(text)
	if !ok {
		return ignored
	}
	rec.TraceID = id
	return good
}

func (r *Reader) hashed(c event.Column, prefix string, key *event.Key) verdict {
	text, ok := r.decode(c)
	if !ok || len(text) == 0 || len(text) > maxHashedText*utf8.UTFMax || utf8.RuneCount(text) > maxHashedText {
		return bad
	}
	*key = r.hasher.Text(prefix, text)
	return good
}

func (r *Reader) envName(rec *event.Record) verdict {
	text, ok := r.decode(event.Env)
	if !ok {
		return bad
	}
	l := r.labels.of(text)
	if !l.isEnv {
		return bad
	}
	rec.Env = l.text
	return good
}

func (r *Reader) label(c event.Column, text *string) verdict {
	decoded, ok := r.decode(c)
	if !ok {
		return bad
	}
	switch l := r.labels.of(decoded); {
	case !l.isLabel:
		return bad
	case l.isPII:
		return personal
	default:
		*text = l.text
		return good
	}
}

func (r *Reader) integer(c event.Column, least int64, value *int64) verdict {
	m := &r.fields.values[c]
	if m.kind != jsontext.KindNumber {
		return bad
	}
	n, ok := parseInteger(m.text)
	if !ok || n < least {
		return bad
	}
	*value = n
	return good
}

func (r *Reader) boolean(c event.Column, value *bool) verdict {
	switch r.fields.values[c].kind {
	case jsontext.KindTrue:
		*value = true
	case jsontext.KindFalse:
		*value = false
	default:
		return bad
	}
	return good
}
