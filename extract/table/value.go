package table

// Kind says what a Value holds.
type Kind uint8

// The kinds of values.
const (
	Null    Kind = iota
	Integer      // Int
	Text         // Bytes, UTF-8 if the source is sound
	Boolean      // Int is 0 or 1
	Instant      // Int: microseconds since 1970-01-01T00:00:00Z
	// Unreadable is a value that its source cannot give in the column's type; Bytes is what stood there. It is outside
	// every domain.
	Unreadable
)

// Value is one cell of a source table. Bytes belong to the Reader and are valid until its next row.
type Value struct {
	Kind  Kind
	Int   int64
	Bytes []byte
}

// Forever is the Int of an Instant that lies beyond all others, as PostgreSQL's infinity and -infinity do. In the lake
// it is NULL: no instant is known.
const Forever = int64(1<<63 - 1)

// Bounds of the instants of the lake: the years 1 to 9999.
const (
	firstInstant = -62_135_596_800_000_000
	afterInstant = 253_402_300_800_000_000
)

// InstantOf returns the Value of an instant in microseconds: NULL for Forever, Unreadable outside the years 1 to 9999.
func InstantOf(micros int64) Value {
	switch {
	case micros == Forever || micros == -Forever || micros == -Forever-1:
		return Value{}
	case micros < firstInstant || micros >= afterInstant:
		return Value{Kind: Unreadable}
	default:
		return Value{Kind: Instant, Int: micros}
	}
}
