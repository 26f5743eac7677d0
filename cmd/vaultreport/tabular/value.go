package tabular

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/duckdb/duckdb-go/v2"
)

// text returns a value as a cell of CSV or of a table shows it. NULL is the caller's.
func text(v any, t duckdb.TypeInfo) string {
	switch x := v.(type) {
	case float64:
		return shortest(x, 64)
	case float32:
		return shortest(float64(x), 32)
	case string:
		return x
	}
	return unquote(string(appendJSON(nil, v, t)))
}

// unquote takes a JSON string out of its quotes; every other JSON text is its own text.
func unquote(encoded string) string {
	var plain string
	if strings.HasPrefix(encoded, `"`) && json.Unmarshal([]byte(encoded), &plain) == nil {
		return plain
	}
	return encoded
}

// appendJSON appends a value in the form of docs/contract.md section 1.
func appendJSON(b []byte, v any, t duckdb.TypeInfo) []byte {
	if v == nil {
		return append(b, "null"...)
	}
	if isJSON(t) {
		return appendRawJSON(b, v)
	}
	switch x := v.(type) {
	case bool:
		return strconv.AppendBool(b, x)
	case int8, int16, int32, int64, uint8, uint16, uint32, uint64:
		return fmt.Append(b, x)
	case *big.Int:
		return x.Append(b, 10)
	case duckdb.Decimal:
		return append(b, decimalText(x)...)
	case float64:
		return appendFloat(b, x, 64)
	case float32:
		return appendFloat(b, float64(x), 32)
	case string:
		return appendString(b, x)
	case time.Time:
		return appendString(b, timeText(x, t.InternalType()))
	case duckdb.Interval:
		return appendString(b, intervalText(x))
	case []byte:
		return appendString(b, bytesText(x, t.InternalType()))
	case []any:
		return appendList(b, x, t)
	case map[string]any:
		return appendStruct(b, x, t)
	case duckdb.OrderedMap:
		return appendMap(b, x, t)
	case duckdb.Union:
		return appendUnion(b, x, t)
	default:
		return appendString(b, fmt.Sprint(x))
	}
}

// appendRawJSON takes a JSON column, cast to text at the top of a result, parsed by the driver inside of nested values.
func appendRawJSON(b []byte, v any) []byte {
	if encoded, isText := v.(string); isText && json.Valid([]byte(encoded)) {
		return append(b, encoded...)
	}
	encoded, err := json.Marshal(v)
	if err != nil {
		return appendString(b, fmt.Sprint(v))
	}
	return append(b, encoded...)
}

func appendString(b []byte, s string) []byte {
	var plain strings.Builder
	encoder := json.NewEncoder(&plain)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(s); err != nil {
		return append(b, `""`...)
	}
	return append(b, strings.TrimSuffix(plain.String(), "\n")...)
}

// appendFloat writes a float as JSON writers agree to: shortest, with an exponent only outside 1e-6 to 1e21.
// JSON has no other numbers, so infinities and NaN are null.
func appendFloat(b []byte, x float64, bits int) []byte {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return append(b, "null"...)
	}
	return append(b, shortest(x, bits)...)
}

func shortest(x float64, bits int) string {
	switch {
	case math.IsNaN(x):
		return "NaN"
	case math.IsInf(x, 1):
		return "Infinity"
	case math.IsInf(x, -1):
		return "-Infinity"
	}
	format := byte('f')
	if abs := math.Abs(x); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		format = 'e'
	}
	return strconv.FormatFloat(x, format, -1, bits)
}

func decimalText(d duckdb.Decimal) string {
	digits := new(big.Int).Abs(d.Value).String()
	if scale := int(d.Scale); scale > 0 {
		if len(digits) <= scale {
			digits = strings.Repeat("0", scale-len(digits)+1) + digits
		}
		digits = digits[:len(digits)-scale] + "." + digits[len(digits)-scale:]
	}
	if d.Value.Sign() < 0 {
		return "-" + digits
	}
	return digits
}

// infiniteDays is how the driver shows the dates infinity and, negative, -infinity.
const infiniteDays = math.MaxInt32

