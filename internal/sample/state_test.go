package sample

import "time"

// known is a vault as a reader of the events knows it.
type known struct {
	status            string
	entered           day // into a closed status
	open, live        bool
	unlocked, claimed bool
	expired, reopened bool
	fresh             bool
}

// lived is what the state machine of docs/definitions.md 3 and 4 says about one env and day.
type lived struct {
	flows   map[string]flow // by type and ALL
	invalid int
	drift   int
}

var lifeNames = []string{"GOLD", "PLATINUM", "DIAMOND"}

// replay runs the state machine over the accepted events and, for prod, the snapshots.
func (w *world) replay(env string) map[day]lived {
	vaults := map[[2]string]*known{}
	days := map[day]lived{}
	for d := w.first; d <= w.last; d++ {
		for _, v := range vaults {
			*v = known{status: v.status, entered: v.entered, open: v.status == "UNLOCKED",
				live: v.status == "UNLOCKED" || v.status == "LOCKED"}
		}
		today := lived{flows: map[string]flow{}}
		for _, r := range w.of(env, d) {
			today.invalid += apply(vaults, r, d)
		}
		today.drift = w.look(vaults, env, d)
		for key, v := range vaults {
			total := flow{one(v.open), one(v.live),
				one(v.open || v.unlocked || v.reopened || v.claimed || v.fresh && v.status == "UNLOCKED"),
				one(v.live || v.fresh || v.unlocked || v.reopened || v.expired), one(v.claimed), one(v.expired)}
			today.flows[key[1]] = today.flows[key[1]].plus(total)
			today.flows["ALL"] = today.flows["ALL"].plus(total)
			if (v.status == "CLAIMED" || v.status == "EXPIRED") && d >= v.entered+90 {
				delete(vaults, key)
			}
		}
		days[d] = today
	}
	return days
}

// apply applies one event and returns 1 if it was not allowed.
func apply(vaults map[[2]string]*known, r *record, d day) (invalid int) {
	to := map[string]string{"VAULT_UNLOCKED": "UNLOCKED", "VAULT_CLAIMED": "CLAIMED", "VAULT_EXPIRED": "EXPIRED"}[r.event]
	revived := r.event == "REFERRAL_REVIVED"
	moved := r.event == "EXPIRY_EXTENDED" && string(r.fields["shadow"]) == "false"
	if to == "" && !revived && !moved {
		return 0
	}
	for _, name := range lifeNames {
		key := [2]string{r.user, name}
		if r.vaultType != name && (r.vaultType != "" || vaults[key] == nil) {
			continue
		}
		v, first := vaults[key], false
		if v == nil {
			v, first = &known{status: "LOCKED", fresh: true}, true
			vaults[key] = v
		}
		switch {
		case revived && v.status == "EXPIRED":
			v.status, v.reopened = "UNLOCKED", true
		case to != "":
			allowed := to == "UNLOCKED" && v.status == "LOCKED" || to == "CLAIMED" && v.status == "UNLOCKED" ||
				to == "EXPIRED" && (v.status == "LOCKED" || v.status == "UNLOCKED")
			invalid += one(!allowed && !first)
			v.status, v.entered = to, d
			v.unlocked = v.unlocked || to == "UNLOCKED"
			v.claimed = v.claimed || to == "CLAIMED"
			v.expired = v.expired || to == "EXPIRED"
		}
	}
	return invalid
}

// look takes the day's snapshot in and returns how many vaults drift from it.
func (w *world) look(vaults map[[2]string]*known, env string, d day) (drift int) {
	if env != "prod" {
		return 0
	}
	for _, row := range w.tables[d.String()+"/vault_status"] {
		status := [3]string{row["gold_status"], row["platinum_status"], row["diamond_status"]}
		if status[0] == "BROKEN" {
			continue
		}
		for i, name := range lifeNames {
			if status[i] == "ACTIVE" {
				status[i] = "LOCKED"
			}
			key := [2]string{row["user_id"], name}
			v := vaults[key]
			switch {
			case status[i] == "":
			case v != nil:
				drift += one(v.status != status[i])
			case d == w.first || status[i] == "LOCKED" || status[i] == "UNLOCKED":
				vaults[key] = &known{status: status[i], entered: d, fresh: true}
			}
		}
	}
	return drift
}

// claimsBetween sums what the claim rate of a period is made of.
func claimsBetween(days map[day]lived, name string, from, to day) (claimed, eligible int) {
	eligible = days[from].flows[name].openStart
	for d := from; d <= to; d++ {
		f := days[d].flows[name]
		claimed += f.claimed
		eligible += f.eligible - f.openStart
	}
	return claimed, eligible
}

func quarterStart(d day) day {
	t := d.date()
	first := time.Date(t.Year(), t.Month()-(t.Month()-1)%3, 1, 0, 0, 0, 0, time.UTC)
	return day(first.Unix() / secondsPerDay)
}
