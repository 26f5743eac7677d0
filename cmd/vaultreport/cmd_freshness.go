package main

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"vaultreport/internal/bizday"
	"vaultreport/internal/errs"
	"vaultreport/transform"
)

func newFreshnessCommand(a *app) *cobra.Command {
	var grace time.Duration
	cmd := &cobra.Command{
		Use:   "freshness [SELECTOR...]",
		Short: "Hold each mart to its promise, for a probe",
		Long: `Hold the published tables to what their contracts promise: the newest day, by when it was promised, by when the day after it is, and how
long its end is ago. A table is late if the day after its newest one was promised for an instant before now, or nothing of it is published. It
reads the newest snapshot's list of files and nothing else, takes no lease, and never waits for a run. Selectors are those of "models list".` +
			exitCodesHelp("0  every promise is kept", "1  unexpected failure", "2  wrong usage, nothing published at all", "3  a table is late", "7  the warehouse cannot be opened", "130, 143  interrupted"),
		Example: "  vaultreport freshness\n  vaultreport freshness metric_daily --grace 30m --quiet\n  vaultreport freshness -o json",
		RunE:    func(_ *cobra.Command, selectors []string) error { return a.runFreshness(selectors, grace) },
	}
	cmd.Flags().Var(durationFlag(&grace), "grace", "how much later than promised is not late yet")
	return cmd
}

func (a *app) runFreshness(selectors []string, grace time.Duration) error {
	if grace < 0 {
		return usage(fmt.Sprintf("--grace %s is negative", grace), "")
	}
	entries, err := a.selectedEntries(selectors)
	if err != nil {
		return err
	}
	files, err := a.publishedFiles()
	if err != nil {
		return err
	}
	zone, err := bizday.LoadZone(files.Zone)
	if err != nil {
		return errs.Wrap(errs.Unexpected, "freshness: snapshot "+files.ID, err)
	}
	all := transform.FreshnessOf(entries, files.Days, zone, a.now(), grace)
	if len(all) == 0 {
		return usage("none of these tables promises anything", `"vaultreport freshness" without a selector shows those that do`)
	}
	rows := make([]freshRow, len(all))
	late := 0
	for i, f := range all {
		rows[i] = newFreshRow(f)
		if f.IsLate {
			late++
		}
	}
	if err := a.writeFreshness(rows); err != nil {
		return err
	}
	if late > 0 {
		return errs.New(errs.Gate, fmt.Sprintf("freshness: %d of %d tables are late", late, len(all)), `"vaultreport runs list" shows what was published last; the log of the job says why not more`)
	}
	return nil
}

// freshRow is a table beside its promise, for machines. What there is none of is null.
type freshRow struct {
	Table  string      `json:"table"`
	Newest *bizday.Day `json:"newest"`
	Due    *time.Time  `json:"promised_at"`
	Next   *time.Time  `json:"next_promised_at"`
	AgeS   *int64      `json:"age_s"`
	LateS  *int64      `json:"late_s"`
	State  string      `json:"state"`
}

func newFreshRow(f transform.Freshness) freshRow {
	r := freshRow{Table: f.Table, Newest: f.Newest, State: "ok"}
	if f.IsLate {
		r.State = "late"
	}
	if f.Newest == nil {
		return r
	}
	age := int64(f.Age / time.Second)
	r.Due, r.Next, r.AgeS = &f.Due, &f.Next, &age
	if f.IsLate {
		late := int64(f.Late / time.Second)
		r.LateS = &late
	}
	return r
}

func (a *app) writeFreshness(rows []freshRow) error {
	switch a.global.Output {
	case formJSON:
		return json.NewEncoder(a.out).Encode(rows)
	case formCSV:
		g := &grid{columns: []string{"table", "newest", "promised_at", "next_promised_at", "age_s", "late_s", "state"}}
		for _, r := range rows {
			g.add(r.Table, orNil(r.Newest), instantOf(r.Due, time.RFC3339), instantOf(r.Next, time.RFC3339), orNil(r.AgeS), orNil(r.LateS), r.State)
		}
		_, err := a.out.Write(g.csv())
		return err
	}
	const minutes = "2006-01-02 15:04"
	g := &grid{columns: []string{"table", "newest", "next by", "age", "state"}}
	for _, r := range rows {
		var newest, age any
		if r.Newest != nil {
			newest, age = r.Newest.String(), hoursOf(*r.AgeS)
		}
		g.add(r.Table, newest, instantOf(r.Next, minutes), age, r.State)
	}
	_, err := a.out.Write(g.table())
	return err
}

func instantOf(at *time.Time, form string) any {
	if at == nil {
		return nil
	}
	return at.Format(form)
}

// hoursOf is a length of time as people read it: 2d 3h, 5h 20m.
func hoursOf(seconds int64) string {
	sign := ""
	if seconds < 0 {
		sign, seconds = "-", -seconds
	}
	days, hours, minutes := seconds/86_400, seconds/3600%24, seconds/60%60
	if days > 0 {
		return fmt.Sprintf("%s%dd %dh", sign, days, hours)
	}
	return fmt.Sprintf("%s%dh %dm", sign, hours, minutes)
}
