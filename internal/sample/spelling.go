package sample

import (
	"math/rand/v2"
	"strconv"
	"time"
)

// speller writes events as lines. One belongs to one slice of one env and day. What it draws changes how a line
// looks, never what it says: two spellings of one event have the same lake columns.
type speller struct {
	r        *rand.Rand
	env      string
	canaries *canaries
	colon    string // ":" or ": ", of the line being written
}

// requestID is the part of an event's identity that the caller of the service chose.
type requestID struct {
	hi, lo uint64
	form   requestForm
}

type requestForm uint8

const (
	asUUID requestForm = iota
	asUpperUUID
	asText
	asCanary
	asNull
	absent
)

func (s *speller) request() requestID {
	id := requestID{hi: s.r.Uint64(), lo: s.r.Uint64()}
	switch n := s.r.IntN(100); {
	case n < 85:
		id.form = asUUID
	case n < 89:
		id.form = asUpperUUID
	case n < 93:
		id.form = asText
	case n < 95:
		id.form = asCanary
	case n < 97:
		id.form = asNull
	default:
		id.form = absent
	}
	return id
}

func (id requestID) given() bool { return id.form < asNull }

// line appends e, without a line end. The keys come in one of three orders.
func (s *speller) line(b []byte, e *event, id requestID) []byte {
	style := s.r.IntN(1000)
	s.colon = ":"
	if style < 20 {
		s.colon = ": "
	}
	b = append(b, '{')
	switch {
	case style < 600:
		b = s.head(b, e, style)
		b = s.common(b, id)
		b = s.body(b, e)
		b = s.unlisted(b, e)
	case style < 850:
		b = s.common(b, id)
		b = s.head(b, e, style)
		b = s.unlisted(b, e)
		b = s.body(b, e)
	default:
		b = s.body(b, e)
		b = s.unlisted(b, e)
		b = s.common(b, id)
		b = s.head(b, e, style)
	}
	b[len(b)-1] = '}' // over the last comma
	return b
}

func (s *speller) key(b []byte, name string) []byte {
	b = append(b, '"')
	b = append(b, name...)
	b = append(b, '"')
	return append(b, s.colon...)
}

// text appends a value that needs no escapes.
func (s *speller) text(b []byte, name, value string) []byte {
	b = s.key(b, name)
	b = append(b, '"')
	b = append(b, value...)
	return append(b, '"', ',')
}

func (s *speller) head(b []byte, e *event, style int) []byte {
	b = s.key(b, "ts")
	b = append(b, '"')
	b = s.instant(b, e.at)
	b = append(b, '"', ',')
	name := e.kind.String()
	if style%100 == 7 {
		b = s.key(b, "event")
		b = append(b, `"\u00`...)
		b = strconv.AppendUint(b, uint64(name[0]), 16)
		b = append(b, name[1:]...)
		return append(b, '"', ',')
	}
	return s.text(b, "event", name)
}

func (s *speller) common(b []byte, id requestID) []byte {
	b = s.text(b, "env", s.env)
	switch id.form {
	case absent:
	case asNull:
		b = s.key(b, "req_id")
		b = append(b, "null,"...)
	case asText:
		b = s.text(b, "req_id", "app-"+strconv.FormatUint(id.hi, 36)+"/"+strconv.FormatUint(id.lo%1000, 10))
	case asCanary:
		canary := s.canaries.reqID[id.lo%perKind]
		b = s.text(b, "req_id", canary+" #"+strconv.FormatUint(id.hi, 36))
	default:
		b = s.key(b, "req_id")
		b = append(b, '"')
		b = appendUUID(b, id.hi, id.lo, id.form == asUpperUUID)
		b = append(b, '"', ',')
	}
	return s.trace(b)
}

