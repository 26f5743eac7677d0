package scan

import (
	"strings"
	"testing"

	"vaultreport/internal/event"
)

func readAccepted(t *testing.T, o Options, text string) event.Record {
	t.Helper()
	o.Key = testKey(t)
	var rec event.Record
	if result, _ := New(o).Line(Line{Text: []byte(text)}, &rec); result.Reason != event.Accepted {
		t.Fatalf("refused: %s %s", result.Reason, result.Field)
	}
	return rec
}

func TestMaskRecord(t *testing.T) {
	for _, c := range []struct{ name, env, text, want string }{
		{
			"clear columns as they are, hashed ones without their length", "",
			`{"ts":"2026-01-02T03:04:05.5+09:00","event":"DEPOSIT_RECORDED","user_id":1234567890,"vault_type":"GOLD","req_id":"r-1","trace_id":"0123456789abcdef0123456789abcdef","tx_id":"t-1","amount":7e4,"env":"prod","nickname":"x"}`,
			`{"ts":"2026-01-01T18:04:05.5Z","event":"DEPOSIT_RECORDED","user_id":<hashed>,"vault_type":"GOLD","req_id":<hashed>,"trace_id":<hashed>,"env":"prod","tx_id":<hashed>,"amount":70000}`,
		},
		{
			"every other clear column", "live",
			lineWith(event.ExpiryExtended, "env", "-"),
			`{"ts":"2026-01-02T03:04:05Z","event":"EXPIRY_EXTENDED","user_id":<hashed>,"env":"live","expires_at":"2026-01-31T15:00:00Z","extension_reason":"OPS","shadow":false}`,
		},
		{
			"a retry", "",
			lineWith(event.CompensationRetried, "outcome", `"gave_up"`),
			`{"ts":"2026-01-02T03:04:05Z","event":"COMPENSATION_RETRIED","env":"prod","compensation_id":<hashed>,"outcome":"gave_up","attempt":2}`,
		},
		{
			"an env that the source fixes to what looks personal", "live-01012345678",
			lineWith(event.BatchRunFinished, "env", "-"),
			`{"ts":"2026-01-02T03:04:05Z","event":"BATCH_RUN_FINISHED","env":<string:16>,"job":"expire","outcome":"success"}`,
		},
		{
			"an amount that looks like a card", "",
			lineWith(event.DepositRecorded, "amount", "4111111111111111"),
			`{"ts":"2026-01-02T03:04:05Z","event":"DEPOSIT_RECORDED","user_id":<hashed>,"env":"prod","tx_id":<hashed>,"amount":<number:16>}`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			rec := readAccepted(t, Options{Env: c.env}, c.text)
			if got := MaskRecord(&rec); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestAMaskedTextEndsBeforeTheFirstFieldThatDoesNotFit(t *testing.T) {
	reader := New(Options{Key: testKey(t)})
	mask := func(zeros int) string {
		var rec event.Record
		text := `{"event":"NOPE","vault_type":"GOLD","amount":1.` + strings.Repeat("0", zeros) + `e-0000,"attempt":1,"latency_ms":5}`
		result, _ := reader.Line(Line{Text: []byte(text)}, &rec)
		return result.MaskedText
	}
	start := `{"event":<string:4>,"vault_type":"GOLD"`
	fits := maxMasked - len(start+`,"amount":1.e-0000}`)
	if got, want := mask(fits), start+`,"amount":1.`+strings.Repeat("0", fits)+"e-0000}"; got != want || len(got) != maxMasked {
		t.Errorf("%d bytes:\n%s", len(got), got)
	}
	if got, want := mask(fits+1), start+"}"; got != want {
		t.Errorf("got %s, want %s: a later field that would fit is left out too", got, want)
	}
}

// The values are harmless one by one; whether they make up a pattern together is asked of the whole.
func TestAMaskedTextThatLooksPersonalAsAWholeShowsNothing(t *testing.T) {
	m := masked{text: []byte(`{"x":"010-1234-5678"`)}
	if got, want := m.finish(), "<object:21>"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
