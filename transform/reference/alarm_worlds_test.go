package reference

import (
	"pgregory.net/rapid"

	"vaultreport/internal/bizday"
)

// alarmWorlds draws worlds of several days that are crowded around the edges of the rules: prod has vaults, dev alerts, both what
// rules on event time look at, and qa anything.
func alarmWorlds() *rapid.Generator[*World] {
	return rapid.Custom(func(t *rapid.T) *World {
		place := pick(t, "place", alarmPlaces)
		zone, err := bizday.LoadZone(place.zone)
		if err != nil {
			panic(err)
		}
		w := &World{Zone: zone, K: pick(t, "k", []int{1, 5}), RetireAfter: 90, DiamondTarget: 500_000, Days: map[bizday.Day]*Day{}}
		days := pick(t, "days", alarmPatterns).of(place.first)
		hasGaps := pick(t, "has gaps", []bool{false, true, false})
		for _, dt := range days {
			if !hasGaps || rapid.IntRange(0, 3).Draw(t, "extracted") > 0 {
				w.Days[dt] = &Day{}
			}
		}
		d := &drawing{T: t, world: w, days: days}
		for _, env := range []string{"dev", "prod"} {
			w.fillCatalogue(t, env, habit{emits: "all"})
			d.env = env
			d.runs()
			d.depths()
			d.notifications()
			d.compensations()
			if env == "dev" {
				d.alerts()
			} else {
				d.vaults()
			}
		}
		w.fill(t, "qa", pick(t, "qa", habits), pick(t, "topic", topics), days)
		return w
	})
}

// A day of no hours is another matter; one that begins at 1:00, since the clock is changed at midnight, is not.
var alarmPlaces = append(places[:len(places)-1:len(places)-1], place{"Africa/Cairo", bizday.Of(2026, 4, 22)})

var alarmPatterns = []pattern{{3, 0, 0}, {4, 0, 0}, {2, 90, 2}, {3, 90, 3}, {5, 0, 0}, {1, 90, 2}, {6, 0, 0}, {2, 90, 3}}

// drawing adds events to a world.
type drawing struct {
	*rapid.T
	world *World
	env   string
	days  []bizday.Day
	users int // so far
}

func (d *drawing) newUser() int {
	d.users++
	return d.users
}

// add puts an event into its day, if that is extracted.
func (d *drawing) add(e Event) {
	e.Env = d.env
	if of := d.world.Days[d.world.Zone.DayOf(e.TS)]; of != nil {
		of.Events = append(of.Events, e)
	}
}

// moments are instants of which each lies at an edge of a day, or so long after an earlier one.
func (d *drawing) moments(what string, counts []int, lengths []int64) (instants []int64) {
	for range pick(d.T, d.env+" "+what, counts) {
		var at int64
		if len(instants) > 0 && rapid.IntRange(0, 3).Draw(d.T, what+" is near another") > 0 {
			at = pick(d.T, what+" near", instants) + pick(d.T, what+" after", lengths)
		} else {
			start, end := d.world.Zone.Bounds(pick(d.T, what+" on", d.days))
			at = pick(d.T, what+" at", []int64{start, end, end - lengths[0], start + 12*hour})
		}
		instants = append(instants, at+rapid.SampledFrom(hairs).Draw(d.T, what+" hair"))
	}
	return instants
}

func (d *drawing) runs() {
	for _, at := range d.moments("runs", []int{0, 3, 6, 9}, []int64{5 * minute, 0, 2 * minute}) {
		e := Event{TS: at, Kind: "BATCH_RUN_FINISHED"}
		e.Job, e.Outcome = pick(d.T, "job", []string{"expire", "notify"}), pick(d.T, "outcome", []string{"failure", "success"})
		d.add(e)
	}
}

func (d *drawing) depths() {
	for _, at := range d.moments("depths", []int{0, 3, 8, 16}, []int64{day, 0, hour, day - hour}) {
		e := Event{TS: at, Kind: "DLQ_DEPTH_SAMPLED"}
		e.Queue, e.Depth = pick(d.T, "queue", []string{"mail", "push", "sms"}), pick(d.T, "depth", []int64{0, 1, 50, 51, 100, 101, 400, 500, 501})
		d.add(e)
	}
}

// notifications come in bursts of which all but the last few have one latency.
func (d *drawing) notifications() {
	for _, at := range d.moments("notifications", []int{0, 2, 5, 8}, []int64{15 * minute, 0, minute}) {
		latency, slow := pick(d.T, "latency", []int64{4810, 0, 5000, 5001}), pick(d.T, "slow", []int64{5010, 5011, 5001, 9000})
		n := pick(d.T, "burst", []int{1, 1, 2, 2, 3, 20, 21, 22})
		slowOnes := min(n, pick(d.T, "slow ones", []int{1, 0, 2}))
		for i := range n {
			e := Event{TS: at, Kind: "NOTIFY_ENQUEUED", User: 1 + i, LatencyMS: latency}
			if i < slowOnes {
				e.LatencyMS = slow
			}
			d.add(e)
		}
	}
}

