package table

import (
	"strconv"
	"unicode/utf8"

	"vaultreport/extract/rows"
	"vaultreport/internal/pii"
)

// maxHashedText is the longest text in code points that is hashed.
const maxHashedText = 128

// Fate is what becomes of a row.
type Fate uint8

// The fates of a row.
const (
	Accepted   Fate = iota // Result.Row holds it
	OutOfRange             // it was created on another day, or nobody knows when
	Refused                // Result says why
)

// Result is what a Checker says of a row. Row is valid until the next row, and the caller may append to it until then.
type Result struct {
	Fate   Fate
	Row    rows.Row
	Field  string // that is bad: the column's name in the source; of several the first in lake order
	Masked string // mask.go
}

// Checker judges the rows of one table, which may lie in several files. It serves one goroutine.
type Checker struct {
	spec       *Spec
	match      Match // of the file under way
	hasher     *pii.Hasher
	start, end int64 // of the business day
	labels     map[string]bool
	row        rows.Row
	typed      Value // of a column that is missing or untyped
	scratch    []byte
	seen       []int64 // per column: values of untyped attributes that are not NULL
	unreadable []int64 // per column: of these
}

// NewChecker returns a Checker of rows that are taken for the day [start, end), in microseconds.
func NewChecker(s *Spec, key *pii.Key, start, end int64) *Checker {
	n := len(s.Columns)
	return &Checker{
		spec: s, hasher: key.Hasher(), start: start, end: end, labels: make(map[string]bool),
		seen: make([]int64, n), unreadable: make([]int64, n),
	}
}

// Use says how the rows of the next file lie.
func (c *Checker) Use(m Match) { c.match = m }

// Check judges a row whose values stand in the order of the Match's Names.
func (c *Checker) Check(values []Value) Result {
	if c.spec.ByDay && !c.isOfDay(values) {
		return Result{Fate: OutOfRange}
	}
	c.row = c.row[:0]
	firstBad := -1
	for i := range c.spec.Columns {
		v := c.value(i, values)
		c.count(i, v)
		if !c.append(&c.spec.Columns[i], v) && firstBad < 0 {
			firstBad = i
		}
	}
	if firstBad >= 0 {
		return Result{Fate: Refused, Field: c.spec.Columns[firstBad].Source, Masked: c.mask(values)}
	}
	return Result{Row: c.row}
}

// value returns the column's value among those of a row, valid until the next call. What is right where it lies is not copied.
func (c *Checker) value(i int, values []Value) *Value {
	at := c.match.place[i]
	if at < 0 {
		c.typed = Value{}
		return &c.typed
	}
	v := &values[at]
	if c.match.types[i] == UntypedType && v.Kind == Text {
		c.typed = c.spec.Columns[i].typed(v.Bytes)
		return &c.typed
	}
	return v
}

// Unread returns the columns of which not one value could be read as the column's type: the source has another type
// there. It can happen to untyped attributes only; those of a type say what they are.
func (c *Checker) Unread() []string {
	var list []string
	for i, column := range c.spec.Columns {
		if c.seen[i] > 0 && c.seen[i] == c.unreadable[i] {
			list = append(list, column.Source)
		}
	}
	return list
}

// isOfDay says whether the row was created on the day. An instant that cannot be read is the day's to refuse.
func (c *Checker) isOfDay(values []Value) bool {
	i := len(c.spec.Columns) - 1
	for c.spec.Columns[i].Source != createdAt {
		i--
	}
	v := c.value(i, values)
	return v.Kind == Unreadable || v.Kind == Instant && c.start <= v.Int && v.Int < c.end
}

func (c *Checker) count(i int, v *Value) {
	if c.match.types[i] != UntypedType || v.Kind == Null {
		return
	}
	c.seen[i]++
	if v.Kind == Unreadable {
		c.unreadable[i]++
	}
}

// append adds a value to the row if it is good, and says whether it is.
func (c *Checker) append(column *Column, v *Value) bool {
	if v.Kind == Null {
		if column.NotNull {
			return false
		}
		c.row = rows.AppendNull(c.row)
		return true
	}
	if !c.isGood(column, v) {
		return false
	}
	switch {
	case column.privacy == userKey:
		c.scratch = strconv.AppendInt(c.scratch[:0], v.Int, 10)
		key := c.hasher.UserKey(c.scratch)
		c.row = rows.AppendKey(c.row, &key)
	case column.privacy == compensationID:
		key := c.hasher.Text(pii.CompensationID, v.Bytes)
		c.row = rows.AppendKey(c.row, &key)
	case column.Type == TextType:
		c.row = rows.AppendText(c.row, v.Bytes)
	case column.Type == BooleanType:
		c.row = rows.AppendTruth(c.row, v.Int == 1)
	default:
		c.row = rows.AppendNumber(c.row, v.Int)
	}
	return true
}

// isGood says whether a value that is not NULL is in its column's domain.
func (c *Checker) isGood(column *Column, v *Value) bool {
	switch column.Type {
	case IntegerType:
		return v.Kind == Integer && v.Int >= column.least
	case BooleanType:
		return v.Kind == Boolean
	case InstantType:
		return v.Kind == Instant
	default:
		return v.Kind == Text && c.isGoodText(column, v.Bytes)
	}
}

// maxLabels bounds the memory that labels which never repeat can claim.
const maxLabels = 4096

func (c *Checker) isGoodText(column *Column, text []byte) bool {
	switch {
	case column.privacy != asIs:
		return len(text) > 0 && len(text) <= maxHashedText*utf8.UTFMax && utf8.Valid(text) && utf8.RuneCount(text) <= maxHashedText
	case column.texts != label:
		return column.texts.holds(text)
	}
	holds, known := c.labels[string(text)]
	if !known {
		holds = label.holds(text)
		if len(text) <= maxLabel && len(c.labels) < maxLabels {
			c.labels[string(text)] = holds
		}
	}
	return holds
}
