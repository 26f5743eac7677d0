package table

import "context"

// Reader gives the rows of one table. It serves one goroutine.
type Reader interface {
	// Attributes returns the catalogue: the columns that the source has, whatever they are.
	Attributes() []Attribute
	// Rows calls each for every row with the values of the named attributes, in the order of the names. It stops at the
	// first error, also one of each. Values are valid until each returns.
	Rows(ctx context.Context, names []string, each func(values []Value) error) error
	Close() error
}

// Attribute is a column of a source table.
type Attribute struct {
	Name     string
	Type     Type
	TypeName string // as the source calls it, for messages
}

// Type says which values an attribute has.
type Type uint8

// The types that columns of the four tables may have in a source.
const (
	OtherType   Type = iota // none of the following
	IntegerType             // of up to 64 bits
	TextType                // VARCHAR, TEXT, ENUM
	BooleanType             //
	InstantType             // with or without zone; without, it is UTC
	UntypedType             // text that may stand for a value of any type: CSV
)

func (t Type) String() string {
	return [...]string{"other", "integer", "text", "boolean", "timestamp", "untyped"}[t]
}

// Mistaken names the type that an untyped column has instead, when none of its values can be read as t: words have no
// other form than numbers, and anything else is text.
func (t Type) Mistaken() string {
	if t == TextType {
		return "number"
	}
	return "text"
}
