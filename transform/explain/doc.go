// Package explain leads from a number of metric_daily to the rows that it counts, and to what these came from.
//
// Words: a cell is a row of metric_daily; its rows are what the catalogue's query of it returns; their sums are its parts; the
// lineage is the partitions that the rows were computed from; an origin is a source file, or a table taken from a database.
//
// Promises:
//  1. The rows of a cell add up to it to the last digit: a test holds this for every metric. Where a snapshot was built by other
//     SQL or other parameters, the explanation says that they do not.
//  2. A cell without numbers, which is suppressed or not computable, has no rows and no counts here either.
//  3. Only one snapshot is read, through its manifest; of two that are compared, either by its own.
//
// Begin with Cells and Pick, then Explain or Compare.
package explain
