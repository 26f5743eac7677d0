package explain

import (
	"cmp"
	"maps"
	"slices"

	"vaultreport/internal/bizday"
	"vaultreport/warehouse"
)

// changedOrigins returns the source files and taken tables that differ and have lines or rows of days of the lake that changed.
func changedOrigins(before, after *warehouse.Manifest, changed []ChangedPartition) []ChangedOrigin {
	lines, tables := map[bizday.Day]bool{}, map[string]map[bizday.Day]bool{}
	for _, p := range changed {
		if slices.Contains(ofLines, p.Table) {
			lines[p.Dt] = true
			continue
		}
		if tables[p.Table] == nil {
			tables[p.Table] = map[bizday.Day]bool{}
		}
		tables[p.Table][p.Dt] = true
	}
	type name struct{ source, name string }
	was, is := map[name]warehouse.Input{}, map[name]warehouse.Input{}
	for _, in := range before.Inputs {
		was[name{in.Source, in.Name}] = in
	}
	for _, in := range after.Inputs {
		is[name{in.Source, in.Name}] = in
	}
	names := slices.AppendSeq(slices.Collect(maps.Keys(was)), maps.Keys(is))
	slices.SortFunc(names, func(a, b name) int {
		return cmp.Or(cmp.Compare(a.source, b.source), cmp.Compare(a.name, b.name))
	})
	var origins []ChangedOrigin
	for _, n := range slices.Compact(names) {
		w, hadIt := was[n]
		i, hasIt := is[n]
		o := ChangedOrigin{Source: n.source, Name: n.name}
		switch {
		case !hadIt:
			o.Change = "new"
		case !hasIt:
			o.Change = "gone"
		case w.SHA256 != i.SHA256:
			o.Change = "changed"
		case w.Reader != i.Reader:
			o.Change = "settings"
		default:
			continue
		}
		count := func(in warehouse.Input) *int64 {
			days := lines
			if table := tableOf(in); table != "" {
				days = tables[table]
			}
			var n int64
			for _, d := range in.Days {
				if days[d.Dt] {
					n += d.Rows
					if !slices.Contains(o.Days, d.Dt) {
						o.Days = append(o.Days, d.Dt)
					}
				}
			}
			return &n
		}
		if hadIt {
			o.Before = count(w)
		}
		if hasIt {
			o.After = count(i)
		}
		if len(o.Days) > 0 {
			slices.Sort(o.Days)
			origins = append(origins, o)
		}
	}
	return origins
}
