package main

import (
	"fmt"

	"github.com/spf13/pflag"

	"vaultreport/internal/bizday"
)

// askedDays are the flags that name days to work on: one, or all from a first to a last one.
type askedDays struct {
	Date, Start, End *bizday.Day
}

func (f *askedDays) addDays(flags *pflag.FlagSet, date string) {
	flags.Var(dayFlag(&f.Date), "date", date)
	flags.Var(dayFlag(&f.Start), "start", "first day, with --end")
	flags.Var(dayFlag(&f.End), "end", "last day, inclusive")
}

func (f askedDays) validate() error {
	switch {
	case f.Date != nil && (f.Start != nil || f.End != nil):
		return usage("--date and --start, --end exclude each other", "give one day, or a first and a last one")
	case (f.Start == nil) != (f.End == nil):
		return usage("--start and --end belong together", "give both, or --date")
	}
	return daysInOrder(f.Start, f.End)
}

// dayFilter are the flags that leave days out of an answer: all but one, or those before or after.
type dayFilter struct {
	Date, Start, End *bizday.Day
}

func (f *dayFilter) addFilter(flags *pflag.FlagSet) {
	flags.Var(dayFlag(&f.Date), "date", "only of this day")
	flags.Var(dayFlag(&f.Start), "start", "only of this day or later")
	flags.Var(dayFlag(&f.End), "end", "only of this day or earlier")
}

// span returns the first and the last day that stay, nil where there is no end.
func (f dayFilter) span() (first, last *bizday.Day, err error) {
	switch {
	case f.Date != nil && (f.Start != nil || f.End != nil):
		return nil, nil, usage("--date and --start, --end exclude each other", "give one day, or a first or a last one")
	case f.Date != nil:
		return f.Date, f.Date, nil
	}
	return f.Start, f.End, daysInOrder(f.Start, f.End)
}

func daysInOrder(first, last *bizday.Day) error {
	if first != nil && last != nil && *last < *first {
		return usage(fmt.Sprintf("--end %s lies before --start %s", last, first), "")
	}
	return nil
}
