package reference

import (
	"fmt"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"vaultreport/internal/bizday"
)

// worlds draws small worlds that are crowded around the edges of definitions.
func worlds() *rapid.Generator[*World] {
	return rapid.Custom(func(t *rapid.T) *World {
		place := pick(t, "place", places)
		zone, err := bizday.LoadZone(place.zone)
		if err != nil {
			panic(err)
		}
		w := &World{
			Zone: zone, K: pick(t, "k", []int{1, 1, 1, 1, 2, 3, 5}), RetireAfter: rapid.SampledFrom([]int{90, 1, 2}).Draw(t, "retire_after"),
			DiamondTarget: rapid.SampledFrom([]int64{500_000, 7}).Draw(t, "diamond_target"), Days: map[bizday.Day]*Day{},
		}
		// rapid shrinks towards the first: few days.
		pattern := pick(t, "days", patterns)
		days := pattern.of(place.first)
		hasGaps := pick(t, "has gaps", []bool{false, false, true})
		for _, dt := range days {
			if !hasGaps || rapid.IntRange(0, 3).Draw(t, "extracted") < 3 {
				w.Days[dt] = &Day{}
			}
		}
		focus := pick(t, "topic", topics)
		if pattern.days > 7 {
			focus = conversions
		}
		for _, env := range []string{"dev", "prod", "qa"} {
			source := pick(t, env, habits)
			about := focus
			if rapid.IntRange(0, 3).Draw(t, "another topic") == 3 {
				about = pick(t, "topic", topics)
			}
			w.fill(t, env, source, about, days)
		}
		return w
	})
}

// pick draws one of a list, each as often as the others, and shrinks to the first; SampledFrom prefers the first ones.
func pick[T any](t *rapid.T, label string, from []T) T {
	n := 0
	for range 8 {
		n *= 2
		if rapid.Bool().Draw(t, label) {
			n++
		}
	}
	return from[n%len(from)]
}

// place is a zone and the first day of a world in it.
type place struct {
	zone  string
	first bizday.Day
}

// places are zones with a day around which something happens: a day of 23, 25 or no hours, or a quarter's border.
var places = []place{
	{"Asia/Seoul", bizday.Of(2026, 1, 2)},
	{"Asia/Seoul", bizday.Of(2026, 3, 30)},
	{"America/New_York", bizday.Of(2026, 3, 6)},
	{"America/New_York", bizday.Of(2026, 10, 30)},
	{"Europe/London", bizday.Of(2026, 3, 27)},
	{"Pacific/Apia", bizday.Of(2011, 12, 28)},
}

// pattern is how many days there are, and after how many days, if at all, others follow.
type pattern struct{ days, later, laterDays int }

// Days are what a world costs, so few worlds have many.
var patterns = []pattern{
	{1, 0, 0}, {2, 0, 0}, {2, 0, 0}, {3, 0, 0}, {2, 0, 0}, {2, 0, 0}, {3, 0, 0}, {2, 0, 0}, {2, 0, 0}, {3, 0, 0}, {2, 0, 0}, {4, 0, 0},
	{1, 7, 1}, {2, 90, 1}, {2, 0, 0}, {8, 0, 0},
}

// of returns the days of a pattern. A quarter later means the days of two quarters that are compared.
func (p pattern) of(first bizday.Day) (days []bizday.Day) {
	if p.later == 90 {
		first = first.QuarterStart()
		p.later = int((first + 100).QuarterStart() - first)
	}
	for i := range p.days {
		days = append(days, first+bizday.Day(i))
	}
	for i := range p.laterDays {
		days = append(days, first+bizday.Day(p.later+i))
	}
	return days
}

// habit is what the sources of an env are like.
type habit struct {
	name         string
	emits        string // all, some, none, all on some days, or any: a source that does not fix the env
	tables       int    // how often each table is there, of 4
	lacksColumns bool
}

