// Package pages turns what a project says of its tables into Markdown: a page a table, and an index. Equal entries give equal
// bytes. docs/tables holds what it makes of the shipped project.
package pages
