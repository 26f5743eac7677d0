package sample

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Options say how much is written and where. The zero value is not usable; begin with Default.
type Options struct {
	Seed          uint64 // another seed is another life, of the same shape
	Users         int    // users of prod; staging and dev have a part of them
	Days          int    // business days up to and including End
	End           string // last business day, YYYY-MM-DD
	EventsPerUser int    // lines per user and day, about; 0 is the natural rate
	Dir           string // folder to write into; created if absent
}

// naturalRate is what EventsPerUser = 0 means: enough for every metric of the default 500 users.
const naturalRate = 3

// Default returns the options of the embedded sample: two quarters of 500 users, ending 2026-04-30. Dir is empty.
func Default() Options {
	return Options{Seed: 1, Users: 500, Days: 120, End: "2026-04-30"}
}

// Result says what was written.
//
// Planted counts lines by the reason of quarantine that each was built for, and as duplicate, blank and out_of_range:
// these with what is kept add up to Lines. It counts besides, of lines that are kept or refused as any other, late and
// early (in the file of another day); of files, bom, crlf, member (each after the first) and no_line_end; of
// transitions, invalid_transition; and of rows, drift, bad_row, null_status and table_pending.
type Result struct {
	Config    string // path of vaultreport.yaml
	First     string // first and last business day, YYYY-MM-DD
	Last      string
	Lines     int // lines of all event files, blank and torn ones included
	Files     int // files of every kind
	Planted   map[string]int
	Incidents []Incident // what incidents.json holds
}

// UserIDs returns the raw ids of all users of a sample, in no useful order. Every env takes its users from the front.
func UserIDs(o Options) []int64 {
	ids := make([]int64, max(0, o.Users))
	for i := range ids {
		ids[i] = userID(i)
	}
	return ids
}

const (
	idPrefix = 734000000000
	idSpan   = 100000000 // ids that fit behind the prefix
	idStride = 61803399  // coprime with idSpan, so that neighbours look unrelated and none repeats
	maxDays  = 3660
)

func userID(i int) int64 { return idPrefix + int64(i+1)*idStride%idSpan }

// period returns the first and the last day, or all that is wrong with the options at once.
func (o Options) period() (first, last day, err error) {
	var wrong []error
	if o.Users < 1 || o.Users >= idSpan {
		wrong = append(wrong, fmt.Errorf("users must be 1 to %d, not %d", idSpan-1, o.Users))
	}
	if o.Days < 1 || o.Days > maxDays {
		wrong = append(wrong, fmt.Errorf("days must be 1 to %d, not %d", maxDays, o.Days))
	}
	if o.EventsPerUser < 0 || o.EventsPerUser > 1000 {
		wrong = append(wrong, fmt.Errorf("events per user must be 0 to 1000, not %d", o.EventsPerUser))
	}
	if strings.TrimSpace(o.Dir) == "" {
		wrong = append(wrong, errors.New("a folder to write into is missing"))
	}
	end, parseErr := time.Parse(time.DateOnly, o.End)
	if parseErr != nil {
		wrong = append(wrong, fmt.Errorf("end %q is no day of the form 2026-04-30", o.End))
	}
	if len(wrong) > 0 {
		return 0, 0, fmt.Errorf("sample options: %w", errors.Join(wrong...))
	}
	last = day(end.Unix() / secondsPerDay)
	return last - day(o.Days) + 1, last, nil
}

func (o Options) rate() int {
	if o.EventsPerUser > 0 {
		return o.EventsPerUser
	}
	return naturalRate
}
