package postgres

import (
	"bytes"
	"encoding/binary"
	"math"

	"vaultreport/extract/table"
)

// form is how the values of a type lie in a binary COPY.
type form uint8

const (
	noForm form = iota // of a type that no column of ours can have
	int2
	int4
	int8
	text   // also of enums
	padded // CHAR(n): blanks at the end do not count
	boolean
	timestamp // with zone or without, then it is UTC
)

var typeOfForm = [...]table.Type{
	noForm: table.OtherType, int2: table.IntegerType, int4: table.IntegerType, int8: table.IntegerType, text: table.TextType, padded: table.TextType,
	boolean: table.BooleanType, timestamp: table.InstantType,
}

// formOf says how values of a type that is no domain lie, and whether they must be cast to text first, so that they do.
// numeric is none of ours, nor is date: nothing says that their values are whole numbers or instants.
func formOf(oid uint32, kind, category string) (f form, cast bool) {
	switch oid {
	case 21:
		return int2, false
	case 23:
		return int4, false
	case 20:
		return int8, false
	case 25, 1043, 19: // text, varchar, name
		return text, false
	case 1042:
		return padded, false
	case 16:
		return boolean, false
	case 1114, 1184:
		return timestamp, false
	case 2950: // uuid
		return text, true
	}
	switch {
	case kind == "e":
		return text, false
	case category == "S": // citext and its like
		return text, true
	}
	return noForm, false
}

// maxText is the most that is taken of a text, in bytes; a longer one is Unreadable. No column allows one of that length.
const maxText = 1 << 20

// read makes v of a value that is not NULL, where it will be looked at: values are many. ok is false if no value of the form lies so.
func (f form) read(v *table.Value, raw []byte) (ok bool) {
	switch f {
	case int2:
		if ok = len(raw) == 2; ok {
			*v = table.Value{Kind: table.Integer, Int: int64(int16(binary.BigEndian.Uint16(raw)))}
		}
	case int4:
		if ok = len(raw) == 4; ok {
			*v = table.Value{Kind: table.Integer, Int: int64(int32(binary.BigEndian.Uint32(raw)))}
		}
	case int8:
		if ok = len(raw) == 8; ok {
			*v = table.Value{Kind: table.Integer, Int: int64(binary.BigEndian.Uint64(raw))}
		}
	case boolean:
		if ok = len(raw) == 1 && raw[0] <= 1; ok {
			*v = table.Value{Kind: table.Boolean, Int: int64(raw[0])}
		}
	case timestamp:
		if ok = len(raw) == 8; ok {
			*v = instant(int64(binary.BigEndian.Uint64(raw)))
		}
	case padded:
		*v, ok = textValue(bytes.TrimRight(raw, " ")), true
	default:
		*v, ok = textValue(raw), true
	}
	return ok
}

func textValue(raw []byte) table.Value {
	if len(raw) > maxText {
		return table.Value{Kind: table.Unreadable, Bytes: raw[:maxText]}
	}
	return table.Value{Kind: table.Text, Bytes: raw}
}

// instant reads microseconds since the year 2000, of which the ends are infinity and -infinity.
func instant(micros int64) table.Value {
	const since1970 = 946_684_800_000_000
	switch {
	case micros == math.MaxInt64 || micros == math.MinInt64:
		return table.InstantOf(table.Forever)
	case micros > math.MaxInt64-since1970-1:
		return table.Value{Kind: table.Unreadable}
	default:
		return table.InstantOf(micros + since1970)
	}
}
