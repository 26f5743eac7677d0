package scan

import (
	"vaultreport/internal/event"
	"vaultreport/internal/pii"
)

// Options say how the lines of one source are read.
type Options struct {
	Key     *pii.Key
	Env     string // fixed by the source; a line's own is then not looked at. "" if the lines say it
	MaxLine int    // a line of more bytes is too_long; 0 is DefaultMaxLine
	Unwrap  Path   // where the event object lies in a line
	Rename  Rename // names that the source has for fields and events
}

// Result says what became of a line, besides its record.
type Result struct {
	Reason event.Reason // Accepted, or why the line is refused
	// Field is the JSON name of the field that the reason is about, of several the first in lake order; "" where the
	// reason is about the line: too_long, truncated, not_json, bad_utf8, not_object, and duplicate_key of a name that
	// no event lists.
	Field string
	// TS is the line's own ts in microseconds since 1970-01-01T00:00:00Z. HasTS says whether there is one that counts: a
	// usable one, on a line that is accepted or refused with a reason that is Dated.
	HasTS bool
	TS    int64
	// MaskedText shows a refused line (mask.go).
	MaskedText string
	// Unknown are the names of the fields that an accepted line's event does not list, sorted and each once; names that
	// are not shown are other. Valid until the next line.
	Unknown []string
}

// Reader reads lines of one source. One Reader serves one goroutine.
type Reader struct {
	env      string
	maxLine  int64
	hasher   *pii.Hasher
	labels   *interned[label]
	complete bool // leaves every line to the parser
	wrapper  wrapper
	parser   parser
	kinds    *nameTable
	fields   fieldSet
	text     []byte // a decoded string
	users    userKeys
	unknown  []string
}

// New returns a Reader.
func New(o Options) *Reader {
	r := &Reader{env: o.Env, maxLine: int64(o.MaxLine), hasher: o.Key.Hasher(), labels: newInterned(judge)}
	r.wrapper.path = o.Unwrap
	r.fields, r.kinds = newFieldSet(o.Rename), o.Rename.kinds()
	r.users.hasher = r.hasher
	if r.maxLine == 0 {
		r.maxLine = DefaultMaxLine
	}
	return r
}

// Line reads one line. rec is overwritten: with the record of an accepted line, else with the zero Record, which has an
// Env if the reason HasEnv. blank says that the line is empty or white space, and then the Result is the zero Result.
// Nothing that is returned refers to the line's text.
func (r *Reader) Line(l Line, rec *event.Record) (result Result, blank bool) {
	*rec = event.Record{}
	size := max(l.Size, int64(len(l.Text)))
	switch {
	case l.TooLong || size > r.maxLine:
		return refusedBytes(event.TooLong, size), false
	case l.Cut:
		return refusedBytes(event.Truncated, size), false
	case isBlank(l.Text):
		return Result{}, true
	}
	switch shape := r.parse(l.Text); {
	case shape == noJSON && l.Last:
		return refusedBytes(event.Truncated, size), false
	case shape == noJSON:
		return refusedBytes(event.NotJSON, size), false
	case shape == notObject:
		return refusedBytes(event.NotObject, size), false
	case shape == badObject:
		result = refusedBytes(event.BadUTF8, size)
	default:
		result.Reason, result.Field = r.check(rec)
		if result.Reason == event.Accepted {
			result.HasTS, result.TS = true, rec.TS
			r.unknown = r.fields.appendUnknown(r.unknown[:0], rec.Kind.Lists())
			result.Unknown = r.unknown
			return result, false
		}
		result.MaskedText = r.mask()
	}
	if result.Reason.Dated() && !r.fields.twice.Has(event.TS) {
		result.TS, result.HasTS = r.timestamp()
	}
	refused := event.Record{}
	if result.Reason.HasEnv() {
		refused.Env = rec.Env
	}
	*rec = refused
	return result, false
}

// parse returns the shape of a line and, of the two object shapes, sets the fields.
func (r *Reader) parse(line []byte) shape {
	if len(r.wrapper.path) == 0 {
		return r.parseObject(line)
	}
	whole, target := r.wrapper.find(line)
	switch {
	case target != nil:
		return min(whole, r.parseObject(target))
	case whole == badObject:
		r.fields.reset()
	}
	return whole
}

func (r *Reader) parseObject(text []byte) shape {
	if !r.complete && r.fields.scan(text) {
		return object
	}
	shape, members := r.parser.parse(text)
	r.fields.set(members)
	return shape
}

// check reads the fields of a well-formed object into rec and returns the first reason to refuse it, and its field.
func (r *Reader) check(rec *event.Record) (event.Reason, string) {
	f := &r.fields
	if f.twice != 0 {
		return event.DuplicateKey, f.twice.First().Field()
	}
	if f.hasDuplicateName() {
		return event.DuplicateKey, ""
	}
	if f.has.Has(event.Event) && r.column(event.Event, rec) != good {
		return event.UnknownEvent, event.Event.Field()
	}
	if missing := rec.Kind.Needs() &^ f.has; missing != 0 {
		return event.MissingField, missing.First().Field()
	}
	wanted := f.has & rec.Kind.Lists() &^ event.Set(event.Event)
	if r.env != "" {
		wanted &^= event.Set(event.Env)
	}
	faulty := [numVerdicts]event.Columns{good: event.Set(event.Event)}
	for ; wanted != 0; wanted &= wanted - 1 {
		c := wanted.First()
		faulty[r.column(c, rec)] |= event.Set(c)
	}
	rec.Present = faulty[good]
	if r.env != "" {
		rec.Env = r.env
		rec.Present |= event.Set(event.Env)
	}
	switch {
	case faulty[naive] != 0:
		return event.NaiveTimestamp, faulty[naive].First().Field()
	case faulty[bad] != 0:
		return event.BadField, faulty[bad].First().Field()
	case !rec.Present.Has(event.Env):
		return event.MissingEnv, event.Env.Field()
	case faulty[personal] != 0:
		return event.PIIRefused, faulty[personal].First().Field()
	}
	return event.Accepted, ""
}

// timestamp returns the line's ts, if it is usable.
func (r *Reader) timestamp() (micros int64, ok bool) {
	var scratch event.Record
	ok = r.fields.has.Has(event.TS) && r.column(event.TS, &scratch) == good
	return scratch.TS, ok
}

func refusedBytes(reason event.Reason, size int64) Result {
	return Result{Reason: reason, MaskedText: maskedBytes(size)}
}

// isBlank says whether text is empty or white space of JSON.
func isBlank(text []byte) bool {
	for _, c := range text {
		if c != ' ' && c != '\t' && c != '\r' && c != '\n' {
			return false
		}
	}
	return true
}
