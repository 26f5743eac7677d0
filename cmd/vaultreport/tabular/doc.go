// Package tabular turns the result of one DuckDB statement into text or bytes: JSON, CSV, a table for people, or an Arrow
// stream, in the forms of docs/contract.md section 1.
//
// Words: a Column has a name and DuckDB's type; a value is what the driver gives for a cell, nil for NULL; the text of a
// value is the same in every form.
//
// Promises:
//  1. Rows are written as they are read. Only the table form holds some back, to know how wide its columns are.
//  2. Numbers are exact: integers and decimals digit by digit, DOUBLE in the shortest form that reads back the same.
//  3. What a table prints holds no control characters, whatever the data.
//
// Begin with Query.
package tabular
