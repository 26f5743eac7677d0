// Package scan turns the bytes of one file of event lines into masked records, one line at a time, or into the reason
// why a line is refused (docs/sources.md section 1).
//
// Open tells gzip, zstd and plain bytes apart by content; Chunks cuts the decompressed bytes at line ends into parts that
// several goroutines can read; Lines, of a chunk or of a whole stream, says where each line stands; a Reader turns one Line
// into an event.Record or a Result with a reason.
//
// Of an ordinary line the fields are found in one pass over its bytes (fast.go); what that does not know, that line alone,
// goes through a complete parser (syntax.go). From then on both are one: the rules of the columns (column.go) are applied
// to the bytes where they stand, and an accepted line allocates nothing.
//
// Words: a field is a name in the event object, a column what it fills in the lake; a field is listed if the kind of
// the line's event lists it, every other is unknown; a stream is damaged if it ends early or does not decode.
//
// Promises:
//  1. Every line is blank, kept or refused, exactly once, whatever its bytes are; nothing here panics on any input.
//  2. The result for a line depends on its bytes, on how it ends and on the Options, and on no other line.
//  3. Memory is bounded by the line limit, the window limit of zstd, the chunks not yet released and the sizes below, whatever the input.
//  4. No error and no masked text holds a value of the line that is not clear (mask.go) or looks like personal data.
//  5. No result depends on whether a line took the fast path, and no line's place on where the stream is cut into chunks.
//  6. Numbers and offsets count the decompressed bytes: a line's text with its line end is what stands there.
//
// A new field is a column of package event, which the tables of names.go follow, and a line in Reader.column.
//
// Begin with Reader.Line.
package scan