var habits = []habit{
	{name: "nothing"},
	{name: "events", emits: "all"},
	{name: "events", emits: "all"},
	{name: "events", emits: "all"},
	{name: "events and tables", emits: "all", tables: 3},
	{name: "events", emits: "all"},
	{name: "events and tables", emits: "all", tables: 3},
	{name: "events of some kinds", emits: "some"},
	{name: "events of some kinds and tables", emits: "some", tables: 4},
	{name: "tables", emits: "none", tables: 4},
	{name: "tables with gaps", emits: "none", tables: 2},
	{name: "tables without columns", emits: "none", tables: 4, lacksColumns: true},
	{name: "tables without columns and events", emits: "all", tables: 4, lacksColumns: true},
	{name: "events of a source for any env", emits: "any", tables: 1},
	{name: "events on some days, and tables", emits: "on some days", tables: 3},
}

// topic is kinds whose events have to do with one another, and the lengths of the windows in which they do.
type topic struct {
	kinds   []string
	lengths []int64
}

var topics = []topic{
	{[]string{"VAULT_UNLOCKED", "VAULT_CLAIMED", "VAULT_EXPIRED", "REFERRAL_REVIVED", "EXPIRY_EXTENDED"}, []int64{0, hour, day}},
	{[]string{"ALERT_SENT", "ALERT_CLICKED", "VAULT_CLAIMED", "ALERT_SENT"}, []int64{day, hour, day, 0}},
	{[]string{"SOCIAL_PROOF_IMPRESSION", "SOCIAL_PROOF_CLICKED", "VAULT_CLAIMED", "SOCIAL_PROOF_IMPRESSION"}, []int64{day, hour, day, 0}},
	{[]string{"LOSS_BANNER_IMPRESSION", "LOSS_BANNER_CLICKED", "VAULT_CLAIMED", "LOSS_BANNER_IMPRESSION"}, []int64{hour, 0}},
	{[]string{"EXPIRY_EXTENDED", "EXPIRY_EXTENDED", "REFERRAL_REVIVED"}, []int64{0, hour}},
	{[]string{"COMPENSATION_ENQUEUED", "COMPENSATION_RETRIED"}, []int64{0, hour, day}},
	{[]string{"DLQ_DEPTH_SAMPLED"}, []int64{day, 0, hour}},
	{[]string{"BATCH_RUN_FINISHED", "NOTIFY_ENQUEUED", "NOTIFY_ENQUEUED"}, []int64{0}},
	{kinds, []int64{0, hour, day}},
}

// What takes a week is looked for in worlds of more days than that.
var conversions = topic{[]string{"VAULT_UNLOCKED", "VAULT_CLAIMED", "VAULT_EXPIRED"}, []int64{7 * day, 0, 7 * day, day}}

func (w *World) fill(t *rapid.T, env string, h habit, about topic, days []bizday.Day) {
	emitted := w.fillCatalogue(t, env, h)
	if len(emitted) > 0 {
		about.kinds = slices.DeleteFunc(slices.Clone(about.kinds), func(kind string) bool { return !slices.Contains(emitted, kind) })
		for _, e := range w.drawEvents(t, env, about, days) {
			if d := w.Days[w.Zone.DayOf(e.TS)]; d != nil {
				d.Events = append(d.Events, e)
			}
		}
	}
	for _, dt := range w.sorted() {
		w.fillTables(t, env, dt)
		w.fillLedger(t, env, dt)
	}
}

