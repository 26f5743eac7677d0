package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/duckdb/duckdb-go/v2"
	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"vaultreport/cmd/vaultreport/tabular"
	"vaultreport/internal/errs"
)

func newQueryCommand(a *app) *cobra.Command {
	var snapshot string
	cmd := &cobra.Command{
		Use:   "query SQL",
		Short: "Run one SELECT over the published tables",
		Long: `Run one SELECT (or EXPLAIN of one) over the tables of the newest snapshot, in DuckDB's SQL; "-" reads the text from
stdin. Tables and days of a snapshot agree with each other, whatever a run is doing. The engine can read the warehouse
and nothing else, and can write nothing. Tables: docs/analysts.md, or "show tables".

JSON is one array of objects; csv is RFC 4180, NULL empty; arrow is an IPC stream.` +
			exitCodesHelp("0  done", "1  unexpected failure", "2  no SELECT, an error in the SQL, nothing published, wrong usage", "7  the warehouse cannot be opened", "130, 143  interrupted"),
		Example: `  vaultreport query "select metric, value, state from metric_daily where dt = date '2026-04-30' limit 20"
  vaultreport query -o csv "from row_ledger" > ledger.csv
  vaultreport query --snapshot 3 -o json - < question.sql
  vaultreport query -o arrow "from events" > events.arrows`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage(fmt.Sprintf("query takes one text of SQL, not %d", len(args)), `put it in quotes: vaultreport query "select 1"`)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return a.runQuery(cmd.Context(), args[0], snapshot) },
	}
	cmd.Flags().StringVar(&snapshot, "snapshot", "", "`ID` of an older snapshot")
	return cmd
}

func (a *app) runQuery(ctx context.Context, text, snapshot string) error {
	c, err := a.loadConfig()
	if err != nil {
		return err
	}
	if text == "-" {
		read, err := io.ReadAll(a.in)
		if err != nil {
			return errs.Wrap(errs.Unexpected, "query: read SQL from stdin", err)
		}
		text = string(read)
	}
	if strings.TrimSpace(text) == "" {
		return usage("query: the text is empty", `for example: vaultreport query "select * from metric_daily limit 10"`)
	}
	s, done, err := a.open(ctx, c, snapshot)
	if err != nil {
		return err
	}
	defer done()
	return a.answer(ctx, s, text)
}

func (a *app) answer(ctx context.Context, s *openedSnapshot, text string) (err error) {
	defer func() { err = s.warehouse.IfGone(s.manifest, err) }()
	selected, err := oneSelect(ctx, s.Conn(), text)
	if err != nil {
		return err
	}
	if err := s.showFor(ctx, selected); err != nil {
		return err
	}
	return a.writeAnswer(ctx, s.Conn(), selected.text)
}

func (a *app) writeAnswer(ctx context.Context, conn *sql.Conn, text string) error {
	var n int64
	var writeErr error
	err := tabular.Query(ctx, conn, text, func(rows *tabular.Rows) (err error) {
		n, err = a.writeRows(output{a.out, &writeErr}, rows)
		return err
	})
	if err != nil {
		return queryError(err, writeErr)
	}
	if a.global.Output == formTable && !a.global.Quiet {
		rows := "rows"
		if n == 1 {
			rows = "row"
		}
		fmt.Fprintf(a.err, "(%s %s)\n", humanize.Comma(n), rows)
	}
	return nil
}

func (a *app) writeRows(w io.Writer, rows *tabular.Rows) (int64, error) {
	switch a.global.Output {
	case formJSON:
		return tabular.WriteJSON(w, rows)
	case formCSV:
		return tabular.WriteCSV(w, rows)
	case formArrow:
		return tabular.WriteArrow(w, rows)
	}
	if len(rows.Columns) == 2 && rows.Columns[1].Name == "explain_value" {
		return tabular.WriteLines(w, rows)
	}
	return tabular.WriteTable(w, rows, terminalWidth(a.out))
}

// terminalWidth is 0 for what is no terminal: a file has all the width that it needs.
func terminalWidth(w io.Writer) int {
	file, isFile := w.(*os.File)
	if !isFile || !term.IsTerminal(int(file.Fd())) {
		return 0
	}
	width, _, err := term.GetSize(int(file.Fd()))
	if err != nil {
		return 0
	}
	return width
}

// output remembers that writing, and not the query, was what went wrong.
type output struct {
	io.Writer
	err *error
}

func (o output) Write(p []byte) (int, error) {
	n, err := o.Writer.Write(p)
	if err != nil {
		*o.err = err
	}
	return n, err
}

// queryError tells an error of the SQL, which is the user's, from one of the machine.
func queryError(err, writeErr error) error {
	if writeErr != nil {
		return errs.Wrap(errs.Unexpected, "query: write the result", reasonOf(writeErr))
	}
	var engine *duckdb.Error
	if errors.As(err, &engine) {
		switch engine.Type {
		case duckdb.ErrorTypeIO, duckdb.ErrorTypeOutOfMemory, duckdb.ErrorTypeInternal, duckdb.ErrorTypeFatal, duckdb.ErrorTypeInterrupt:
			return errs.Wrap(errs.Unexpected, "query", err)
		}
	}
	return errs.Wrap(errs.Usage, "query", err)
}
