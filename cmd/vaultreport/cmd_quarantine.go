package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"vaultreport/internal/duck"
	"vaultreport/internal/errs"
)

func newQuarantineCommand(a *app) *cobra.Command {
	return newVerbGroup("quarantine", "Show refused lines and rows",
		`Show the lines and rows of tables that were refused, as the newest snapshot has them: where they stand, why, and what they were
like without anything personal. After a repair of the configuration the next run reads them again by itself; replay does it now.`,
		newQuarantineListCommand(a), newQuarantineShowCommand(a), newQuarantineReplayCommand(a))
}

// quarantineFilter are the flags of quarantine list; what is empty filters nothing.
type quarantineFilter struct {
	Source, File, Reason, Field string
	dayFilter
	Limit int
}

func newQuarantineListCommand(a *app) *cobra.Command {
	f := quarantineFilter{Limit: 100}
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List refused lines and rows, the newest day first",
		Long: `List refused lines and rows of tables, the newest day first, by source, file and line. csv and json have the byte offset and the
masked text too. file of a table's row is the table's name; it has no line.` +
			exitCodesHelp("0  listed, or there are none", "1  unexpected failure", "2  wrong usage, nothing published", "7  the warehouse cannot be opened", "130, 143  interrupted"),
		Example: `  vaultreport quarantine list --reason missing_field
  vaultreport quarantine list --start 2026-04-30 --limit 0 -o csv > refused.csv`,
		Args: noWords,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.runQuarantineList(cmd.Context(), f) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.Source, "source", "", "only of this `source`")
	flags.StringVar(&f.File, "file", "", "only of this `file`, as the list names it")
	flags.StringVar(&f.Reason, "reason", "", "only for this `reason`")
	flags.StringVar(&f.Field, "field", "", "only about this `field`")
	f.addFilter(flags)
	flags.IntVar(&f.Limit, "limit", f.Limit, "no more than `N`; 0: all")
	return cmd
}

func (a *app) runQuarantineList(ctx context.Context, f quarantineFilter) error {
	if f.Limit < 0 {
		return usage(fmt.Sprintf("--limit %d is negative", f.Limit), "")
	}
	var err error
	if f.Start, f.End, err = f.span(); err != nil {
		return err
	}
	columns := "dt, source, file, line, reason, field"
	if a.global.Output != formTable {
		columns = "dt, source, file, line, byte_offset, reason, field, masked_text"
	}
	return a.withNewest(ctx, func(n newest) error { return a.writeAnswer(ctx, n.db.Conn(), f.query(columns)) })
}

func (f quarantineFilter) query(columns string) string {
	conditions := []string{"true"}
	for _, c := range []struct{ column, value string }{{"source", f.Source}, {"file", f.File}, {"reason", f.Reason}, {"field", f.Field}} {
		if c.value != "" {
			conditions = append(conditions, c.column+" = "+duck.Quote(c.value))
		}
	}
	if f.Start != nil {
		conditions = append(conditions, "dt >= date '"+f.Start.String()+"'")
	}
	if f.End != nil {
		conditions = append(conditions, "dt <= date '"+f.End.String()+"'")
	}
	query := "select " + columns + " from quarantine where " + strings.Join(conditions, " and ") + " order by dt desc, source, file, line, reason, field, masked_text"
	if f.Limit > 0 {
		query += " limit " + strconv.Itoa(f.Limit)
	}
	return query
}

func newQuarantineShowCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "show FILE LINE",
		Short: "Show one refused line",
		Long: `Show a refused line by its file, as the list names it, and its number: why it was refused, about which field, and its masked text.
The byte offset counts decompressed bytes.` +
			exitCodesHelp("0  shown", "1  unexpected failure", "2  no such line, wrong usage, nothing published", "7  the warehouse cannot be opened", "130, 143  interrupted"),
		Example: "  vaultreport quarantine show logs/2026-04-30/prod.jsonl.gz 1042",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return usage(fmt.Sprintf("quarantine show takes a file and the number of a line, not %d words", len(args)), `"vaultreport quarantine list" lists them`)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			line, err := strconv.ParseInt(args[1], 10, 64)
			if err != nil || line < 1 {
				return usage(fmt.Sprintf("%q is no number of a line", args[1]), "lines are counted from 1")
			}
			return a.runQuarantineShow(cmd.Context(), args[0], line)
		},
	}
}

func (a *app) runQuarantineShow(ctx context.Context, file string, line int64) error {
	return a.withNewest(ctx, func(n newest) error {
		var dt, source, reason, text string
		var field sql.Null[string]
		var offset int64
		// Of a file that two sources read the first one's line is shown: it is the same line.
		err := n.db.Conn().QueryRowContext(ctx, "select dt::varchar, source, byte_offset, reason, field, masked_text from quarantine where file = ? and line = ? order by source limit 1", file, line).
			Scan(&dt, &source, &offset, &reason, &field, &text)
		if errors.Is(err, sql.ErrNoRows) {
			return usage(fmt.Sprintf("line %d of %s is not in quarantine", line, file), `"vaultreport quarantine list" lists what is`)
		}
		if err != nil {
			return errs.Wrap(errs.Unexpected, "quarantine: read quarantine", err)
		}
		facts := []fact{{"dt", dt}, {"source", source}, {"file", file}, {"line", line}, {"byte_offset", offset}, {"reason", reason}, {"field", nil}, {"masked_text", text}}
		if field.Valid {
			facts[6].value = field.V
		}
		if a.global.Output == formJSON {
			return writeFacts(a.out, formJSON, facts)
		}
		return writeFacts(a.out, a.global.Output, known(facts, map[string]string{formTable: "-"}[a.global.Output]))
	})
}
