package scan

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"vaultreport/internal/event"
	"vaultreport/internal/pii"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// checkLine holds what is true of every line, whatever its bytes: the reference is encoding/json, which is more lenient
// and therefore has to accept what the Reader accepts.
func checkLine(t *testing.T, key *pii.Key, text []byte, result Result, blank bool, rec *event.Record) {
	t.Helper()
	if blank {
		if strings.Trim(string(text), " \t\r\n") != "" || result.Reason != event.Accepted || *rec != (event.Record{}) {
			t.Fatal("blank, but it has something")
		}
		return
	}
	if result.Reason > event.PIIRefused {
		t.Fatalf("reason %d is none of a single line", result.Reason)
	}
	if _, isField := event.ColumnOfField(result.Field); result.Field != "" && !isField {
		t.Fatal("the reason names a field that no event lists")
	}
	if result.HasTS && !result.Reason.Dated() {
		t.Fatalf("%s has a ts", result.Reason)
	}
	if result.Reason != event.Accepted {
		checkRefused(t, result, rec)
		return
	}
	checkAccepted(t, key, text, result, rec)
}

func checkRefused(t *testing.T, result Result, rec *event.Record) {
	t.Helper()
	if len(result.MaskedText) > maxMasked || !utf8.ValidString(result.MaskedText) || result.MaskedText == "" {
		t.Fatalf("masked text of %d bytes", len(result.MaskedText))
	}
	if name, found := pii.Find(result.MaskedText); found {
		t.Fatalf("the masked text looks like %s", name)
	}
	if want := (event.Record{Env: rec.Env}); *rec != want || rec.Env != "" && !result.Reason.HasEnv() || len(result.Unknown) > 0 {
		t.Fatalf("a refused line of reason %s left something behind", result.Reason)
	}
}

func checkAccepted(t *testing.T, key *pii.Key, text []byte, result Result, rec *event.Record) {
	t.Helper()
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(text, &fields); err != nil {
		t.Fatalf("accepted, and encoding/json says %v", err)
	}
	if missing := (rec.Kind.Needs() | event.Set(event.Env)) &^ rec.Present; missing != 0 {
		t.Fatalf("accepted without %s", missing.First())
	}
	if extra := rec.Present &^ rec.Kind.Lists(); extra != 0 {
		t.Fatalf("accepted with %s, which is not listed", extra.First())
	}
	if !result.HasTS || result.TS != rec.TS || result.MaskedText != "" || result.Field != "" {
		t.Fatal("the result of an accepted line is not that of one")
	}
	if !slices.IsSorted(result.Unknown) || len(slices.Compact(slices.Clone(result.Unknown))) != len(result.Unknown) {
		t.Fatal("unknown names are not sorted and distinct")
	}
	for c := range event.Column(event.NumColumns) {
		raw := fields[c.Field()]
		isGiven := raw != nil && string(raw) != "null"
		if rec.Present.Has(c) && !isGiven {
			t.Fatalf("%s has a value that the line does not give", c)
		}
		if isGiven && rec.Kind.Lists().Has(c) && c != event.TraceID && !rec.Present.Has(c) {
			t.Fatalf("%s is lost", c)
		}
		if rec.Present.Has(c) {
			checkColumn(t, key, c, raw, rec)
		}
	}
}

