// Package extract turns event lines and tables from outside into the masked day files of the lake, and accounts for every
// line and row (docs/sources.md, docs/contract.md section 3).
//
// Words: a source is configured and has files; a file is remembered as an Input of the manifest; a day is extracted when
// lake/events holds a file for it, even one without rows; a line on its way is masked, in the bytes of a rows.Row; a dump is what a
// source of tables has of one table for one day, in files, or taken from a snapshot of a database; accounts are the rows of
// quarantine, row_ledger and source_ledger of one origin, lines or tables.
//
// The way of a line: discover (which files) -> plan (which must be read, for which days) -> read (files in chunks, scanned and
// masked by several goroutines) -> spill (by day and bucket, on disk) -> bucket (order, duplicates, conflicts; oversize does
// the same on disk) -> day (the buckets in their order) -> lake (events, unknown_field).
// The way of a row: table_plan (which dumps are new or changed), table_live (which databases are due) -> table.Reader,
// Checker, Sorter -> table_read (equal keys, total order) -> lake/<table>; catalogue says what the day's sources have.
// accounts joins both origins in quarantine, row_ledger and source_ledger.
//
// Beside that way: replay says which refused lines are read again whatever changed, and what became of them; checkup looks at what a
// run would find, coverage at what logs hold, and neither writes anything.
//
// Promises:
//  1. Every line and row that was read is kept, a duplicate, blank, quarantined with a reason, or out of range; if the sums do not
//     agree per file and table, Run returns an error of class errs.Gate and the caller publishes nothing.
//  2. What a day file holds depends on the set of lines or rows alone: not on their order, the splitting into files, or threads.
//     Quarantine and ledger name files and offsets besides.
//  3. Only masked values leave the memory of a reader: the spill holds what the lake may hold, and nothing else.
//  4. Plan tells the days and files of the lake that Run then writes, by the same steps, and writes nothing.
//
// Begin with Run.
package extract
