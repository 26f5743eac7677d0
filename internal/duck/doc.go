// Package duck opens the embedded DuckDB the one way this project uses it: in memory, the settings of docs/security.md
// ("DuckDB, on every connection"), and the functions that the portable SQL of docs/scale.md may call.
//
// Words: the portable functions are four macros, vr_local_ts, vr_days_between, vr_days and vr_sha256, which Spark has under
// the same names, and vr_two_proportion_p, which Go provides.
//
// Promises:
//  1. Nothing is downloaded: extensions are neither installed nor loaded on demand.
//  2. After Open no setting can be changed by SQL.
//  3. With ReadOnlyDirs set no file outside these folders can be opened.
//  4. A temporary table is seen by every later statement on its connection.
//
// Begin with Open.
package duck