func checkColumn(t *testing.T, key *pii.Key, c event.Column, raw json.RawMessage, rec *event.Record) {
	t.Helper()
	var decoded any
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	if err := decoder.Decode(&decoded); err != nil {
		t.Fatal("encoding/json does not decode it")
	}
	text, isString := decoded.(string)
	switch c {
	case event.UserKey:
		if !isString {
			text = wholeNumber(t, decoded.(json.Number))
		}
		if rec.UserKey != key.Hasher().UserKey([]byte(text)) {
			t.Fatal("user_key is another user's")
		}
	case event.TxID:
		if rec.TxID != key.Hasher().Text(pii.TxID, []byte(text)) {
			t.Fatal("tx_id is another text's")
		}
	case event.CompensationID:
		if rec.CompensationID != key.Hasher().Text(pii.CompensationID, []byte(text)) {
			t.Fatal("compensation_id is another text's")
		}
	case event.ReqID:
		hex := strings.ToLower(strings.ReplaceAll(text, "-", ""))
		if rec.ReqID != key.Hasher().Text(pii.ReqID, []byte(text)) && fmt.Sprintf("%x", rec.ReqID) != hex {
			t.Fatal("req_id is another text's")
		}
	case event.TraceID:
		if fmt.Sprintf("%x", rec.TraceID) != strings.ToLower(strings.ReplaceAll(text, "-", "")) {
			t.Fatal("trace_id is another text's")
		}
	case event.TS, event.ExpiresAt:
		micros := rec.TS
		if c == event.ExpiresAt {
			micros = rec.ExpiresAt
		}
		if want, err := time.Parse(time.RFC3339Nano, strings.ToUpper(text)); err != nil || want.UnixMicro() != micros {
			t.Fatalf("%s is another instant: %v", c, err)
		}
	default:
		want := text
		switch v := decoded.(type) {
		case json.Number:
			want = wholeNumber(t, v)
		case bool:
			want = fmt.Sprint(v)
		}
		if got, _ := clearValue(rec, c); got != want {
			t.Fatalf("%s has another value", c)
		}
	}
}

// wholeNumber returns the digits of a number; exponents that the reference would take forever for have no whole value of
// the range, unless the digits make up for it, which no fuzzed line does.
func wholeNumber(t *testing.T, number json.Number) string {
	t.Helper()
	if _, exponent, ok := strings.Cut(strings.ToLower(number.String()), "e"); ok && len(strings.TrimLeft(exponent, "+-0")) > 5 {
		return "0"
	}
	value, ok := new(big.Rat).SetString(number.String())
	if !ok || !value.IsInt() {
		t.Fatal("accepted a number that is not whole")
	}
	return value.Num().String()
}

func FuzzLine(f *testing.F) {
	for kind := range slices.Values(event.Kinds()) {
		f.Add([]byte(lineWith(kind, "req_id", `"r-1"`)), false)
	}
	for _, seed := range []string{
		"", " \t", "{}", "[]", `{"ts":"2026-01-02T03:04:05"}`, "{\"a\":\"\xff\"}", `{"a":"\ud83d"}`, `{"\u0074s":1,"ts":2}`,
		lineWith(event.AlertSent, "user_id", `"42"`), lineWith(event.AlertSent, "variant_id", `"010-1234-5678"`),
		lineWith(event.DepositRecorded, "amount", "7.0e4"), lineWith(event.VaultClaimed, "trace_id", `"0123456789abcdef0123456789abcdef"`),
		lineWith(event.VaultClaimed, "expires_at", `"2026-01-02T03:04:05.5"`), lineWith(event.ExpiryExtended, "env", "null"),
	} {
		f.Add([]byte(seed), true)
	}
	key := testKey(f)
	f.Fuzz(func(t *testing.T, text []byte, last bool) {
		before := bytes.Clone(text)
		var rec event.Record
		reader := New(Options{Key: key})
		result, blank := reader.Line(Line{Text: text, Size: int64(len(text)), Last: last}, &rec)
		checkLine(t, key, text, result, blank, &rec)
		if !bytes.Equal(text, before) {
			t.Fatal("the line was changed")
		}
		var again event.Record
		if second, _ := reader.Line(Line{Text: text, Size: int64(len(text)), Last: last}, &again); !cmp.Equal(second, result) || again != rec {
			t.Fatal("the second reading differs from the first")
		}
	})
}

