package scheduler

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"vaultreport/internal/bizday"
	"vaultreport/internal/errs"
	"vaultreport/transform"
	"vaultreport/warehouse"
)

// mostFailing is how many rows of a test are kept.
const mostFailing = 100

// keptRows is the form of a file of rows that offend.
type keptRows struct {
	Table   string     `json:"table"`
	Test    string     `json:"test"`
	Dt      bizday.Day `json:"dt"`        // of the rows
	Offend  int64      `json:"offending"` // of all days of the run
	LeftOut int        `json:"left_out"`  // of those below, because they show what no file may show
	Columns []string   `json:"columns"`
	Rows    [][]any    `json:"rows"`
}

// keepFailing keeps rows that offend the data tests at which a run stopped, beside its record, and says in the hint of the
// error where. The run has failed already: what goes wrong here is told and changes nothing. Rows pass the search that files pass.
func keepFailing(ctx context.Context, tx *warehouse.Tx, project *transform.Project, o Options, failed error) {
	var e *errs.Error
	if errs.ClassOf(failed) != errs.Gate || !errors.As(failed, &e) {
		return
	}
	kept, err := failingOf(ctx, tx, project, o)
	folder := ""
	for _, k := range kept {
		var data []byte
		if data, err = json.Marshal(k); err != nil {
			break
		}
		if folder, err = tx.KeepFailed(fileNameOf(k), append(data, '\n')); err != nil {
			break
		}
	}
	if err != nil {
		o.Log.Info("rows that offend are not kept", "error", err)
	}
	if folder != "" {
		e.Hint = strings.TrimPrefix(e.Hint+"; rows that offend are kept in "+folder, "; ")
	}
}

func failingOf(ctx context.Context, tx *warehouse.Tx, project *transform.Project, o Options) (kept []keptRows, err error) {
	changed := map[string]bool{}
	var days []bizday.Day
	for _, f := range tx.Changed() {
		changed[f.Table] = true
		days = append(days, f.Dt)
	}
	slices.Sort(days)
	db, with, err := engine(ctx, tx, o)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	isChanged := func(table string) bool { return changed[table] }
	failing, err := transform.FailingRows(ctx, tx, project, with, slices.Compact(days), isChanged, mostFailing)
	if err != nil {
		return nil, err
	}
	s := newSearch(o)
	for _, f := range failing {
		k := keptRows{Table: f.Table, Test: f.Test, Dt: f.Dt, Offend: f.Rows, Columns: f.Columns, Rows: [][]any{}}
		for _, row := range f.Sample {
			if slices.ContainsFunc(row, func(value any) bool {
				text, isText := value.(string)
				if !isText {
					text = fmt.Sprint(shownValue(value))
				}
				return len(s.look([]byte(text), isText)) > 0
			}) {
				k.LeftOut++
				continue
			}
			for i, value := range row {
				row[i] = shownValue(value)
			}
			k.Rows = append(k.Rows, row)
		}
		kept = append(kept, k)
	}
	return kept, nil
}

// shownValue is a value for JSON: bytes in hex, instants in UTC.
func shownValue(value any) any {
	switch value := value.(type) {
	case []byte:
		return hex.EncodeToString(value)
	case time.Time:
		return value.UTC().Format(time.RFC3339Nano)
	case fmt.Stringer:
		return value.String()
	}
	return value
}

var noNameByte = regexp.MustCompile(`[^a-z0-9_]+`)

func fileNameOf(k keptRows) string {
	return k.Table + "." + strings.Trim(noNameByte.ReplaceAllString(strings.ToLower(k.Test), "_"), "_") + ".json"
}