// fillCatalogue says what the sources of an env have, and returns the kinds that they emit.
func (w *World) fillCatalogue(t *rapid.T, env string, h habit) (emitted []string) {
	of := env
	switch h.emits {
	case "all", "on some days":
		emitted = kinds
	case "any":
		emitted, of = kinds, ""
	case "some":
		for _, kind := range kinds {
			if rapid.IntRange(0, 2).Draw(t, env+" emits "+kind) > 0 {
				emitted = append(emitted, kind)
			}
		}
	}
	lacking := []Entry{}
	if h.lacksColumns {
		for _, c := range []Entry{
			{Name: "vault_status", Column: "platinum_attendance_days"}, {Name: "vault_status", Column: "diamond_deposit_current"},
			{Name: "compensation_queue", Column: "status"}, {Name: "notifications_queue", Column: "status"},
			{Name: "notifications_queue", Column: "created_at"}, {Name: extensionLog, Column: "shadow"}, {Name: extensionLog, Column: "created_at"},
		} {
			if rapid.Bool().Draw(t, env+" lacks "+c.Name+"."+c.Column) {
				lacking = append(lacking, Entry{Env: env, Source: "db-" + env, Kind: "missing_column", Name: c.Name, Column: c.Column})
			}
		}
	}
	for _, dt := range w.sorted() {
		d := w.Days[dt]
		now := emitted
		if h.emits == "on some days" && rapid.Bool().Draw(t, env+" is silent") {
			now = nil
		}
		if len(emitted) > 0 {
			d.Catalogue = append(d.Catalogue, Entry{Env: of, Source: "logs-" + env, Kind: "source", Name: "events"})
		}
		if h.tables > 0 {
			d.Catalogue = append(d.Catalogue, Entry{Env: env, Source: "db-" + env, Kind: "source", Name: "tables"})
		}
		for _, kind := range now {
			d.Catalogue = append(d.Catalogue, Entry{Env: of, Source: "logs-" + env, Kind: "event", Name: kind})
		}
		for _, table := range []string{"vault_status", "compensation_queue", "notifications_queue", extensionLog} {
			if rapid.IntRange(1, 4).Draw(t, env+" has "+table) > h.tables {
				continue
			}
			d.Catalogue = append(d.Catalogue, Entry{Env: env, Source: "db-" + env, Kind: "table", Name: table})
			for _, c := range lacking {
				if c.Name == table {
					d.Catalogue = append(d.Catalogue, c)
				}
			}
		}
	}
	return emitted
}

// How far an instant lies from an edge.
var hairs = []int64{0, 0, 1, -1}

// drawEvents draws events of which each lies at an edge of a day, or at the end of a window of an earlier one.
func (w *World) drawEvents(t *rapid.T, env string, about topic, days []bizday.Day) (events []Event) {
	if len(about.kinds) == 0 || len(days) == 0 {
		return nil
	}
	label := env + " "
	types := []string{"GOLD", "PLATINUM", "DIAMOND", "BONUS", ""}
	for range pick(t, label+"events", []int{0, 8, 16, 32}) {
		e := Event{Env: env, Kind: pick(t, label+"kind", about.kinds)}
		var near *Event
		if len(events) > 0 && rapid.IntRange(0, 2).Draw(t, label+"is near another") > 0 {
			near = &events[rapid.IntRange(0, len(events)-1).Draw(t, label+"other")]
			e.TS = near.TS + pick(t, label+"after", about.lengths)
		} else {
			start, end := w.Zone.Bounds(rapid.SampledFrom(days).Draw(t, label+"day"))
			e.TS = rapid.SampledFrom([]int64{start, end, start + 12*hour, end - hour}).Draw(t, label+"at")
		}
		e.TS += rapid.SampledFrom(hairs).Draw(t, label+"hair")
		w.detail(t, label, types, &e)
		if near != nil && rapid.IntRange(0, 2).Draw(t, label+"is of the same") > 0 {
			e.follow(*near)
		}
		events = append(events, e)
	}
	return events
}

