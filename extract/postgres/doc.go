// Package postgres reads the tables of docs/sources.md section 2 from a PostgreSQL server, all as of one instant.
//
// Words: a Snapshot is a view of a database that does not change while others write to it; a Table is a table or view of
// it, as the catalogue knows it; a part is a range of a Table's pages, read through a connection of its own.
//
// One connection exports the snapshot and does nothing else but look into the catalogue. Up to Options.Connections others
// import it, and read by binary COPY. Every one of them is a read-only transaction, with timeouts.
//
// Promises:
//  1. All rows of a Snapshot are those that were committed at one instant, over all its tables, parts and connections.
//  2. A column is selected only if it is named, and named only if the role may read it.
//  3. A table that was changed in a way that snapshots do not cover (truncated, rewritten, dropped) is an error, never an
//     empty table; so is a view or a partitioned table that reads from one.
//  4. Rows are streamed: what is held does not depend on how many there are.
//  5. No error and no log line holds the connection string, the password, or a value of a row.
//
// Begin with Open.
package postgres
