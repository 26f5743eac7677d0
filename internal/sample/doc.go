// Package sample turns a few options into a folder of synthetic event logs and table dumps: the data that
// vaultreport uses when nobody has configured anything, and the base of many tests.
//
// # Words
//
//   - env: prod, staging or dev, each with its own users, life and file per day. Only prod has table dumps and incidents.
//   - life: the state of every user and vault, moved one business day at a time; it decides what really happened.
//   - activity: impressions, clicks and notifications without any effect on the life; they fill a day up to the wanted rate.
//   - spelling: how one event is written (zone, fraction, order of keys, numbers), which never changes its meaning.
//   - hostile line: a line that must be refused, with the reason that it was built for.
//   - stray: a line that lies in the file of another day or env than its own.
//   - canary: a literal of canaries.txt, planted only where it must be dropped, hashed or masked.
//
// # Promises
//
//  1. The same options give the same bytes, on any machine and with any GOMAXPROCS: decisions are made in integers
//     from PCG streams that are named by seed, env, day and purpose, and no map is ranged over while writing.
//  2. Memory is bounded by the users and by a few slices of a day, never by the number of days or lines.
//  3. User ids are twelve digits that begin with 7340 (UserIDs), and occur nowhere else by accident: finding one of
//     them in a warehouse is a leak.
//  4. incidents.json lists every day on which one of the seven shipped rules fires in prod, and no other. Incidents on
//     event time are scheduled; days of the rules on rates are those on which the life's own flows meet the
//     condition, so they are also right for a sample too small or too large for the scheduled ones.
//  5. Result.Planted counts what was built in: duplicates, blank lines, lines out of range, and the hostile lines by
//     reason. Result.Lines less those is what must be kept.
//  6. No gzip stream is damaged. A torn last line is torn inside a whole stream.
//
// # Where to begin
//
// write.go is the order of work; life.go the core; schedule.go and truth.go the incidents; hostile.go and strays.go
// everything that goes wrong on purpose. The formats are those of docs/sources.md, the rules those of
// docs/definitions.md.
package sample