// generatedLine is a line that is close to acceptable: any fields of any kind, each with a fit or an unfit value.
func generatedLine(t *rapid.T) string {
	kind := rapid.SampledFrom(event.Kinds()).Draw(t, "kind")
	values := rapid.SampledFrom([]string{
		"null", "0", "1", "-1", "7e4", "1.5", "1e400", `"42"`, `"GOLD"`, `"LOCKED"`, `"x"`, `""`, `"prod"`, "true", "{}", `[1,"a"]`, `"success"`,
		`"2026-01-02T03:04:05Z"`, `"2026-01-02T03:04:05"`, `"010-1234-5678"`, `"6d1c9a3e-0b7f-4c1d-9e2a-f01012345678"`, `"\u0078"`, `"\ud800"`, "\"\xff\"",
	})
	var parts []string
	for c := range event.Column(event.NumColumns) {
		switch rapid.IntRange(0, 9).Draw(t, c.Field()) {
		case 0:
			parts = append(parts, `"`+c.Field()+`":`+values.Draw(t, "value"))
		case 1:
			parts = append(parts, `"x`+c.Field()+`":`+values.Draw(t, "value"))
		default:
			switch {
			case c == event.Event:
				parts = append(parts, `"event":"`+kind.String()+`"`)
			case (kind.Needs() | event.Set(event.Env)).Has(c):
				parts = append(parts, `"`+c.Field()+`":`+needed[c])
			}
		}
	}
	return "{" + strings.Join(rapid.Permutation(parts).Draw(t, "order"), ",") + "}"
}

func TestTheResultDependsOnNoOtherLine(t *testing.T) {
	key := testKey(t)
	used := New(Options{Key: key})
	accepted := 0
	rapid.Check(t, func(rt *rapid.T) {
		text := []byte(generatedLine(rt))
		var got, want event.Record
		gotResult, gotBlank := used.Line(Line{Text: text}, &got)
		wantResult, wantBlank := New(Options{Key: key}).Line(Line{Text: text}, &want)
		if diff := cmp.Diff(wantResult, gotResult); diff != "" || gotBlank != wantBlank || got != want {
			rt.Fatalf("a used reader differs from a new one:\n%s", diff)
		}
		checkLine(t, key, text, gotResult, gotBlank, &got)
		if gotResult.Reason == event.Accepted {
			accepted++
		}
	})
	if accepted == 0 {
		t.Error("no generated line was accepted: the test shows nothing")
	}
}

func TestTheOrderOfTheFieldsDoesNotMatter(t *testing.T) {
	reader := New(Options{Key: testKey(t)})
	rapid.Check(t, func(t *rapid.T) {
		text := generatedLine(t)
		var fields map[string]json.RawMessage
		if !utf8.ValidString(text) || json.Unmarshal([]byte(text), &fields) != nil {
			return
		}
		var parts []string
		for name, value := range fields {
			parts = append(parts, ` "`+name+`" : `+string(value))
		}
		var first, second event.Record
		a, _ := reader.Line(Line{Text: []byte(text)}, &first)
		a.Unknown = slices.Clone(a.Unknown)
		b, _ := reader.Line(Line{Text: []byte("{" + strings.Join(parts, ",") + "}")}, &second)
		if a.Reason == event.BadUTF8 {
			a.MaskedText, b.MaskedText = "", "" // the number of bytes
		}
		if diff := cmp.Diff(a, b); diff != "" || first != second {
			t.Fatalf("in another order:\n%s", diff)
		}
	})
}

func TestNoMaskedTextHoldsAnIdentifier(t *testing.T) {
	reader := New(Options{Key: testKey(t)})
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.StringMatching(`8[0-9]{9,17}3`).Draw(t, "id")
		field := rapid.SampledFrom([]string{"user_id", "req_id", "trace_id", "tx_id", "compensation_id", "nickname", "event", "ts"}).Draw(t, "field")
		form := rapid.SampledFrom([]string{`%s`, `"%s"`, `{"a":%s}`, `["%s"]`, `%s.5`, `"x %s"`}).Draw(t, "form")
		text := strings.Replace(`{"event":"NOPE","ts":"x","`+field+`":V,"amount":0}`, "V", strings.ReplaceAll(form, "%s", id), 1)
		var rec event.Record
		if result, _ := reader.Line(Line{Text: []byte(text)}, &rec); strings.Contains(result.MaskedText, id) {
			t.Fatalf("%s shows the id", result.MaskedText)
		}
	})
}