func (s *speller) trace(b []byte) []byte {
	hi, lo := s.r.Uint64(), s.r.Uint64()
	switch n := s.r.IntN(100); {
	case n < 70:
		b = s.key(b, "trace_id")
		b = append(b, '"')
		b = appendHex(b, hi, 16)
		b = appendHex(b, lo, 16)
		b = append(b, '"', ',')
	case n < 80:
		b = s.key(b, "trace_id")
		b = append(b, '"')
		b = appendUUID(b, hi, lo, n < 74)
		b = append(b, '"', ',')
	case n < 84:
		b = s.text(b, "trace_id", [4]string{"unknown", "00-4bf92f35", "", "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"}[n-80])
	case n < 87:
		b = s.key(b, "trace_id")
		b = append(b, [3]string{"null,", "12345,", "{},"}[n-84]...)
	}
	return b
}

// instant appends a time in one of many spellings. Fractions may be cut to fewer digits than microseconds, never
// rounded, so no spelling leaves its day.
func (s *speller) instant(b []byte, at int64) []byte {
	n := s.r.IntN(100)
	offset := 0
	switch {
	case n < 50:
	case n < 95:
		offset = seoulOffset
	case n < 97:
		offset = -5 * 3600
	default:
		offset = 5*3600 + 1800
	}
	seconds, micros := at/second, at%second
	start := len(b)
	b = time.Unix(seconds+int64(offset), 0).UTC().AppendFormat(b, "2006-01-02T15:04:05")
	lower := n%33 == 5
	if lower {
		b[start+10] = 't'
	}
	switch s.r.IntN(10) {
	case 0:
	case 1, 2, 3:
		b = append(b, '.')
		b = appendDigits(b, micros/1000, 3)
	case 4:
		b = append(b, '.')
		b = appendDigits(b, micros, 6)
		b = appendDigits(b, s.r.Int64N(1000), 3)
	default:
		b = append(b, '.')
		b = appendDigits(b, micros, 6)
	}
	switch {
	case offset == 0 && n == 49:
		return append(b, "-00:00"...)
	case offset == 0 && n == 48:
		return append(b, "+00:00"...)
	case offset == 0 && lower:
		return append(b, 'z')
	case offset == 0:
		return append(b, 'Z')
	case offset == seoulOffset:
		return append(b, "+09:00"...)
	case offset < 0:
		return append(b, "-05:00"...)
	}
	return append(b, "+05:30"...)
}

// integer appends a number, now and then in exponent or point form.
func (s *speller) integer(b []byte, name string, n int64) []byte {
	b = s.key(b, name)
	switch form := s.r.IntN(100); {
	case form < 3 && n > 0 && n%1000 == 0:
		b = strconv.AppendInt(b, n/1000, 10)
		b = append(b, [3]string{"e3", "E3", "e+3"}[form]...)
	case form < 6:
		b = strconv.AppendInt(b, n, 10)
		b = append(b, ".0"...)
	default:
		b = strconv.AppendInt(b, n, 10)
	}
	return append(b, ',')
}

func appendDigits(b []byte, n int64, width int) []byte {
	at := len(b)
	b = append(b, "000000000"[:width]...)
	for i := at + width - 1; n > 0; i-- {
		b[i] = byte('0' + n%10)
		n /= 10
	}
	return b
}

func appendHex(b []byte, n uint64, width int) []byte {
	for i := width - 1; i >= 0; i-- {
		b = append(b, "0123456789abcdef"[n>>(4*i)&15])
	}
	return b
}

func appendUUID(b []byte, hi, lo uint64, upper bool) []byte {
	start := len(b)
	b = appendHex(b, hi>>32, 8)
	b = append(b, '-')
	b = appendHex(b, hi>>16&0xffff, 4)
	b = append(b, '-')
	b = appendHex(b, hi&0xffff, 4)
	b = append(b, '-')
	b = appendHex(b, lo>>48, 4)
	b = append(b, '-')
	b = appendHex(b, lo&0xffffffffffff, 12)
	if upper {
		for i := start; i < len(b); i++ {
			if b[i] >= 'a' {
				b[i] -= 'a' - 'A'
			}
		}
	}
	return b
}
