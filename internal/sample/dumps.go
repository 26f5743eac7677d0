package sample

import "strconv"

// dumper writes the four tables of the Vault service at the end of each day of prod, as PostgreSQL's COPY ... CSV
// HEADER does in a session whose zone is Asia/Seoul.
type dumper struct {
	life     *life
	canaries *canaries
	planted  map[string]int

	alerts    []event // of the day
	evening   []event // the last of the day before, which a whole-table dump still holds
	owed      []event // compensations of the last three days
	nextAlert int
	nextOwed  int
	nextMove  int
}

// tables names the dumps and writes them.
func (t *dumper) tables() [4]struct {
	name  string
	write func(*row, day)
} {
	return [4]struct {
		name  string
		write func(*row, day)
	}{
		{"vault_status", t.vaultStatus},
		{"compensation_queue", t.compensations},
		{"notifications_queue", t.notifications},
		{"vault_expiry_extension_log", t.extensions},
	}
}

// turn takes over what the tables keep of the day last lived.
func (t *dumper) turn(d day) {
	t.evening = append(t.evening[:0], t.alerts[max(0, len(t.alerts)-5):]...)
	t.alerts = t.alerts[:0]
	for _, e := range t.life.events {
		if e.kind == alertSent {
			t.alerts = append(t.alerts, e)
		}
	}
	kept := t.owed[:0]
	for _, e := range t.owed {
		if dayOf(e.at) > d-3 {
			kept = append(kept, e)
		}
	}
	t.owed = append(kept, t.life.owed...)
	t.nextOwed += len(t.life.owed)
	t.nextAlert += len(t.alerts)
	t.nextMove += len(t.life.extensions)
}

// listed says whether vault_status has a row of the user at the end of d: until the night after the last vault closed.
func (u *user) listed(d day) bool {
	since, closed := u.closed()
	return u.joined && (!closed || since == d)
}

// settledFor says whether nothing has happened to the user's vaults for some days, so that a defect in the row
// changes nothing but its own count.
func (u *user) settledFor(days, d day) bool {
	for i := range u.vaults {
		if u.vaults[i].changed > d-days {
			return false
		}
	}
	return true
}

func (t *dumper) vaultStatus(w *row, d day) {
	w.header("user_id", "nickname", "external_user_id", "gold_status", "platinum_status", "diamond_status", "expires_at",
		"expires_initial_at", "expiry_extend_count", "last_extension_reason", "last_extension_at",
		"platinum_attendance_days", "platinum_deposit_done", "diamond_deposit_current", "gold_claimed_at",
		"platinum_claimed_at", "diamond_claimed_at", "last_attended_at", "invite_code", "created_at", "updated_at")
	defects := t.defects(d)
	for i := range t.life.users[:t.life.joined] {
		u := &t.life.users[i]
		if !u.listed(d) {
			continue
		}
		w.integer(userID(i))
		w.text(t.canaries.nickname[i%perKind] + ` "` + strconv.Itoa(i) + `", vip`)
		w.text("kakao:" + strconv.FormatInt(userID(i), 10))
		for v := range u.vaults {
			switch status := u.vaults[v].status; {
			case defects[i] != "" && v == int(gold):
				w.text(t.spoil(defects[i], status))
			case status == locked && i%10 == 3:
				w.text("ACTIVE")
			default:
				w.text(status.String())
			}
		}
		w.instant(u.latestExpiry() * second)
		w.instant(u.firstExpiry * second)
		w.integer(int64(u.extended))
		w.text(u.extendReason)
		w.instant(u.lastExtended)
		w.integer(u.seasonMarks)
		w.bool(u.deposit > 0)
		if i%97 == 11 {
			w.text("")
		} else {
			w.integer(u.deposit)
		}
		for v := range u.vaults {
			w.instant(u.vaults[v].claimed)
		}
		w.instant(u.lastAttended)
		w.text(t.canaries.invite[i%perKind])
		w.instant(u.created)
		w.instant(u.updated)
		w.end()
	}
}

