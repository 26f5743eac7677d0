package sample

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// record is an accepted line as the tests read it: its identity and its other columns as text.
type record struct {
	at              int64
	env, event      string
	user, vaultType string
	req             string
	fields          map[string]json.RawMessage
	identity, rest  string
}

var (
	instantForm = regexp.MustCompile(`^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$`)
	naiveForm   = regexp.MustCompile(`^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?$`)
	surrogate   = regexp.MustCompile(`\\u[dD][89a-fA-F][0-9a-fA-F]{2}`)
	tagForm     = regexp.MustCompile(`^[A-Za-z0-9_.:-]{1,64}$`)
	piiForm     = regexp.MustCompile(`01[016789]-?\d{3,4}-?\d{4}|\d{6}-[1-8]\d{6}|^eyJ[\w-]+\.[\w-]+\.[\w-]+$`)
	envForm     = regexp.MustCompile(`^[a-z0-9-]{1,32}$`)
	digits      = regexp.MustCompile(`^[1-9]\d*$`)
)

// listed says, per event, what it needs and what it may carry besides.
var listed = func() map[string][2][]string {
	user := []string{"user_id"}
	tagged := []string{"vault_type", "variant_id", "notify_type"}
	seen := []string{"vault_type", "variant_id"}
	life := [2][]string{{"user_id", "vault_type"}, {"status_before", "status_after", "expires_at"}}
	return map[string][2][]string{
		"VAULT_UNLOCKED": life, "VAULT_CLAIMED": life, "VAULT_EXPIRED": life,
		"ALERT_SENT": {user, tagged}, "ALERT_CLICKED": {user, tagged},
		"ATTENDANCE_MARKED":       {{"user_id", "attendance_day"}, {"vault_type"}},
		"DEPOSIT_RECORDED":        {{"user_id", "tx_id", "amount"}, {"vault_type"}},
		"EXPIRY_EXTENDED":         {{"user_id", "extension_reason", "shadow", "expires_at"}, {"vault_type"}},
		"REFERRAL_REVIVED":        {{"user_id", "expires_at"}, {"vault_type"}},
		"COMPENSATION_ENQUEUED":   {{"user_id", "compensation_id"}, {"vault_type"}},
		"SOCIAL_PROOF_IMPRESSION": {user, seen}, "SOCIAL_PROOF_CLICKED": {user, seen},
		"LOSS_BANNER_IMPRESSION": {user, seen}, "LOSS_BANNER_CLICKED": {user, seen},
		"NOTIFY_ENQUEUED":      {{"user_id", "latency_ms"}, {"notify_type", "variant_id"}},
		"BATCH_RUN_FINISHED":   {{"job", "outcome"}, nil},
		"DLQ_DEPTH_SAMPLED":    {{"queue", "depth"}, nil},
		"COMPENSATION_RETRIED": {{"compensation_id", "attempt", "outcome"}, {"user_id", "vault_type"}},
	}
}()

// classify reads one line without its end by docs/sources.md and returns the reason to refuse it, or "".
func classify(line []byte, torn bool) (*record, string) {
	if len(line) > maxLine {
		return nil, "too_long"
	}
	repaired := bytes.ToValidUTF8(line, []byte("\uFFFD"))
	object := bytes.HasPrefix(bytes.TrimSpace(repaired), []byte("{"))
	if !json.Valid(repaired) || depth(repaired) > 1000 {
		if torn {
			return nil, "truncated"
		}
		return nil, "not_json"
	}
	if object && (!utf8.Valid(line) || bytes.Contains(line, []byte(`\u`)) && surrogate.Match(line)) { // the sample writes no pairs as escapes
		return nil, "bad_utf8"
	}
	if !object {
		return nil, "not_object"
	}
	r := &record{fields: map[string]json.RawMessage{}}
	if !r.read(line) {
		return nil, "duplicate_key"
	}
	columns, known := listed[r.text("event")]
	if !known {
		return nil, "unknown_event"
	}
	r.event = r.text("event")
	for _, name := range append([]string{"ts"}, columns[0]...) {
		if r.fields[name] == nil {
			return nil, "missing_field"
		}
	}
	return r, r.check(append(columns[0][:len(columns[0]):len(columns[0])], columns[1]...))
}

