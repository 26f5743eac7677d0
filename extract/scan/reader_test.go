package scan

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"vaultreport/internal/event"
	"vaultreport/internal/pii"

	"github.com/cockroachdb/datadriven"
)

const testSecret = "a secret of the tests, 32 bytes!"

func testKey(t testing.TB) *pii.Key {
	t.Helper()
	key, err := pii.ParseKey([]byte(hex.EncodeToString([]byte(testSecret))))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// hashes names the keys that the cases expect by the text that they are the HMAC of.
var hashes = func() map[event.Key]string {
	names := map[event.Key]string{}
	for _, text := range []string{
		"1", "42", "70000", "9223372036854775807", "req_id:r-1", "req_id:x", "req_id:가", "tx_id:t-1", "tx_id:x", "compensation_id:c-1",
		"req_id:" + strings.Repeat("가", 128), "tx_id:" + strings.Repeat("가", 128), "tx_id:010-1234-5678", "compensation_id:\x00",
		"req_id:6d1c9a3e0b7f4c1d9e2af01012345678", "req_id:{6d1c9a3e-0b7f-4c1d-9e2a-f01012345678}", "req_id:6d1c9a3e-0b7f-4c1d-9e2a-g01012345678",
	} {
		mac := hmac.New(sha256.New, []byte(testSecret))
		mac.Write([]byte(text))
		names[event.Key(mac.Sum(nil)[:16])] = "hmac(" + strings.NewReplacer(strings.Repeat("가", 128), "가*128", "\x00", "NUL").Replace(text) + ")"
	}
	return names
}()

func keyText(k event.Key) string {
	if name, ok := hashes[k]; ok {
		return name
	}
	return hex.EncodeToString(k[:])
}

// recordText writes every column that is present, in lake order.
func recordText(rec *event.Record) string {
	var parts []string
	for c := range event.Column(event.NumColumns) {
		if !rec.Present.Has(c) {
			continue
		}
		text, _ := clearValue(rec, c)
		switch c {
		case event.UserKey:
			text = keyText(rec.UserKey)
		case event.ReqID:
			text = keyText(rec.ReqID)
		case event.TraceID:
			text = keyText(rec.TraceID)
		case event.TxID:
			text = keyText(rec.TxID)
		case event.CompensationID:
			text = keyText(rec.CompensationID)
		}
		parts = append(parts, c.String()+"="+text)
	}
	return strings.Join(parts, " ")
}

func resultText(result Result, blank bool, rec *event.Record) string {
	if blank {
		return "blank"
	}
	if result.Reason == event.Accepted {
		text := "accepted\n" + recordText(rec)
		if len(result.Unknown) > 0 {
			text += "\nunknown " + strings.Join(result.Unknown, ", ")
		}
		return text
	}
	text := strings.TrimSpace(result.Reason.String() + " " + result.Field)
	if result.HasTS {
		text += " of " + instantText(result.TS)
	}
	if rec.Env != "" {
		text += " in " + rec.Env
	}
	return text + "\n" + result.MaskedText
}

// needed are the fields that a line of each kind needs, and env.
var needed = map[event.Column]string{
	event.TS: `"2026-01-02T03:04:05Z"`, event.UserKey: "42", event.VaultType: `"GOLD"`, event.AttendanceDay: "3", event.TxID: `"t-1"`, event.Amount: "1000",
	event.ExtensionReason: `"OPS"`, event.Shadow: "false", event.ExpiresAt: `"2026-02-01T00:00:00+09:00"`, event.CompensationID: `"c-1"`, event.LatencyMS: "12",
	event.Job: `"expire"`, event.Outcome: `"success"`, event.Queue: `"dlq"`, event.Depth: "7", event.Attempt: "2", event.Env: `"prod"`,
}

// extra are the fields that no kind needs.
var extra = map[event.Column]string{
	event.ReqID: `"r-1"`, event.TraceID: `"0123456789abcdef0123456789abcdef"`, event.StatusBefore: `"LOCKED"`, event.StatusAfter: `"UNLOCKED"`,
	event.VariantID: `"A"`, event.NotifyType: `"push"`,
}

// lineWith returns a line of a kind that has what it needs, with one field changed, or left out if value is "-".
func lineWith(kind event.Kind, field, value string) string {
	var parts []string
	for c := range event.Column(event.NumColumns) {
		v := needed[c]
		switch {
		case c == event.Event:
			v = `"` + kind.String() + `"`
		case !(kind.Needs() | event.Set(event.Env)).Has(c):
			v = "-"
		}
		if c.Field() == field {
			v = value
		}
		if v != "-" {
			parts = append(parts, `"`+c.Field()+`":`+v)
		}
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// The commands:
//
//	line [env=E] [max=N] [unwrap=P] [field=(from,to)] [event=(from,to)] [last] [cut] [quoted]
//	                                             one line, written as it is or as a quoted Go string
//	field kind=K name=N                          a line of the kind for every value of the field; -: without it
//	unlisted kind=K                              the fields that are dropped of a line that has all
func TestLine(t *testing.T) {
	datadriven.Walk(t, "testdata/line", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			switch d.Cmd {
			case "line":
				return lineCase(t, d)
			case "field":
				return fieldCase(t, d)
			case "unlisted":
				return unlistedCase(t, d)
			default:
				d.Fatalf(t, "unknown command %s", d.Cmd)
				return ""
			}
		})
	})
}