// follow makes an event one of the same user, type, variant and so on as another, where both have these.
func (e *Event) follow(other Event) {
	if other.User > 0 && e.User > 0 {
		e.User = other.User
	}
	if isVault := strings.HasPrefix(e.Kind, "VAULT_"); e.User > 0 && (!isVault || other.VaultType != "") {
		e.VaultType = other.VaultType
	}
	if strings.HasPrefix(e.Kind, "ALERT_") {
		e.Variant = other.Variant
	}
	if other.Compensation > 0 && e.Compensation > 0 {
		e.Compensation = other.Compensation
	}
	if other.Queue != "" && e.Queue != "" {
		e.Queue = other.Queue
	}
}

// detail draws the fields that the kind of an event lists.
func (w *World) detail(t *rapid.T, label string, types []string, e *Event) {
	one := func(what string, from ...string) string { return rapid.SampledFrom(from).Draw(t, label+what) }
	small := func(what string, from, to int64) int64 { return rapid.Int64Range(from, to).Draw(t, label+what) }
	e.ReqID = int(small("req_id", 0, 3))
	user := func() { e.User = rapid.SampledFrom([]int{1, 1, 2, 2, 3}).Draw(t, label+"user") }
	expiry := func() {
		start, _ := w.Zone.Bounds(w.Zone.DayOf(e.TS) + bizday.Day(small("expires in", -1, 5)))
		e.ExpiresAt = start + rapid.SampledFrom([]int64{0, -1, 5 * hour}).Draw(t, label+"expiry")
	}
	switch e.Kind {
	case "VAULT_UNLOCKED", "VAULT_CLAIMED", "VAULT_EXPIRED":
		user()
		e.VaultType = one("type", types[:4]...)
		if small("with expiry", 0, 2) == 2 {
			expiry()
		}
	case "ALERT_SENT", "ALERT_CLICKED", "SOCIAL_PROOF_IMPRESSION", "SOCIAL_PROOF_CLICKED", "LOSS_BANNER_IMPRESSION", "LOSS_BANNER_CLICKED":
		user()
		e.VaultType, e.Variant = one("type", types...), one("variant", "a", "b", "")
	case "EXPIRY_EXTENDED", "REFERRAL_REVIVED":
		user()
		e.VaultType = one("type", types...)
		expiry()
		if e.Kind == "EXPIRY_EXTENDED" {
			e.Reason, e.Shadow = one("reason", "OPS", "PROMO", "REFERRAL"), rapid.Bool().Draw(t, label+"shadow")
		}
	case "COMPENSATION_ENQUEUED":
		user()
		e.Compensation = int(small("compensation", 1, 3))
	case "COMPENSATION_RETRIED":
		e.Compensation, e.Attempt, e.Outcome = int(small("compensation", 1, 3)), small("attempt", 1, 2), one("outcome", "success", "failure", "gave_up")
	case "NOTIFY_ENQUEUED":
		user()
		e.LatencyMS = small("latency", 0, 20)
	case "BATCH_RUN_FINISHED":
		e.Job, e.Outcome = one("job", "expire", "notify"), one("outcome", "success", "failure")
	case "DLQ_DEPTH_SAMPLED":
		e.Queue, e.Depth = one("queue", "push", "mail"), small("depth", 0, 5)
	default:
		user()
	}
}

