package reference

import (
	"slices"

	"vaultreport/internal/bizday"
)

// experiments are the metrics of social proof and of the loss banner.
func (w *World) experiments(dt bizday.Day, env string) (rows []measure) {
	claims := w.everyEvent(env, "VAULT_CLAIMED")
	for _, x := range []struct {
		impression, click      string
		count, rate, claimRate string
		window                 int64
		perType                bool
	}{
		{"SOCIAL_PROOF_IMPRESSION", "SOCIAL_PROOF_CLICKED", "social_proof_impression_count", "social_proof_click_rate", "social_proof_claim_within_24h", day, true},
		{"LOSS_BANNER_IMPRESSION", "LOSS_BANNER_CLICKED", "loss_banner_impressions", "loss_banner_click_rate", "loss_banner_claim_within_1h", hour, false},
	} {
		clicks := w.events(dt, env, x.click)
		wasClicked := func(i Event) bool {
			return slices.ContainsFunc(clicks, func(c Event) bool {
				return c.User == i.User && c.VaultType == i.VaultType && c.TS >= i.TS
			})
		}
		hasClaim := func(i Event) bool { return slices.ContainsFunc(claims, claimOf(i, x.window)) }
		onTheDay := func(Event) bool { return true }
		isMature := func(i Event) bool { return w.isMature(i.TS, i.TS+x.window) }
		for _, s := range typesOf(w.events(dt, env, x.impression)) {
			if s.name != "ALL" && !x.perType {
				continue
			}
			rows = append(rows,
				s.mark(dayOf(x.count, "count", "count").ofType(s.name).count(int64(len(s.events)), distinct(usersOf(s.events)))),
				s.mark(rateOfUsers(dayOf(x.rate, "rate", "ratio").ofType(s.name), s.events, onTheDay, wasClicked)),
				s.mark(rateOfUsers(dayOf(x.claimRate, "rate", "ratio").ofType(s.name), s.events, isMature, hasClaim)))
		}
	}
	return rows
}

// rateOfUsers is the share of users with a hit among the users with a mature impression.
func rateOfUsers(m measure, impressions []Event, isMature, hits func(Event) bool) measure {
	hit := map[int]bool{}
	for _, i := range impressions {
		if !isMature(i) {
			m.immature++
			continue
		}
		hit[i.User] = hit[i.User] || hits(i)
	}
	n := int64(0)
	for _, is := range hit {
		if is {
			n++
		}
	}
	return m.ratio(n, int64(len(hit)), number(int64(len(hit))))
}
