// Package rows sorts rows of the lake and writes them to Parquet, any number of them within bounded memory.
//
// Words: a Row is a row in bytes, whose order is the order of the file; a cell is one column's part of it; a Column says how
// a cell is laid out and where it goes in the file; a run is what a Sorter wrote to disk at once, sorted.
//
// The way of a row: what makes it (AppendNumber and so on) -> Sorter, or any other order of bytes -> Writer.
//
// Promises:
//  1. Comparing Rows of the same columns byte by byte compares them column by column.
//  2. What a Writer writes depends on the rows and their order, not on the number of processors.
//
// Begin with Row.
package rows
