package extract

import (
	"cmp"
	"encoding/json"
	"slices"
)

// FileTotals are the totals of a file, or of a table of a source over all days: File is the table's name then.
type FileTotals struct {
	Source string `json:"source"`
	File   string `json:"file"`
	Totals
	Reasons map[string]int64 `json:"reasons"` // why how many are quarantined; nil: none is
}

// MarshalJSON writes an object of reasons, too, if no row is quarantined.
func (t FileTotals) MarshalJSON() ([]byte, error) {
	type plain FileTotals
	if t.Reasons == nil {
		t.Reasons = map[string]int64{}
	}
	return json.Marshal(plain(t))
}

// add counts rows under a reason of the ledger.
func (t *FileTotals) add(reason string, rows int64) {
	before := t.Quarantined
	t.Totals.add(reason, rows)
	if t.Quarantined > before {
		t.refuse(reason, rows)
	}
}

func (t *FileTotals) merge(o FileTotals) {
	t.Sum(o.Totals)
	for reason, rows := range o.Reasons {
		t.refuse(reason, rows)
	}
}

func (t *FileTotals) refuse(reason string, rows int64) {
	if t.Reasons == nil {
		t.Reasons = make(map[string]int64)
	}
	t.Reasons[reason] += rows
}

// sumByFile adds up what has one source and file, such as a table's days, in the order of these.
func sumByFile(list []FileTotals) []FileTotals {
	slices.SortFunc(list, func(a, b FileTotals) int {
		return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.File, b.File))
	})
	var sums []FileTotals
	for _, one := range list {
		if n := len(sums); n > 0 && sums[n-1].Source == one.Source && sums[n-1].File == one.File {
			sums[n-1].merge(one)
			continue
		}
		sums = append(sums, one)
	}
	return sums
}
