// Package catalogue reads sql/metrics.yaml, which says of every metric what its numbers mean, which rows of metric_daily
// it has, what must be there so that it can be computed, and which query leads from a value to the rows behind it.
//
// Words: a metric is an entry; a shape is rows of metric_daily that have statistic, unit and splits in common; a need is
// what a metric cannot be computed without; an open split has rows for what occurred.
//
// Promises:
//  1. All that is wrong with a file is found at once, with lines.
//  2. The shipped catalogue agrees with the models: tests hold units, statistics, periods, splits and needs against them.
//
// Begin with Load, or Parse.
package catalogue
