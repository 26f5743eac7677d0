// Package table turns the rows of a source table, whoever wrote them down, into rows of the lake (docs/sources.md section 2).
//
// Words: a Spec is what this product wants of one of the four tables; the catalogue is what a source has of it, as
// Attributes; a Match says which attribute fills which column.
//
// The way of a row: Reader (values of the selected columns) -> Checker (type, domain, privacy) -> rows.Row -> rows.Sorter (any number
// of rows in bounded memory) -> the caller, which sees equal keys side by side.
//
// Promises:
//  1. A column that no Spec lists is never selected, and of a Parquet file never read.
//  2. A Row holds no user id, no request id and no text that a Spec does not allow; neither does a masked text.
//  3. What a row becomes depends on its values alone: the same table gives the same Rows from CSV, from Parquet of any
//     writer, and from any other Reader.
//
// Begin with Specs, Reader and Checker.
package table
