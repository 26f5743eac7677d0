package scan

import "vaultreport/internal/event"

// Told says more of the line that Line has just refused for the reason: which event it names, zero for none that is known, and the
// names of its fields that this event does not list, of a line without a known event those that no event lists. Names are valid until
// the next line. A line that is no object tells nothing.
func (r *Reader) Told(reason event.Reason) (kind event.Kind, unknown []string) {
	switch reason {
	case event.TooLong, event.Truncated, event.NotJSON, event.NotObject:
		return 0, nil
	}
	var rec event.Record
	if !r.fields.has.Has(event.Event) || r.column(event.Event, &rec) != good {
		return 0, r.unknownBut(^event.Columns(0))
	}
	return rec.Kind, r.unknownBut(rec.Kind.Lists())
}

func (r *Reader) unknownBut(listed event.Columns) []string {
	r.unknown = r.fields.appendUnknown(r.unknown[:0], listed)
	return r.unknown
}
