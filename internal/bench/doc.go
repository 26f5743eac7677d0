// Command bench measures the program against the bars of docs/performance.md and prints for each what was measured, the
// figure, the baseline, their ratio, and whether the bar is met. `make bench` runs it. It is a tool of this repository: no
// user gets it, it needs Linux, the usual cp, strip, sha256sum and gzip, and for section B a PostgreSQL that is installed. No
// test judges its figures.
//
// Words: a bar compares a figure with a baseline, or with a number. A cost is wall time, CPU time (user and system) and,
// of a process, peak memory. A child is this program again, as a baseline in a process of its own. A night is one
// `vaultreport run --date`; its transform is what lies between two lines of its log, from extraction to the alarms.
//
// How it measures: figure and baseline take turns on the same machine (A B A B ...), the medians of the pairs are compared,
// and the worse of the ratios of wall and CPU decides unless the bar names one of them. Processes run on a warm page cache.
//
// A reads event lines of one day that this program makes: of every kind, of 266 bytes, users by Zipf, 3 % copies, 1 in 2,048
// bad. Figures are the whole process of `extract` into a new warehouse, and a child that scans and drops; baselines are
// children that run a COPY of DuckDB with the product's own settings, sha256sum, and gzip -dc. The lake must hold every
// event once, and each COPY as many rows as it should, or the bench fails. DuckDB stops at a bad line and gets a file with
// good ones in their place.
//
// B reads a table of 20 columns from a PostgreSQL that it starts, with one connection and with two, beside psql that drops a
// binary COPY of the same 18 columns. The server's own work is in the wall time of both and in the CPU of neither.
//
// C reads `vaultreport sample`, with fewer events than docs/performance.md speaks of; the head of the output says by how much.
// What a mart answers in a fixed time looks the better the more raw rows there are, so a ratio over a smaller lake is too
// low, never too high. Queries run in one engine, each side once untimed before: then its answer is compared with the other
// side's, and if a single digit differs the bench fails.
//
// Begin with main.go; a section begins in reading.go, postgres.go and models of main.go, whose bars are in nights.go,
// queries.go, wholes.go.
package main