// defects chooses the rows of d that are wrong in one status: a drift every fifth day, a status nobody knows every
// eleventh and none at all every seventh. The first snapshot is what makes vaults known, so it has none.
func (t *dumper) defects(d day) map[int]string {
	index := int(d - t.life.schedule.first)
	chosen := map[int]string{}
	if index == 0 {
		return chosen
	}
	r := stream(t.life.seed, forDump, uint64(d))
	for _, defect := range [3]struct {
		name  string
		every int
	}{{"drift", 5}, {"bad_row", 11}, {"null_status", 7}} {
		if index%defect.every != defect.every-1 {
			continue
		}
		for range 200 {
			i := r.IntN(t.life.joined)
			u := &t.life.users[i]
			if u.listed(d) && u.vaults[gold].status.live() && u.settledFor(3, d) && chosen[i] == "" {
				chosen[i] = defect.name
				t.planted[defect.name]++
				break
			}
		}
	}
	return chosen
}

func (t *dumper) spoil(defect string, s status) string {
	switch {
	case defect == "bad_row":
		return "BROKEN"
	case defect == "null_status":
		return ""
	case s == locked:
		return unlocked.String()
	}
	return locked.String()
}

func (t *dumper) compensations(w *row, d day) {
	w.header("id", "user_id", "vault_type", "request_id", "external_service", "status", "retry_count", "next_retry_at",
		"payload", "created_at")
	first := t.nextOwed - len(t.owed)
	for i, e := range t.owed {
		status, retries := "DONE", int64(e.ref%3)
		if i == len(t.owed)-1 && int(d-t.life.schedule.first)%9 == 4 {
			status = "RETRYING"
			t.planted["table_pending"]++
		}
		w.integer(int64(first + i + 1))
		w.integer(userID(int(e.user)))
		w.vault(e.vault)
		w.text(reference("comp-", t.canaries.compensationID, e.ref))
		w.text([2]string{"kakao-pay", "point-bank"}[e.ref%2])
		w.text(status)
		w.integer(retries)
		if status == "RETRYING" {
			w.instant((d + 1).at(0, 15))
		} else {
			w.text("")
		}
		w.text(`{"account": "` + t.canaries.card[e.ref%perKind] + `", "memo": "` + t.canaries.memo[e.ref%perKind] + "\"}\n")
		w.instant(e.at)
		w.end()
	}
}

func (t *dumper) notifications(w *row, d day) {
	w.header("id", "user_id", "type", "vault_type", "variant_id", "status", "retry_count", "scheduled_at", "payload",
		"created_at")
	first := t.nextAlert - len(t.alerts) - len(t.evening)
	for i, e := range append(t.evening[:len(t.evening):len(t.evening)], t.alerts...) {
		status, retries := "SENT", int64(0)
		switch (first + i) % 25 {
		case 7:
			status, retries = "FAILED", 3
		case 19:
			status = "PENDING"
		}
		w.integer(int64(first + i + 1))
		w.integer(userID(int(e.user)))
		w.text(e.notify)
		w.vault(e.vault)
		w.text(e.variant)
		w.text(status)
		w.integer(retries)
		w.instant(e.at + 30*second)
		w.text(`{"to": "` + t.canaries.phone[i%perKind] + `", "name": "` + t.canaries.nickname[i%perKind] + `"}`)
		w.instant(e.at)
		w.end()
	}
}

func (t *dumper) extensions(w *row, d day) {
	w.header("id", "user_id", "prev_expires_at", "new_expires_at", "reason", "shadow", "metadata", "created_at")
	first := t.nextMove - len(t.life.extensions)
	for i, x := range t.life.extensions {
		w.integer(int64(first + i + 1))
		w.integer(userID(int(x.user)))
		w.instant(x.prev * second)
		w.instant(x.next * second)
		w.text(x.reason)
		w.bool(x.shadow)
		w.text(`{"by": "` + t.canaries.email[i%perKind] + `"}`)
		w.instant(x.at)
		w.end()
	}
}
