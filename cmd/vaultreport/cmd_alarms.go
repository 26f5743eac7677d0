package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"vaultreport/internal/bizday"
	"vaultreport/internal/duck"
	"vaultreport/internal/errs"
	"vaultreport/warehouse"
)

func newAlarmsCommand(a *app) *cobra.Command {
	return newVerbGroup("alarms", "Show stored alarms, and rehearse rules",
		`Show the alarms of the newest snapshot, replay other rules over its days, compare and test files of rules. Silencing and
routing are the business of what receives alarms.`,
		newAlarmsListCommand(a), newAlarmsShowCommand(a), newAlarmsEvaluateCommand(a), newAlarmsReplayCommand(a), newAlarmsDiffCommand(a), newAlarmsTestCommand(a))
}

// alarmFilter are the flags of alarms list; what is empty filters nothing.
type alarmFilter struct {
	Env, Rule, State string
	Start, End       *bizday.Day
}

func newAlarmsListCommand(a *app) *cobra.Command {
	var f alarmFilter
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List alarms, the newest first",
		Long: `List the alarms of the newest snapshot, the newest first. --start and --end leave those that fired on one of these
days, whenever they started.` +
			exitCodesHelp("0  listed, or there are none", "1  unexpected failure", "2  wrong usage, nothing published", "7  the warehouse cannot be opened", "130, 143  interrupted"),
		Example: `  vaultreport alarms list --state firing
  vaultreport alarms list --env prod --start 2026-04-01 --end 2026-04-30 -o csv`,
		Args: noWords,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.runAlarmsList(cmd.Context(), f) },
	}
	f.addFlags(cmd)
	return cmd
}

func (f *alarmFilter) addFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.Env, "env", "", "only of this `environment`")
	flags.StringVar(&f.Rule, "rule", "", "only of this `rule`")
	flags.Var(valueOf(&f.State, "", "firing|resolved", oneOf(&f.State, "firing", "resolved").parse), "state", "only in this state")
	flags.Var(dayFlag(&f.Start), "start", "only those that fired on this day or later")
	flags.Var(dayFlag(&f.End), "end", "only those that fired on this day or earlier")
	completeValues(cmd, "state", "firing", "resolved")
}

func (f alarmFilter) validate() error {
	if f.Start != nil && f.End != nil && *f.End < *f.Start {
		return usage(fmt.Sprintf("--end %s lies before --start %s", f.End, f.Start), "")
	}
	return nil
}

// query returns the SELECT of the alarms. The zone says which instants a day has.
func (f alarmFilter) query(zone bizday.Zone) string {
	conditions := []string{"true"}
	for _, c := range []struct{ column, value string }{{"env", f.Env}, {"rule", f.Rule}, {"state", f.State}} {
		if c.value != "" {
			conditions = append(conditions, c.column+" = "+duck.Quote(c.value))
		}
	}
	if f.Start != nil {
		conditions = append(conditions, "(ended_at is null or ended_at > timestamp '"+zone.Start(*f.Start).UTC().Format("2006-01-02 15:04:05")+"')")
	}
	if f.End != nil {
		conditions = append(conditions, "dt <= date '"+f.End.String()+"'")
	}
	return "select dt, rule, level, env, vault_type, state, started_at, ended_at, peak, alarm_id from alarm where " +
		strings.Join(conditions, " and ") + " order by dt desc, rule, level, env, vault_type"
}

func (a *app) runAlarmsList(ctx context.Context, f alarmFilter) error {
	if err := f.validate(); err != nil {
		return err
	}
	return a.withNewest(ctx, func(n newest) error { return a.writeAnswer(ctx, n.db.Conn(), f.query(n.zone)) })
}

// newest is the newest snapshot, opened for reading.
type newest struct {
	*warehouse.Manifest
	config config
	zone   bizday.Zone
	db     *duck.DB
	root   *warehouse.Warehouse
}

// ReadPath returns where the bytes of a file are.
func (n newest) ReadPath(f warehouse.File) string { return n.root.ObjectPath(f) }

// withNewest calls use with the newest snapshot.
func (a *app) withNewest(ctx context.Context, use func(newest) error) error {
	c, err := a.loadConfig()
	if err != nil {
		return err
	}
	s, done, err := a.open(ctx, c, "")
	if err != nil {
		return err
	}
	defer done()
	zone, err := bizday.LoadZone(s.manifest.Zone)
	if err != nil {
		return errs.Wrap(errs.Unexpected, "read snapshot "+s.manifest.ID, err)
	}
	if err := s.showAll(ctx); err != nil {
		return s.warehouse.IfGone(s.manifest, err)
	}
	return s.warehouse.IfGone(s.manifest, use(newest{s.manifest, c, zone, s.DB, s.warehouse}))
}

// alarmIDDigits are the hexadecimal digits of an alarm's id; fewer will do if no other alarm begins with them.
const alarmIDDigits = 32

func validAlarmID(id string) bool {
	return len(id) >= 4 && len(id) <= alarmIDDigits && !slices.ContainsFunc([]byte(id), func(c byte) bool {
		return (c < '0' || c > '9') && (c < 'a' || c > 'f')
	})
}
