// Package transform runs the models of package sql over exact files of the warehouse, each model of each day as soon as what
// it reads is there, and refuses what breaks a contract.
//
// Words: a contract (sql/*/NAME.yaml) describes one table; a model is a contract with SQL; a view is one without
// files, whose query stands in that of each model that reads it; an input binds a table's file of
// one day to a name that the SQL uses; the calendar is the list of extracted days that a model may see; a key is the digest
// of everything that a file is built from; an invariant (sql/tests) is a query that returns the rows that offend.
//
// Promises:
//  1. A model sees the files of its inputs and its calendar and nothing else: a name that the contract does not bind is an error.
//  2. A file is built again exactly when its key differs: SQL (without comments and blank space), contract, parameters, zone,
//     engine, content of the inputs, calendar.
//  3. Equal inputs give equal bytes, whatever the number of threads.
//  4. A cell with fewer than k users is suppressed before anything is written.
//  5. A run ends without an error only after every file that it built was opened again and agrees with its contract and the
//     invariants. Until then the files are staged, and nothing publishes them.
//  6. Plan tells at least the files that Run then builds, each with its reason, and builds nothing.
//
// Begin with Load, then Run.
package transform
