package alarm

import "slices"

// Difference is what became of an episode under other rules: Old is nil where it is new, New where it is gone.
type Difference struct{ Old, New *Alarm }

// Compare returns how the alarms that one file of rules finds differ from those that another finds on the same days, in the
// order of subject and time, and how many are the same. Episodes of one subject that overlap are one that changed its start,
// end or peak.
func Compare(old, new []Alarm) (differences []Difference, same int) {
	old, new = bySubject(old), bySubject(new)
	for len(old) > 0 || len(new) > 0 {
		switch {
		case len(new) == 0 || len(old) > 0 && comesBefore(old[0], new[0]):
			differences = append(differences, Difference{Old: &old[0]})
			old = old[1:]
			continue
		case len(old) == 0 || comesBefore(new[0], old[0]):
			differences = append(differences, Difference{New: &new[0]})
			new = new[1:]
			continue
		case isSame(old[0], new[0]):
			same++
		default:
			differences = append(differences, Difference{Old: &old[0], New: &new[0]})
		}
		old, new = old[1:], new[1:]
	}
	return differences, same
}

func (a Alarm) subject() subject { return subject{a.Rule, a.Level, a.Env, a.VaultType} }

func bySubject(alarms []Alarm) []Alarm {
	alarms = slices.Clone(alarms)
	slices.SortFunc(alarms, func(a, b Alarm) int {
		if order := a.subject().compare(b.subject()); order != 0 {
			return order
		}
		return a.StartedAt.Compare(b.StartedAt)
	})
	return alarms
}

// comesBefore says whether a belongs to a subject before that of b, or is over before b begins.
func comesBefore(a, b Alarm) bool {
	if order := a.subject().compare(b.subject()); order != 0 {
		return order < 0
	}
	return a.EndedAt != nil && !a.EndedAt.After(b.StartedAt)
}

func isSame(a, b Alarm) bool {
	return a.ID == b.ID && (a.EndedAt == nil) == (b.EndedAt == nil) && (a.EndedAt == nil || a.EndedAt.Equal(*b.EndedAt)) &&
		a.Peak == b.Peak && (a.PeakAt == nil || b.PeakAt == nil || a.PeakAt.Equal(*b.PeakAt))
}
