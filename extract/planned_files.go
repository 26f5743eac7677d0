package extract

import (
	"fmt"
	"maps"
	"slices"

	"vaultreport/warehouse"
)

// plannedLines are the files of lines.
func (x *run) plannedLines() (list []PlannedFile) {
	present := make(map[[2]string]bool)
	for i, f := range x.files {
		present[[2]string{f.source.Name, f.name}] = true
		in, seen := x.known.of(f)
		file := PlannedFile{Source: f.source.Name, File: f.name, Bytes: f.size, Days: in.Days}
		t, isRead := x.tallies[i]
		switch {
		case isRead && (!seen || !unchanged(f, in)):
			file.State, file.Bytes, file.Days = stateOf(x.before(f, t), t.input), t.input.Size, t.input.Days
		case seen && hasRows(in, x.wanted):
			file.State = IsReadAgain
		default:
			continue
		}
		list = append(list, file)
	}
	for _, in := range x.remembered {
		if in.Name != Stdin && !present[[2]string{in.Source, in.Name}] {
			list = append(list, PlannedFile{Source: in.Source, File: in.Name, State: IsGone, Bytes: in.Size, Days: in.Days})
		}
	}
	return list
}

// stateOf compares a file with what is remembered of it, which is nothing if it has no digest.
func stateOf(before, now warehouse.Input) string {
	switch {
	case before.SHA256 == "":
		return IsNew
	case before.SHA256 != now.SHA256:
		return IsChanged
	case before.Reader != now.Reader:
		return IsReadAlike
	case before.Damaged:
		return IsDamaged
	}
	return IsTouched
}

// plannedFiles are the dumps that are not as they were, and the live tables that would be read.
func (t *tables) plannedFiles() (list []PlannedFile) {
	for _, day := range slices.Sorted(maps.Keys(t.dumps)) {
		for _, d := range t.dumps[day] {
			list = append(list, d.planned()...)
		}
	}
	return list
}

func (d *dump) planned() (list []PlannedFile) {
	file := func(state, name string, bytes int64) {
		own := PlannedFile{Source: d.source.Name, File: name, Table: d.spec.Name, State: state, Bytes: bytes, Days: []warehouse.InputDay{{Dt: d.day}}}
		if i := slices.IndexFunc(d.before, func(in warehouse.Input) bool { return in.Name == name }); i >= 0 {
			own.Days = d.before[i].Days
		}
		list = append(list, own)
	}
	if d.taken != nil {
		file(IsLive, fmt.Sprintf("%s/%s", d.day, d.spec.Name), 0)
		return list
	}
	for i, f := range d.files {
		var before warehouse.Input
		for _, in := range d.before {
			if in.Name == f.name {
				before = in
			}
		}
		now := d.inputs[i]
		if state := stateOf(before, now); state != IsTouched || !before.MTime.Equal(now.MTime) {
			file(state, f.name, f.size)
		} else if d.changed {
			file(IsReadAgain, f.name, f.size)
		}
	}
	for _, in := range d.before {
		if !d.source.isLive() && !slices.ContainsFunc(d.files, func(f found) bool { return f.name == in.Name }) {
			file(IsGone, in.Name, in.Size)
		}
	}
	return list
}
