package sample

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// reasons are those of quarantine that a single line can be built for, in the order in which they are tested.
// truncated needs the end of a file and conflicting_duplicate a line to conflict with: files.go and strays.go plant
// those.
var reasons = [...]string{"too_long", "not_json", "bad_utf8", "not_object", "duplicate_key", "unknown_event",
	"missing_field", "naive_timestamp", "bad_field", "missing_env", "pii_refused"}

const maxLine = 1 << 20 // bytes; the default limit of a line

// hostileOn returns the reasons that are planted on the day with the given index in the file of an env, each about
// once a week; on the first day all of them in prod. Lines over the limit are large and come once a month.
func hostileOn(env uint64, index int) []string {
	var planted []string
	for j, reason := range reasons {
		switch {
		case env == 0 && index == 0:
		case reason == "too_long":
			if env != 0 || index%29 != 0 {
				continue
			}
		case (index+3*j+2*int(env))%7 != 0:
			continue
		}
		planted = append(planted, reason)
	}
	return planted
}

// hostile returns a line, without its end, that must be refused for the reason and for no earlier one. It holds
// canaries wherever the form allows, so that nothing of it may be quoted.
func hostile(r *rand.Rand, c *canaries, env, reason string, d day, users int) string {
	i := r.IntN(perKind)
	seoul := time.Unix(d.start()/second+r.Int64N(secondsPerDay)+seoulOffset, 0).UTC().Format("2006-01-02T15:04:05")
	user := userID(r.IntN(users))
	ts := fmt.Sprintf(`"ts":"%s+09:00"`, seoul)
	envField := fmt.Sprintf(`"env":%q`, env)
	memo := fmt.Sprintf(`"memo":%q`, c.refused[i]+" "+c.phone[i])
	claim := fmt.Sprintf(`"event":"VAULT_CLAIMED","user_id":%d,"vault_type":"GOLD"`, user)
	click := fmt.Sprintf(`"event":"ALERT_CLICKED","user_id":%d`, user)
	object := func(fields ...string) string { return "{" + strings.Join(append(fields, memo), ",") + "}" }
	one := func(of ...string) string { return of[r.IntN(len(of))] }
	switch reason {
	case "too_long":
		pad := fmt.Sprintf(`"payload":"%s"`, strings.Repeat(c.memo[i]+"; ", maxLine/len(c.memo[i])))
		return object(ts, claim, envField, pad)
	case "not_json":
		return one(
			c.refused[i]+" panic: "+c.email[i],
			"{"+ts+","+claim+","+envField+`,"memo":"`+c.refused[i],
			"{"+ts+","+claim+","+envField+","+memo+",}",
			object(ts, claim, envField)+" "+object(ts, claim, envField),
			object(ts, claim, envField, `"payload":`+strings.Repeat("[", 1100)+strings.Repeat("]", 1100)),
			"\x00\x00\x00"+object(ts, claim, envField),
			object(ts, claim, envField, `"attempt":01`))
	case "bad_utf8":
		return one(
			object(ts, claim, envField, "\"nickname\":\"\xff\xfe\""),
			object(ts, claim, envField, `"nickname":"\ud83d"`),
			object(ts, claim, envField, "\"payload\":{\"a\":\"\xed\xa0\x80\"}"))
	case "not_object":
		return one(`["`+c.refused[i]+`"]`, `"`+c.refused[i]+`"`, "42", "null", "["+object(ts, claim, envField)+"]")
	case "duplicate_key":
		return one(
			object(ts, claim, envField, fmt.Sprintf(`"user_id":%d`, user)),
			object(ts, claim, envField, fmt.Sprintf(`"user\u005fid":%d`, user+1)),
			object(ts, claim, envField, `"memo":"`+c.memo[i]+`"`))
	case "unknown_event":
		return object(ts, envField, fmt.Sprintf(`"user_id":%d`, user),
			`"event":`+one(`"VAULT_OPENED"`, `"vault_claimed"`, "7", `["VAULT_CLAIMED"]`, `"BONUS_GRANTED"`))
	case "missing_field":
		return one(
			object(ts, envField, `"event":"VAULT_CLAIMED","vault_type":"GOLD"`),
			object(ts, envField, `"vault_type":null`, fmt.Sprintf(`"event":"VAULT_EXPIRED","user_id":%d`, user)),
			object(claim, envField),
			object(ts, envField, fmt.Sprintf(`"event":"DEPOSIT_RECORDED","user_id":%d,"tx_id":%q`, user, c.txID[i])))
	case "naive_timestamp":
		naive := fmt.Sprintf(`"ts":"%s"`, seoul)
		return one(
			object(naive, claim, envField),
			object(`"ts":"`+seoul+`.250"`, claim, envField),
			object(ts, claim, envField, fmt.Sprintf(`"expires_at":"%s"`, seoul)))
	case "bad_field":
		return object(badField(one, c, i, seoul, ts, claim, click, user), envField)
	case "missing_env":
		return one(object(ts, claim), object(ts, claim, `"env":null`))
	default:
		return object(ts, click, envField, fmt.Sprintf(`"variant_id":%q`, c.variant[i]))
	}
}

func badField(one func(...string) string, c *canaries, i int, seoul, ts, claim, click string, user int64) string {
	deposit := fmt.Sprintf(`%s,"event":"DEPOSIT_RECORDED","user_id":%d,"tx_id":%q,"amount":`, ts, user, c.txID[i])
	noUser := ts + `,"event":"VAULT_CLAIMED","vault_type":"GOLD","user_id":`
	return one(
		noUser+"0", noUser+"-5", noUser+`"007"`, noUser+"1.5", noUser+`"`+c.email[i]+`"`, noUser+"9223372036854775808",
		deposit+`"70000"`, deposit+"1e30", deposit+"0", deposit+"70000.5",
		`"ts":"`+strings.Replace(seoul, "T", " ", 1)+`+09:00",`+claim,
		`"ts":"`+seoul[:10]+`",`+claim,
		`"ts":"`+seoul[:17]+`60Z",`+claim,
		`"ts":"`+seoul+`.Z",`+claim,
		fmt.Sprintf(`%s,"event":"VAULT_CLAIMED","vault_type":"gold","user_id":%d`, ts, user),
		fmt.Sprintf(`%s,"event":"ATTENDANCE_MARKED","attendance_day":0,"user_id":%d`, ts, user),
		fmt.Sprintf(`%s,"event":"EXPIRY_EXTENDED","shadow":"true","extension_reason":"OPS","expires_at":"%sZ","user_id":%d`, ts, seoul, user),
		fmt.Sprintf(`%s,%s,"variant_id":%q`, ts, click, c.email[i]),
		fmt.Sprintf(`%s,%s,"notify_type":%q`, ts, click, c.nickname[i]),
		ts+`,"event":"DLQ_DEPTH_SAMPLED","queue":"ALL","depth":3`,
		ts+`,"event":"BATCH_RUN_FINISHED","job":"vault-expiry-sweep","outcome":"maybe"`)
}
