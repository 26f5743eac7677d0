// Command bench measures the program against the bars of docs/performance.md and prints for each what was measured, the
// figure, the baseline, their ratio, and whether the bar is met. `make bench` runs it. It is a tool of this repository: no
// user gets it, it needs Linux and the usual cp and strip, and no test judges its figures.
//
// Words: a bar compares a figure with a baseline, or with a number. A cost is wall time, CPU time (user and system) and,
// of a process, peak memory. A night is one `vaultreport run --date`; its transform is what lies between two lines of its
// log, from extraction to the alarms.
//
// How it measures: figure and baseline take turns on the same machine (A B A B ...), the medians of the pairs are compared,
// and the worse of the ratios of wall and CPU decides. Processes run on a warm page cache. Queries run in one engine with
// the product's own settings, each side once untimed before: then its answer is compared with the other side's, and if a
// single digit differs the bench fails.
//
// The data are those of `vaultreport sample`, with fewer events than docs/performance.md speaks of; the head of the output
// says by how much. What a mart answers in a fixed time looks the better the more raw rows there are, so a ratio over a
// smaller lake is too low, never too high.
//
// Here are the bars about models and whole runs. Those about reading lines and PostgreSQL get their own files beside these.
//
// Begin with main.go; a bar is in the file of its kind: nights.go, queries.go, wholes.go.
package main
