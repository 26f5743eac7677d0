package reference

import (
	"maps"
	"slices"

	"vaultreport/internal/bizday"
)

// World is everything that the tables follow from.
type World struct {
	Zone          bizday.Zone
	K             int
	RetireAfter   int
	DiamondTarget int64
	Days          map[bizday.Day]*Day // the extracted days
}

// Day is what one business day has in the lake.
type Day struct {
	Catalogue     []Entry
	Events        []Event
	Statuses      []Status
	Compensations []Compensation
	Notifications []Notification
	Extensions    []Extension
	Ledger        []Ledger
	UnknownFields map[string]int64 // how many lines had a field of that name
}

// Entry is a row of source_catalogue.
type Entry struct {
	Env    string // empty: any
	Source string
	Kind   string // event, table, missing_column, or source
	Name   string // of a source: events or tables
	Column string
}

// Event is a kept line. Keys are small numbers; 0 and "" are NULL.
type Event struct {
	TS           int64 // microseconds since 1970 in UTC
	Kind, Env    string
	User         int
	VaultType    string
	ReqID        int
	ExpiresAt    int64
	Variant      string
	Reason       string // of an extension
	Shadow       bool
	Compensation int
	LatencyMS    int64
	Job          string
	Outcome      string
	Queue        string
	Depth        int64
	Attempt      int64
}

// Status is a row of vault_status. A nil number is NULL.
type Status struct {
	Env       string
	User      int
	Statuses  [3]string // of lifeTypes
	ExpiresAt int64
	Days      *int64
	Deposit   *int64
}

// Compensation is a row of compensation_queue.
type Compensation struct {
	Env    string
	ID     int
	Status string
}

// Notification is a row of notifications_queue.
type Notification struct {
	Env    string
	ID     int
	User   int
	Status string
}

// Extension is a row of vault_expiry_extension_log.
type Extension struct {
	Env       string
	ID        int
	User      int
	Reason    string
	Shadow    bool
	CreatedAt int64
}

// Ledger is a row of source_ledger.
type Ledger struct {
	Source   string
	Origin   string // events, or the table
	Reason   string
	Rows     int64
	NewestAt int64 // of kept ones; 0 is NULL
}

const (
	hour = int64(3_600_000_000) // in microseconds
	day  = 24 * hour
)

// The types that have a life cycle, in the order in which Status has them.
var lifeTypes = [3]string{"GOLD", "PLATINUM", "DIAMOND"}

var vaultKinds = []string{"VAULT_UNLOCKED", "VAULT_CLAIMED", "VAULT_EXPIRED"}

// sorted returns the extracted days in order.
func (w *World) sorted() []bizday.Day { return slices.Sorted(maps.Keys(w.Days)) }

func (w *World) isExtracted(dt bizday.Day) bool { return w.Days[dt] != nil }

// events returns the events of an env and a kind on one day.
func (w *World) events(dt bizday.Day, env string, kinds ...string) (found []Event) {
	for _, e := range w.Days[dt].Events {
		if e.Env == env && slices.Contains(kinds, e.Kind) {
			found = append(found, e)
		}
	}
	return found
}

// everyEvent returns the events of an env and a kind on all days.
func (w *World) everyEvent(env string, kinds ...string) (found []Event) {
	for _, dt := range w.sorted() {
		found = append(found, w.events(dt, env, kinds...)...)
	}
	return found
}

// isMature says whether every business day that [from, to] touches is extracted. A day that the zone never had is touched by nothing.
func (w *World) isMature(from, to int64) bool {
	for dt := w.Zone.DayOf(from); dt <= w.Zone.DayOf(to); dt++ {
		if start, end := w.Zone.Bounds(dt); start < end && !w.isExtracted(dt) {
			return false
		}
	}
	return true
}

// emits says whether some source of the env, or of any env, has the kind of event on the day.
func (w *World) emits(dt bizday.Day, env, kind string) bool {
	return slices.ContainsFunc(w.Days[dt].Catalogue, func(c Entry) bool {
		return c.Kind == "event" && c.Name == kind && (c.Env == env || c.Env == "")
	})
}

func (w *World) hasTable(dt bizday.Day, env, name string) bool {
	return slices.ContainsFunc(w.Days[dt].Catalogue, func(c Entry) bool { return c.Kind == "table" && c.Env == env && (name == "" || c.Name == name) })
}

func (w *World) lacksColumn(dt bizday.Day, env, name, column string) bool {
	return slices.Contains(w.columnsMissing(dt, env, name), column)
}

func (w *World) columnsMissing(dt bizday.Day, env, name string) (columns []string) {
	for _, c := range w.Days[dt].Catalogue {
		if c.Kind == "missing_column" && c.Env == env && c.Name == name {
			columns = append(columns, c.Column)
		}
	}
	return columns
}

// envs returns the envs that belong to the day.
func (w *World) envs(dt bizday.Day) []string {
	var found []string
	for env, first := range w.firstDays() {
		if first <= dt {
			found = append(found, env)
		}
	}
	slices.Sort(found)
	return found
}

// firstDays is the first day of each env: with a kept line or a snapshot.
func (w *World) firstDays() map[string]bizday.Day {
	first := map[string]bizday.Day{}
	for _, dt := range w.sorted() {
		see := func(env string) {
			if _, seen := first[env]; !seen {
				first[env] = dt
			}
		}
		for _, e := range w.Days[dt].Events {
			see(e.Env)
		}
		for _, c := range w.Days[dt].Catalogue {
			if c.Kind == "table" && (c.Name == "vault_status" || c.Name == "compensation_queue") {
				see(c.Env)
			}
		}
	}
	return first
}

// isWithoutEvents says whether the env's state follows its snapshots: it has a source of tables, or had vault_status, and no
// source that emits a VAULT_ kind.
func (w *World) isWithoutEvents(dt bizday.Day, env string) bool {
	for _, kind := range vaultKinds {
		if w.emits(dt, env, kind) {
			return false
		}
	}
	isConfigured := func(c Entry) bool { return c.Kind == "source" && c.Name == "tables" && c.Env == env }
	if slices.ContainsFunc(w.Days[dt].Catalogue, isConfigured) {
		return true
	}
	for _, d := range w.sorted() {
		if d == dt && w.hasTable(d, env, "") || d < dt && w.hasTable(d, env, "vault_status") {
			return true
		}
	}
	return false
}