// compensations are enqueued and retried alone and in bursts around the limit of 50.
func (d *drawing) compensations() {
	for i, at := range d.moments("compensations", []int{0, 3, 6, 9}, []int64{10 * minute, 0, minute, day, 5 * minute}) {
		outcome := ""
		if i > 0 {
			outcome = pick(d.T, "outcome", []string{"", "success", "gave_up", "", "failure", "success"})
		}
		first := pick(d.T, "first", []int{1, 1, 2, 50})
		for n := range pick(d.T, "burst", []int{1, 1, 1, 2, 50, 51}) {
			e := Event{TS: at, Kind: "COMPENSATION_ENQUEUED", User: 1, Compensation: first + n}
			if outcome != "" {
				e = Event{TS: at, Kind: "COMPENSATION_RETRIED", Compensation: first + n, Attempt: 1, Outcome: outcome}
			}
			d.add(e)
		}
	}
}

// share is a part of n, or one more.
func (d *drawing) share(label string, n int, of []share) int {
	s := pick(d.T, label, of)
	return min(n, n*s.part/s.whole+rapid.SampledFrom([]int{0, 0, 1}).Draw(d.T, label+" and one more"))
}

type share struct{ part, whole int }

// vaults are unlocked, and some of them claimed and expired, on each day.
func (d *drawing) vaults() {
	hasMany := pick(d.T, "many vaults", []bool{false, false, true})
	trend := pick(d.T, "trend of GOLD", []string{"", "more expire from day to day", "", "fewer claim in the next quarter"})
	for i, dt := range d.days {
		start, _ := d.world.Zone.Bounds(dt)
		for _, vaultType := range lifeTypes {
			sizes := []int{30, 29, 31, 60, 0, 3, 40, 60}
			if vaultType != "GOLD" {
				sizes = []int{0, 30, 0, 2}
			} else if hasMany {
				sizes = []int{200, 60}
			}
			n := pick(d.T, vaultType, sizes)
			claimed := d.share("claimed", n, []share{{1, 2}, {2, 5}, {9, 10}, {1, 10}, {0, 1}})
			expired := d.share("expired", n, []share{{1, 20}, {1, 5}, {1, 2}, {0, 1}})
			// A vault that stays open would count on the days after, too.
			if isGold := vaultType == "GOLD"; isGold && trend == "more expire from day to day" {
				expired = n / []int{20, 5, 2, 3, 2, 2}[i]
				claimed = n - expired
			} else if isGold && trend == "fewer claim in the next quarter" {
				part := share{1, 2}
				if dt.QuarterStart() > d.days[0] {
					part = share{2, 5}
				}
				claimed = d.share("claimed", n, []share{part})
				expired = n - claimed
			}
			for i := range n {
				user := d.newUser()
				d.add(Event{TS: start + hour, Kind: "VAULT_UNLOCKED", User: user, VaultType: vaultType})
				if i < claimed {
					d.add(Event{TS: start + 2*hour, Kind: "VAULT_CLAIMED", User: user, VaultType: vaultType})
				} else if i < claimed+expired {
					d.add(Event{TS: start + 3*hour, Kind: "VAULT_EXPIRED", User: user, VaultType: vaultType})
				}
			}
		}
	}
}

// alerts are sent in variants, and some of them followed by a claim just within a day.
func (d *drawing) alerts() {
	hasMany := pick(d.T, "many alerts", []bool{false, true, false})
	for _, dt := range d.days {
		start, end := d.world.Zone.Bounds(dt)
		var before share // of the variant before
		for _, variant := range []string{"a", "b", "c", ""} {
			sizes := []int{30, 40, 29, 60}
			if hasMany {
				sizes = []int{200, 100, 60, 30}
			}
			if variant == "c" || variant == "" {
				sizes = []int{0, 40, 0, 2, 0, 0}
			}
			n := pick(d.T, "alerts "+variant, sizes)
			claimed := d.share("claimed", n, []share{{1, 4}, {2, 5}, {1, 2}, {13, 20}, {0, 1}, {9, 10}})
			if variant == "b" && rapid.Bool().Draw(d.T, "15 points more") {
				claimed = d.share("claimed", n, []share{{20*before.part + 3*before.whole, 20 * before.whole}})
			}
			before = share{claimed, max(n, 1)}
			at := pick(d.T, "alerts at", []int64{start, start + 12*hour, end - 1, end - hour})
			later := pick(d.T, "claims after", []int64{hour, 0, day})
			users := pick(d.T, "users", []int{n, n, n, 3})
			fewUsers := []int{}
			for range min(n, users) {
				fewUsers = append(fewUsers, d.newUser())
			}
			for i := range n {
				user := fewUsers[i%len(fewUsers)]
				d.add(Event{TS: at, Kind: "ALERT_SENT", User: user, Variant: variant})
				switch {
				case i < claimed:
					d.add(Event{TS: at + later, Kind: "VAULT_CLAIMED", User: user, VaultType: "GOLD"})
				case i < claimed+5: // too late
					d.add(Event{TS: at + day + 1, Kind: "VAULT_CLAIMED", User: user, VaultType: "GOLD"})
				}
			}
		}
	}
}
