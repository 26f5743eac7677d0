package scan

import (
	"testing"

	"vaultreport/internal/event"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// plainEvent is what somebody would decode a line into who neither validates nor hashes.
type plainEvent struct {
	TS              string         `json:"ts"`
	Event           string         `json:"event"`
	UserID          jsontext.Value `json:"user_id"`
	VaultType       string         `json:"vault_type"`
	ReqID           string         `json:"req_id"`
	TraceID         jsontext.Value `json:"trace_id"`
	Env             string         `json:"env"`
	StatusBefore    string         `json:"status_before"`
	StatusAfter     string         `json:"status_after"`
	ExpiresAt       string         `json:"expires_at"`
	VariantID       string         `json:"variant_id"`
	NotifyType      string         `json:"notify_type"`
	AttendanceDay   float64        `json:"attendance_day"`
	TxID            string         `json:"tx_id"`
	Amount          float64        `json:"amount"`
	ExtensionReason string         `json:"extension_reason"`
	Shadow          bool           `json:"shadow"`
	CompensationID  string         `json:"compensation_id"`
	LatencyMS       float64        `json:"latency_ms"`
	Job             string         `json:"job"`
	Outcome         string         `json:"outcome"`
	Queue           string         `json:"queue"`
	Depth           float64        `json:"depth"`
	Attempt         float64        `json:"attempt"`
}

// benchmarkLines runs do on the accepted lines of the sample over and over; an operation is one line.
func benchmarkLines(b *testing.B, do func(text []byte)) {
	lines := acceptedLines(b)
	size := 0
	for _, text := range lines {
		size += len(text)
	}
	b.SetBytes(int64(size / len(lines)))
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		do(lines[i%len(lines)])
	}
}

// The whole of a line: scanned, validated, hashed.
func BenchmarkLine(b *testing.B) {
	reader := New(Options{Key: testKey(b)})
	var rec event.Record
	benchmarkLines(b, func(text []byte) { reader.Line(Line{Text: text}, &rec) })
}

// The same, with every line left to the parser.
func BenchmarkCompleteLine(b *testing.B) {
	reader := New(Options{Key: testKey(b)})
	reader.complete = true
	var rec event.Record
	benchmarkLines(b, func(text []byte) { reader.Line(Line{Text: text}, &rec) })
}

// The parsing of a line alone, to be held against BenchmarkAgainst.
func BenchmarkScan(b *testing.B) {
	fields := newFieldSet(Rename{})
	benchmarkLines(b, func(text []byte) { fields.scan(text) })
}

// The bar of docs/performance.md: a good decoder into a struct.
func BenchmarkAgainst(b *testing.B) {
	benchmarkLines(b, func(text []byte) {
		var e plainEvent
		if err := json.Unmarshal(text, &e, jsontext.AllowDuplicateNames(true)); err != nil {
			b.Fatal(err)
		}
	})
}
