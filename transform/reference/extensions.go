package reference

import (
	"math/big"
	"slices"
	"strings"

	"vaultreport/internal/bizday"
)

const extensionLog = "vault_expiry_extension_log"

// extended is an extension of either source.
type extended struct {
	user   int
	reason string
	shadow bool
	at     int64
}

// extensions returns those of the day, and the referrals: of the log in an env without events.
func (w *World) extensions(dt bizday.Day, env string) (extensions []extended, referrals []Event) {
	if !w.isWithoutEvents(dt, env) {
		for _, e := range w.events(dt, env, "EXPIRY_EXTENDED") {
			extensions = append(extensions, extended{e.User, e.Reason, e.Shadow, e.TS})
		}
		return extensions, w.events(dt, env, "REFERRAL_REVIVED")
	}
	for _, x := range w.Days[dt].Extensions {
		switch {
		case x.Env != env || x.User == 0 || x.Reason == "":
		case x.Reason == "REFERRAL" && !x.Shadow:
			referrals = append(referrals, Event{User: x.User})
		default:
			extensions = append(extensions, extended{x.User, x.Reason, x.Shadow, x.CreatedAt})
		}
	}
	return extensions, referrals
}

func kindOf(x extended) string {
	if x.shadow {
		return "shadow"
	}
	return "actual"
}

// extensionCounts are extend_expiry_applied_count and referral_revive_success_count.
func (w *World) extensionCounts(dt bizday.Day, env string) (rows []measure) {
	extensions, referrals := w.extensions(dt, env)
	for _, s := range typesOf(referrals, "untyped") {
		rows = append(rows, s.mark(dayOf("referral_revive_success_count", "count", "count").ofType(s.name).count(int64(len(s.events)), distinct(usersOf(s.events)))))
	}
	segments := map[string][]int{"shadow": nil, "actual": nil} // the users of each extension
	for _, x := range extensions {
		for _, segment := range []string{kindOf(x), kindOf(x) + ":" + x.reason} {
			segments[segment] = append(segments[segment], x.user)
		}
	}
	for segment, users := range segments {
		m := dayOf("extend_expiry_applied_count", "count", "count").ofSegment(segment).count(int64(len(users)), distinct(users))
		m.isOpenEnded = strings.Contains(segment, ":")
		rows = append(rows, m)
	}
	return rows
}

// ShadowRow is a row of expiry_extension_shadow_vs_actual.
type ShadowRow struct {
	Env, Reason                    string
	InBoth, ShadowOnly, ActualOnly *int64
	MeanHours                      *big.Rat
	State, StateReason             string
}

// shadowVersusActual compares the users whose expiry was extended in shadow with those for whom it was in earnest.
func (w *World) shadowVersusActual(dt bizday.Day, env string) (rows []ShadowRow) {
	if lack := w.lack(dt, env, Metric{Metric: "expiry_extension_shadow_vs_actual"}); lack != "" {
		return []ShadowRow{{Env: env, Reason: "ALL", State: "not_computable", StateReason: lack}}
	}
	extensions, _ := w.extensions(dt, env)
	reasons := []string{"ALL"}
	for _, x := range extensions {
		if !slices.Contains(reasons, x.reason) {
			reasons = append(reasons, x.reason)
		}
	}
	slices.Sort(reasons)
	for _, reason := range reasons {
		first := map[string]map[int]int64{"shadow": {}, "actual": {}}
		for _, x := range extensions {
			if reason != "ALL" && x.reason != reason {
				continue
			}
			of := first[kindOf(x)]
			if at, seen := of[x.user]; !seen || x.at < at {
				of[x.user] = x.at
			}
		}
		var both, shadowOnly, actualOnly int64
		sum := new(big.Rat)
		for user, actual := range first["actual"] {
			if shadow, is := first["shadow"][user]; is {
				both++
				sum.Add(sum, big.NewRat(actual-shadow, hour))
			} else {
				actualOnly++
			}
		}
		shadowOnly = int64(len(first["shadow"])) - both
		row := ShadowRow{Env: env, Reason: reason, InBoth: &both, ShadowOnly: &shadowOnly, ActualOnly: &actualOnly, State: "ok"}
		if both > 0 {
			row.MeanHours = sum.Quo(sum, whole(both))
		}
		isSmall := func(n int64) bool { return n > 0 && n < int64(w.K) }
		switch {
		case both+shadowOnly+actualOnly == 0:
			row.State, row.StateReason = "no_data", "no_rows"
		case isSmall(both) || isSmall(shadowOnly) || isSmall(actualOnly):
			row = ShadowRow{Env: env, Reason: reason, State: "suppressed", StateReason: "k"}
		case w.isWithoutEvents(dt, env):
			row.StateReason = "from_snapshots"
		}
		rows = append(rows, row)
	}
	return rows
}