// fillTables draws the rows of the tables that the env has on a day.
func (w *World) fillTables(t *rapid.T, env string, dt bizday.Day) {
	d := w.Days[dt]
	start, _ := w.Zone.Bounds(dt)
	label := fmt.Sprintf("%s %s ", env, dt)
	if w.hasTable(dt, env, "vault_status") {
		for user := 1; user <= 4; user++ {
			if rapid.IntRange(0, 3).Draw(t, label+"has no row") == 3 {
				continue
			}
			s := Status{Env: env, User: user}
			for i := range s.Statuses {
				s.Statuses[i] = rapid.SampledFrom([]string{"", "ACTIVE", "LOCKED", "UNLOCKED", "UNLOCKED", "CLAIMED", "EXPIRED"}).Draw(t, label+"status")
			}
			if rapid.IntRange(0, 4).Draw(t, label+"expires") > 0 {
				expiry, _ := w.Zone.Bounds(dt + bizday.Day(rapid.IntRange(-1, 5).Draw(t, label+"in days")))
				s.ExpiresAt = expiry + rapid.SampledFrom(hairs).Draw(t, label+"hair")
			}
			if !w.lacksColumn(dt, env, "vault_status", "platinum_attendance_days") && rapid.IntRange(0, 4).Draw(t, label+"attendance") > 0 {
				s.Days = number(rapid.Int64Range(0, 4).Draw(t, label+"days"))
			}
			if !w.lacksColumn(dt, env, "vault_status", "diamond_deposit_current") && rapid.IntRange(0, 4).Draw(t, label+"deposits") > 0 {
				s.Deposit = number(rapid.Int64Range(0, 11).Draw(t, label+"deposit") * w.DiamondTarget / 10)
			}
			d.Statuses = append(d.Statuses, s)
		}
	}
	if w.hasTable(dt, env, "compensation_queue") {
		for n := range rapid.IntRange(0, 3).Draw(t, label+"compensations") {
			status := rapid.SampledFrom([]string{"PENDING", "RETRYING", "DONE"}).Draw(t, label+"status")
			d.Compensations = append(d.Compensations, Compensation{env, n + 1, status})
		}
	}
	if w.hasTable(dt, env, "notifications_queue") {
		for n := range rapid.IntRange(0, 4).Draw(t, label+"notifications") {
			n := Notification{Env: env, ID: n + 1, User: rapid.IntRange(0, 3).Draw(t, label+"user")}
			if !w.lacksColumn(dt, env, "notifications_queue", "status") {
				n.Status = rapid.SampledFrom([]string{"SENT", "FAILED", ""}).Draw(t, label+"status")
			}
			d.Notifications = append(d.Notifications, n)
		}
	}
	if w.hasTable(dt, env, extensionLog) {
		for n := range rapid.IntRange(0, 5).Draw(t, label+"extensions") {
			d.Extensions = append(d.Extensions, Extension{
				Env: env, ID: n + 1, User: rapid.IntRange(0, 3).Draw(t, label+"user"), Reason: rapid.SampledFrom([]string{"OPS", "REFERRAL", ""}).Draw(t, label+"reason"),
				Shadow: rapid.Bool().Draw(t, label+"shadow"), CreatedAt: start + int64(rapid.IntRange(0, 3).Draw(t, label+"hour"))*hour,
			})
		}
	}
}

// fillLedger draws what became of the lines and rows of the env's sources. It need not agree with the events, of which it is told apart.
func (w *World) fillLedger(t *rapid.T, env string, dt bizday.Day) {
	d := w.Days[dt]
	_, end := w.Zone.Bounds(dt)
	add := func(source, origin, reason string) {
		if rapid.Bool().Draw(t, source+" has "+reason) {
			l := Ledger{Source: source, Origin: origin, Reason: reason, Rows: rapid.Int64Range(1, 9).Draw(t, "rows")}
			if reason == "kept" && rapid.IntRange(0, 3).Draw(t, "has an instant") > 0 {
				l.NewestAt = end - rapid.Int64Range(1, 100_000_000).Draw(t, "age")
			}
			d.Ledger = append(d.Ledger, l)
		}
	}
	for _, c := range d.Catalogue {
		switch {
		case c.Kind == "source" && c.Name == "events" && c.Source == "logs-"+env:
			for _, reason := range []string{"kept", "duplicate", "blank", "not_json", "missing_field"} {
				add(c.Source, "events", reason)
			}
			if rapid.Bool().Draw(t, "unknown field") {
				d.UnknownFields = map[string]int64{rapid.SampledFrom([]string{"memo", "other"}).Draw(t, "field"): 3}
			}
		case c.Kind == "table" && c.Source == "db-"+env:
			add(c.Source, c.Name, "kept")
		}
	}
}
