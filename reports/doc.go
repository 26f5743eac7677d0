// Package reports turns the marts of one business day into one self-contained HTML page, reports/dt=D/index.html.
//
// It reads the exact files of metric_daily, metric_change, alarm_evaluation, alarm_span and row_ledger of that day, and of alarm
// also that of the publication before, and nothing else.
//
// Words: a cell is a row of metric_daily, a change a row of metric_change, an evaluation a row of alarm_evaluation, a line a row of row_ledger, a section one
// block of the page. A section is self-contained: NAME.go turns cells into what the page shows (a view, texts only),
// NAME.html lays it out, and sections.go names it. Texts of all languages stand in messages.yaml.
// Most metrics stand in plain tables, which are one section with different data: plain_list.go names sections, tables, columns.
//
// Promises:
//  1. No number is computed: every one is a cell, a change or a sum over the ledger, formatted by format.go.
//  2. Unknown is never shown as 0 or blank, but as its state and reason in words.
//  3. Every value is escaped. The page makes no request, needs no script, and its Content-Security-Policy allows
//     exactly the style that it holds.
//  4. The same marts and options give the same bytes: no clock, host or run enters the page. Where the alarms of a day differ
//     from those published before, the page says so; that alone depends on history, and is no part of the key.
//  5. A report whose key did not change is not built again; the key covers the marts, the options and everything of
//     this package that shapes the page (key.go).
//
// Begin with Build, then page.go.
package reports