func depth(text []byte) int {
	deepest, now, quoted := 0, 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case !quoted && (c == '[' || c == '{'):
			now++
			deepest = max(deepest, now)
		case !quoted && (c == ']' || c == '}'):
			now--
		}
	}
	return deepest
}

// read takes the fields of the object, null as absent, and says whether its keys are distinct.
func (r *record) read(line []byte) bool {
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.Token()
	seen := map[string]bool{}
	for dec.More() {
		key, _ := dec.Token()
		name := key.(string)
		if seen[name] {
			return false
		}
		seen[name] = true
		var value json.RawMessage
		dec.Decode(&value)
		if string(value) != "null" {
			r.fields[name] = value
		}
	}
	return true
}

// text returns a field that is a string, or "".
func (r *record) text(name string) string {
	value := r.fields[name]
	if len(value) > 1 && value[0] == '"' && !bytes.ContainsRune(value, '\\') {
		return string(value[1 : len(value)-1])
	}
	var s string
	if json.Unmarshal(value, &s) != nil {
		return ""
	}
	return s
}

// integer returns a field that is a whole number, in any form, and whether it is one.
func (r *record) integer(name string) (int64, bool) {
	if n, err := strconv.ParseInt(string(r.fields[name]), 10, 64); err == nil {
		return n, true
	}
	value, ok := new(big.Rat).SetString(string(r.fields[name]))
	if !ok || !value.IsInt() || !value.Num().IsInt64() {
		return 0, false
	}
	return value.Num().Int64(), true
}

// check tests the columns' values and fills the identity.
func (r *record) check(columns []string) string {
	naive, bad, pii := false, false, false
	instant := func(name string) int64 {
		text := r.text(name)
		t, err := time.Parse(time.RFC3339Nano, strings.ToUpper(text))
		if err != nil || !instantForm.MatchString(text) {
			naive = naive || naiveForm.MatchString(text)
			bad = true
		}
		return t.UnixMicro()
	}
	r.at = instant("ts")
	var identity, rest strings.Builder
	for _, name := range columns {
		if r.fields[name] == nil {
			continue
		}
		value, in := "", &rest
		switch name {
		case "user_id":
			r.user = r.text(name)
			if n, ok := r.integer(name); ok && n > 0 {
				r.user = fmt.Sprint(n)
			}
			bad = bad || !digits.MatchString(r.user) || len(r.user) > 18
			value, in = r.user, &identity
		case "vault_type":
			r.vaultType = r.text(name)
			bad = bad || !strings.Contains(" GOLD PLATINUM DIAMOND BONUS ", " "+r.vaultType+" ") || r.vaultType == ""
			value, in = r.vaultType, &identity
		case "expires_at":
			value = fmt.Sprint(instant(name))
		case "amount", "latency_ms", "depth", "attempt", "attendance_day":
			n, ok := r.integer(name)
			least := int64(1)
			if name == "latency_ms" || name == "depth" {
				least = 0
			}
			bad = bad || !ok || n < least
			value = fmt.Sprint(n)
			if name == "attempt" || name == "attendance_day" {
				in = &identity
			}
		case "shadow":
			value = string(r.fields[name])
			bad = bad || value != "true" && value != "false"
		case "variant_id", "notify_type", "job", "queue":
			value = r.text(name)
			bad = bad || !tagForm.MatchString(value) || value == "ALL"
			pii = pii || piiForm.MatchString(value)
			if name == "job" || name == "queue" {
				in = &identity
			}
		case "outcome":
			value = r.text(name)
			bad = bad || value != "success" && value != "failure" && !(value == "gave_up" && r.event == "COMPENSATION_RETRIED")
		case "tx_id", "compensation_id":
			value, in = r.text(name), &identity
			bad = bad || value == ""
		default:
			value = r.text(name)
			bad = bad || value == ""
		}
		fmt.Fprintf(in, "%s=%s|", name, value)
	}
	r.env, r.req = r.text("env"), strings.ToLower(r.text("req_id"))
	r.identity = r.env + "|" + r.event + "|" + identity.String() + r.req
	r.rest = rest.String()
	if r.req == "" {
		r.identity += fmt.Sprint("|", r.at, "|", r.rest)
	}
	switch {
	case naive:
		return "naive_timestamp"
	case bad || r.fields["env"] != nil && !envForm.MatchString(r.env):
		return "bad_field"
	case r.fields["env"] == nil:
		return "missing_env"
	case pii:
		return "pii_refused"
	}
	return ""
}
