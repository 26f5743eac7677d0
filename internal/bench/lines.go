package main

import (
	"math/rand/v2"
	"strconv"

	"vaultreport/internal/bizday"
)

// eventLines makes the event lines of one business day of Seoul: of every kind, in the order of their time but for two seconds, by users of whom
// few do most (Zipf), most of 230 to 300 bytes. One line in 33 is the copy of a recent one, one in 2,048 is bad. The same fields give the same lines.
type eventLines struct {
	random  *rand.Rand
	users   *rand.Zipf
	day     string
	n, made int
	clean   bool                // no line is bad, all others are the same
	recent  [recentLines][]byte // good lines that may be copied

	copies, bad int64
}

const (
	firstUser   = 10_000_000
	recentLines = 512
	msPerDay    = 24 * 60 * 60 * 1000
	jitterMS    = 2000
)

func newEventLines(day bizday.Day, n, users int, clean bool) *eventLines {
	random := rand.New(rand.NewPCG(7, uint64(n)))
	return &eventLines{random: random, users: rand.NewZipf(random, 1.1, 1, uint64(users-1)), day: day.String(), n: n, clean: clean}
}

// kept is how many of the lines are good and no copies.
func (e *eventLines) kept() int64 { return int64(e.made) - e.copies - e.bad }

// append appends the next of the n lines, with its line end.
func (e *eventLines) append(b []byte) []byte {
	draw := e.random.Uint64()
	at := e.made
	e.made++
	if slot := draw >> 10 % recentLines; draw>>32%1024 < 31 && e.recent[slot] != nil {
		e.copies++
		return append(b, e.recent[slot]...)
	}
	begin := len(b)
	b = e.good(b, at, draw)
	if draw>>44%2048 == 0 {
		e.bad++
		if !e.clean {
			b = append(b[:begin], spoil(b[begin:], draw>>56)...)
		}
		return b
	}
	slot := at % recentLines
	e.recent[slot] = append(e.recent[slot][:0], b[begin:]...)
	return b
}

const (
	lineBegins = `{"ts":"`
	zone       = "+09:00"
	beforeKind = `","event":"`
	zoneAt     = len(lineBegins) + len("2006-01-02T15:04:05.000")
	kindAt     = zoneAt + len(zone) + len(beforeKind)
)

func (e *eventLines) good(b []byte, at int, draw uint64) []byte {
	ms := min(at*msPerDay/e.n+int(draw>>20%jitterMS), msPerDay-1)
	b = append(append(append(b, lineBegins...), e.day...), 'T')
	b = appendTwo(b, ms/3_600_000)
	b = appendTwo(append(b, ':'), ms/60_000%60)
	b = appendTwo(append(b, ':'), ms/1000%60)
	b = append(appendTwo(append(b, '.'), ms%1000/10), byte('0'+ms%10))
	k := kindOf[draw%uint64(len(kindOf))]
	b = append(append(append(b, zone...), beforeKind...), k.name...)
	b = append(b, `","env":"prod"`...)
	more := e.random.Uint64()
	if k.hasUser {
		b = strconv.AppendUint(append(b, `,"user_id":`...), firstUser+e.users.Uint64(), 10)
	}
	if k.hasType {
		b = appendText(b, "vault_type", vaultTypes[more%4])
	}
	b = k.rest(b, more>>8, e)
	high, low := e.random.Uint64(), e.random.Uint64()
	b = append(appendUUID(append(b, `,"req_id":"`...), high, low), `","trace_id":"`...)
	b = appendHex(appendHex(b, high*mix, 16), low*mix, 16)
	return append(appendText(append(b, '"'), "app", apps[more>>60%4]), '}', '\n')
}

const mix = 0x9e3779b97f4a7c15 // odd: another 64 bits for each

// spoil makes a bad line of a good one, in one of five ways.
func spoil(line []byte, way uint64) []byte {
	switch way % 5 {
	case 0: // not_json
		return append(line[:len(line)/2], '\n')
	case 1: // naive_timestamp
		return append(line[:zoneAt], line[zoneAt+len(zone):]...)
	case 2: // unknown_event
		line[kindAt] = '_'
	case 3: // bad_utf8
		line[len(line)-len("x\"}\n")] = 0xff
	default: // missing_field
		copy(line, `{"at`)
	}
	return line
}

func appendTwo(b []byte, n int) []byte { return append(b, byte('0'+n/10), byte('0'+n%10)) }

func appendText(b []byte, name, value string) []byte {
	return append(append(append(append(append(b, ',', '"'), name...), `":"`...), value...), '"')
}

func appendNumber(b []byte, name string, n uint64) []byte {
	return strconv.AppendUint(append(append(append(b, ',', '"'), name...), '"', ':'), n, 10)
}

func appendHex(b []byte, bits uint64, digits int) []byte {
	const hex = "0123456789abcdef"
	for shift := 4 * (digits - 1); shift >= 0; shift -= 4 {
		b = append(b, hex[bits>>shift&15])
	}
	return b
}

func appendUUID(b []byte, high, low uint64) []byte {
	b = append(appendHex(b, high>>32, 8), '-')
	b = append(appendHex(b, high>>16, 4), '-')
	b = append(appendHex(b, high&0x0fff|0x4000, 4), '-')
	b = append(appendHex(b, low>>48&0x3fff|0x8000, 4), '-')
	return appendHex(b, low, 12)
}