func timeText(x time.Time, t duckdb.Type) string {
	switch t {
	case duckdb.TYPE_DATE:
		if day := x.Unix() / 86_400; day == infiniteDays || day == -infiniteDays {
			return infinity(day > 0)
		}
		return yearText(x) + x.Format("-01-02")
	case duckdb.TYPE_TIME:
		return x.Format("15:04:05.000000")
	case duckdb.TYPE_TIME_TZ:
		return x.Format("15:04:05.000000-07:00")
	case duckdb.TYPE_TIMESTAMP_NS:
		if nanos := x.UnixNano(); nanos == math.MaxInt64 || nanos == -math.MaxInt64 {
			return infinity(nanos > 0)
		}
		return yearText(x) + x.Format("-01-02T15:04:05.000000000Z")
	}
	if micros := x.UnixMicro(); micros == math.MaxInt64 || micros == -math.MaxInt64 {
		return infinity(micros > 0)
	}
	return yearText(x) + x.Format("-01-02T15:04:05.000000Z")
}

func infinity(positive bool) string {
	if positive {
		return "infinity"
	}
	return "-infinity"
}

// yearText writes years beyond 0 to 9999, which RFC 3339 has not, with a sign, as ISO 8601 does.
func yearText(x time.Time) string {
	switch year := x.Year(); {
	case year > 9999:
		return fmt.Sprintf("+%d", year)
	case year < 0:
		return fmt.Sprintf("-%04d", -year)
	default:
		return fmt.Sprintf("%04d", year)
	}
}

// intervalText is ISO 8601 with months, days and seconds, which do not convert into each other.
func intervalText(x duckdb.Interval) string {
	seconds := decimalText(duckdb.Decimal{Scale: 6, Value: big.NewInt(x.Micros)})
	return fmt.Sprintf("P%dM%dDT%sS", x.Months, x.Days, seconds)
}

func bytesText(x []byte, t duckdb.Type) string {
	encoded := hex.EncodeToString(x)
	if t != duckdb.TYPE_UUID || len(x) != 16 {
		return encoded
	}
	return strings.Join([]string{encoded[:8], encoded[8:12], encoded[12:16], encoded[16:20], encoded[20:]}, "-")
}

func appendList(b []byte, items []any, t duckdb.TypeInfo) []byte {
	b = append(b, '[')
	child := childOf(t)
	for i, item := range items {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendJSON(b, item, child)
	}
	return append(b, ']')
}

func childOf(t duckdb.TypeInfo) duckdb.TypeInfo {
	switch details := t.Details().(type) {
	case *duckdb.ListDetails:
		return details.Child
	case *duckdb.ArrayDetails:
		return details.Child
	}
	return t
}

func appendStruct(b []byte, values map[string]any, t duckdb.TypeInfo) []byte {
	details, ok := t.Details().(*duckdb.StructDetails)
	if !ok {
		return appendRawJSON(b, values)
	}
	b = append(b, '{')
	for i, entry := range details.Entries {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendString(b, entry.Name()), ':')
		b = appendJSON(b, values[entry.Name()], entry.Info())
	}
	return append(b, '}')
}

// appendMap writes an object in the map's order; the text of a key is its name.
func appendMap(b []byte, m duckdb.OrderedMap, t duckdb.TypeInfo) []byte {
	details, ok := t.Details().(*duckdb.MapDetails)
	if !ok {
		return appendString(b, m.String())
	}
	b = append(b, '{')
	values := m.Values()
	for i, key := range m.Keys() {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendString(b, text(key, details.Key)), ':')
		b = appendJSON(b, values[i], details.Value)
	}
	return append(b, '}')
}

// appendUnion writes an object with the name of the member that is set.
func appendUnion(b []byte, u duckdb.Union, t duckdb.TypeInfo) []byte {
	details, ok := t.Details().(*duckdb.UnionDetails)
	if !ok {
		return appendString(b, fmt.Sprint(u.Value))
	}
	at := slices.IndexFunc(details.Members, func(m duckdb.UnionMember) bool { return m.Name == u.Tag })
	if at < 0 {
		return appendString(b, fmt.Sprint(u.Value))
	}
	b = append(appendString(append(b, '{'), u.Tag), ':')
	return append(appendJSON(b, u.Value, details.Members[at].Type), '}')
}
