// Package event says what an event is: its kinds, the fields that each kind lists, the masked record that one line
// becomes (docs/sources.md section 1).
//
// Words: a field is a name in a JSON line, a column is a name in lake/events; a kind is a value of the field "event".
// A Record never holds a raw user id or free text.
//
// Promises:
//   - Enumerations are numbered in the byte order of their names, so comparing codes compares texts.
//
// Begin with Record.
package event
