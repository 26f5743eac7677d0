// Command vaultreport turns event logs into a masked lake, marts and one report a day (docs/contract.md).
//
// This package is the words of the command line: flags, environment, configuration, forms of output, exit codes. What
// they mean is done by the rooms below: scheduler for run, warehouse and DuckDB for query.
//
// Words: a verb is a command (run, query); a twin is the environment variable of a flag; a hint is the way out that an
// error carries.
//
// Promises:
//  1. stdout carries the result only; logs, progress and errors go to stderr.
//  2. A flag wins over its twin, that over the configuration, that over the default.
//  3. All errors of a configuration are reported at once, each with file and line; none shows a value that came from the
//     environment.
//  4. Every exit code is in one table, exit.go.
//
// Begin with root.go; then one file per verb.
package main
