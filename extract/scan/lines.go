package scan

import (
	"bytes"
	"io"
)

// DefaultMaxLine is the longest line in bytes, without its line end, that is read unless a source says otherwise.
const DefaultMaxLine = 1 << 20

// Line is one line of a decompressed file.
type Line struct {
	Text    []byte // without the line end; nil if TooLong; valid until the next call of Next, or of Chunk.Release
	Number  int64  // from 1
	Offset  int64  // of its first byte in the decompressed file, a byte order mark included
	Size    int64  // bytes without the line end, also where Text is nil
	TooLong bool   // Size is over the limit
	Last    bool   // no line end follows
	Cut     bool   // the line stands for the cut of a damaged stream and is truncated whatever it holds
}

// Lines splits a decompressed stream into lines. A line ends with \n or \r\n; what follows the last line end is a line
// if it is not empty; a byte order mark at the start is skipped. A longer line than the limit is counted, not held.
//
// A damaged stream (ErrDamaged) adds one line with Cut set: what was decoded behind the last line end, or, if that is
// nothing, an object (even one with malformed UTF-8) or too long and therefore a line of its own, a line without text
// at the end of what was decoded.
//
// Lines serves one goroutine.
type Lines struct {
	chunks *Chunks
	chunk  *Chunk // nil before the first and after the last
	lines  ChunkLines
}

// NewLines returns the lines of r, none of which holds more than maxLine bytes.
func NewLines(r io.Reader, maxLine int) *Lines { return &Lines{chunks: NewChunks(r, maxLine)} }

// Next returns the next line, or false after the last. After it, Damaged and Err say how the stream ended.
func (s *Lines) Next() (Line, bool) {
	for {
		if s.chunk != nil {
			if line, more := s.lines.Next(); more {
				return line, true
			}
			s.chunk.Release()
		}
		var more bool
		if s.chunk, more = s.chunks.Next(); !more {
			return Line{}, false
		}
		s.lines = s.chunk.Lines()
	}
}

// Damaged says, after the last line, whether the stream ended early or did not decode.
func (s *Lines) Damaged() bool { return s.chunks.Damaged() }

// Err returns, after the last line, the error of the reader that ended the lines early, nil at the end of the stream and
// for damage. With an error the lines are not the whole file, and what stood behind the last line end is not among them.
func (s *Lines) Err() error { return s.chunks.Err() }

// ChunkLines are the lines of one chunk. They serve one goroutine.
type ChunkLines struct {
	chunk  *Chunk
	text   []byte // what is left of it
	long   []longLine
	number int64 // of the next line
	offset int64
	cut    bool // the line of the cut is still to come
}

// Next returns the next line of the chunk, or false after the last.
func (s *ChunkLines) Next() (Line, bool) {
	line := Line{Number: s.number, Offset: s.offset}
	taken := int64(0)
	switch {
	case len(s.long) > 0 && s.long[0].at == len(s.chunk.text)-len(s.text):
		long := s.long[0]
		s.long = s.long[1:]
		line.Size, line.TooLong, line.Last, taken = long.size, true, long.last, long.taken
	case len(s.text) > 0:
		taken = s.hold(&line)
	case s.cut:
		line.Last, line.Cut = true, true
	default:
		return Line{}, false
	}
	if line.Cut {
		s.cut = false
	}
	s.number++
	s.offset += taken
	return line, true
}

// hold gives the line what stands next in the text, and returns how many bytes that are with its line end.
func (s *ChunkLines) hold(line *Line) (taken int64) {
	text := s.text
	if end := bytes.IndexByte(text, '\n'); end >= 0 {
		text, s.text = text[:end], text[end+1:]
		taken = int64(end) + 1
		if end > 0 && text[end-1] == '\r' {
			text = text[:end-1]
		}
	} else {
		s.text = nil
		taken = int64(len(text))
		line.Last = true
	}
	line.Size = int64(len(text))
	line.TooLong = line.Size > s.chunk.maxLine
	if !line.TooLong {
		line.Text = text
	}
	if line.Last && s.cut {
		var syntax parser
		line.Cut = !line.TooLong && !syntax.isObject(line.Text)
	}
	return taken
}
