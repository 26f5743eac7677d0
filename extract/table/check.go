package table

import (
	"strconv"
	"unicode/utf8"

	"vaultreport/internal/event"
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

// Result is what a Checker says of a row. Row is valid until the next row.
type Result struct {
	Fate   Fate
	Row    Row
	Reason event.Reason // BadField or PIIRefused
	Field  string       // the column's name in the source; of several the first in lake order
	Masked string       // mask.go
}

// Checker judges the rows of one table, which may lie in several files. It serves one goroutine.
type Checker struct {
	spec       *Spec
	match      Match // of the file under way
	hasher     *pii.Hasher
	start, end int64 // of the business day
	labels     map[string]verdict
	row        Row
	values     []Value // of the row, one a column, typed
	scratch    []byte
	seen       []int64 // per column: values of untyped attributes that are not NULL
	unreadable []int64 // per column: of these
}

// NewChecker returns a Checker of rows that are taken for the day [start, end), in microseconds.
func NewChecker(s *Spec, key *pii.Key, start, end int64) *Checker {
	n := len(s.Columns)
	return &Checker{
		spec: s, hasher: key.Hasher(), start: start, end: end, labels: make(map[string]verdict),
		values: make([]Value, n), seen: make([]int64, n), unreadable: make([]int64, n),
	}
}

// Use says how the rows of the next file lie.
func (c *Checker) Use(m Match) { c.match = m }

// Check judges a row whose values stand in the order of the Match's Names.
func (c *Checker) Check(values []Value) Result {
	for i, column := range c.spec.Columns {
		c.values[i] = Value{}
		if at := c.match.place[i]; at >= 0 {
			c.values[i] = values[at]
			if v := values[at]; c.match.types[i] == UntypedType && v.Kind == Text {
				c.values[i] = column.typed(v.Bytes)
			}
		}
	}
	if c.spec.ByDay && !c.isOfDay() {
		return Result{Fate: OutOfRange}
	}
	c.row = c.row[:0]
	firstBad, firstPersonal := -1, -1
	for i, column := range c.spec.Columns {
		c.count(i)
		switch c.append(column, c.values[i]) {
		case bad:
			if firstBad < 0 {
				firstBad = i
			}
		case personal:
			if firstPersonal < 0 {
				firstPersonal = i
			}
		}
	}
	switch {
	case firstBad >= 0:
		return c.refuse(event.BadField, firstBad)
	case firstPersonal >= 0:
		return c.refuse(event.PIIRefused, firstPersonal)
	}
	return Result{Row: c.row}
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
func (c *Checker) isOfDay() bool {
	i := len(c.values) - 1
	for c.spec.Columns[i].Source != createdAt {
		i--
	}
	v := c.values[i]
	return v.Kind == Unreadable || v.Kind == Instant && c.start <= v.Int && v.Int < c.end
}

func (c *Checker) count(i int) {
	if c.match.types[i] != UntypedType || c.values[i].Kind == Null {
		return
	}
	c.seen[i]++
	if c.values[i].Kind == Unreadable {
		c.unreadable[i]++
	}
}

func (c *Checker) refuse(reason event.Reason, i int) Result {
	return Result{Fate: Refused, Reason: reason, Field: c.spec.Columns[i].Source, Masked: c.mask()}
}

// append adds a value to the row if it is good.
func (c *Checker) append(column Column, v Value) verdict {
	if v.Kind == Null {
		if column.NotNull {
			return bad
		}
		c.row = appendNull(c.row)
		return good
	}
	verdict := c.judge(column, v)
	if verdict != good {
		return verdict
	}
	switch {
	case column.privacy == userKey:
		c.scratch = strconv.AppendInt(c.scratch[:0], v.Int, 10)
		c.row = appendKey(c.row, c.hasher.UserKey(c.scratch))
	case column.privacy == compensationID:
		c.row = appendKey(c.row, c.hasher.Text(pii.CompensationID, v.Bytes))
	case column.Type == TextType:
		c.row = appendText(c.row, v.Bytes)
	case column.Type == BooleanType:
		c.row = appendTruth(c.row, v.Int)
	default:
		c.row = appendNumber(c.row, v.Int)
	}
	return good
}

// judge says what a value that is not NULL is for its column.
func (c *Checker) judge(column Column, v Value) verdict {
	switch column.Type {
	case IntegerType:
		if v.Kind != Integer || v.Int < column.least {
			return bad
		}
	case BooleanType:
		if v.Kind != Boolean {
			return bad
		}
	case InstantType:
		if v.Kind != Instant {
			return bad
		}
	default:
		if v.Kind != Text {
			return bad
		}
		return c.judgeText(column, v.Bytes)
	}
	return good
}

// maxLabels bounds the memory that labels which never repeat can claim.
const maxLabels = 4096

func (c *Checker) judgeText(column Column, text []byte) verdict {
	switch {
	case column.privacy != asIs:
		if len(text) == 0 || len(text) > maxHashedText*utf8.UTFMax || !utf8.Valid(text) || utf8.RuneCount(text) > maxHashedText {
			return bad
		}
		return good
	case column.texts != label:
		return column.texts.judge(text)
	}
	v, known := c.labels[string(text)]
	if !known {
		v = label.judge(text)
		if len(text) <= maxLabel && len(c.labels) < maxLabels {
			c.labels[string(text)] = v
		}
	}
	return v
}
