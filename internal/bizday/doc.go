// Package bizday turns instants into business days and days into quarters (docs/definitions.md section 1).
//
// A Day is a calendar day without a zone; a Zone says which instants belong to it. Days may have 23 or 25 hours.
// The zone database is linked in, so the result depends on no machine. Begin with Zone.DayOf.
package bizday