func lineCase(t *testing.T, d *datadriven.TestData) string {
	o := Options{Key: testKey(t)}
	d.MaybeScanArgs(t, "env", &o.Env)
	d.MaybeScanArgs(t, "max", &o.MaxLine)
	if path := ""; d.MaybeScanArgs(t, "unwrap", &path) {
		var err error
		if o.Unwrap, err = ParsePath(path); err != nil {
			return "error: " + err.Error()
		}
	}
	for _, side := range []struct {
		arg  string
		into *map[string]string
	}{{"field", &o.Rename.Field}, {"event", &o.Rename.Event}} {
		for _, arg := range d.CmdArgs {
			if arg.Key == side.arg {
				*side.into = map[string]string{arg.Vals[0]: arg.Vals[1]}
			}
		}
	}
	if err := o.Rename.Validate(); err != nil {
		return "error: " + err.Error()
	}
	text := d.Input
	if d.HasArg("quoted") {
		var err error
		if text, err = strconv.Unquote(d.Input); err != nil {
			d.Fatalf(t, "%v", err)
		}
	}
	var rec event.Record
	result, blank := New(o).Line(Line{Text: []byte(text), Size: int64(len(text)), Last: d.HasArg("last"), Cut: d.HasArg("cut")}, &rec)
	return resultText(result, blank, &rec)
}

func fieldCase(t *testing.T, d *datadriven.TestData) string {
	var kindName, name string
	d.ScanArgs(t, "kind", &kindName)
	d.ScanArgs(t, "name", &name)
	kind := event.KindOf(kindName)
	column, ok := event.ColumnOfField(name)
	if kind == 0 || !ok {
		d.Fatalf(t, "no kind %s or no field %s", kindName, name)
	}
	reader := New(Options{Key: testKey(t)})
	var out strings.Builder
	for value := range strings.SplitSeq(d.Input, "\n") {
		var rec event.Record
		written := strings.NewReplacer("가*128", strings.Repeat("가", 128), "가*129", strings.Repeat("가", 129), "a*64", strings.Repeat("a", 64), "a*65", strings.Repeat("a", 65),
			"a*32", strings.Repeat("a", 32), "a*33", strings.Repeat("a", 33)).Replace(value)
		result, _ := reader.Line(Line{Text: []byte(lineWith(kind, name, written))}, &rec)
		only := rec
		only.Present &= event.Set(column)
		switch text := recordText(&only); {
		case result.Reason != event.Accepted:
			fmt.Fprintf(&out, "%s: %s %s\n", value, result.Reason, result.Field)
		case text == "":
			fmt.Fprintf(&out, "%s: NULL\n", value)
		default:
			fmt.Fprintf(&out, "%s: %s\n", value, strings.NewReplacer(strings.Repeat("a", 64), "a*64", strings.Repeat("a", 32), "a*32").Replace(strings.SplitN(text, "=", 2)[1]))
		}
	}
	return out.String()
}

func unlistedCase(t *testing.T, d *datadriven.TestData) string {
	var kindName string
	d.ScanArgs(t, "kind", &kindName)
	var parts []string
	for c := range event.Column(event.NumColumns) {
		v := needed[c]
		switch {
		case c == event.Event:
			v = `"` + kindName + `"`
		case v == "":
			v = extra[c]
		}
		parts = append(parts, `"`+c.Field()+`":`+v)
	}
	var rec event.Record
	result, _ := New(Options{Key: testKey(t)}).Line(Line{Text: []byte("{" + strings.Join(parts, ",") + "}")}, &rec)
	return resultText(result, false, &rec)
}
