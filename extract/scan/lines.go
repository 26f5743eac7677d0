package scan

import (
	"bytes"
	"errors"
	"io"
)

// DefaultMaxLine is the longest line in bytes, without its line end, that is read unless a source says otherwise.
const DefaultMaxLine = 1 << 20

// readSize is how many bytes are asked for at once; the buffer grows by doubling up to the line limit plus this.
const readSize = 64 << 10

const byteOrderMark = "\xef\xbb\xbf"

// Line is one line of a decompressed file.
type Line struct {
	Text    []byte // without the line end; nil if TooLong; valid until the next call of Next
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
	r       io.Reader
	maxLine int
	syntax  parser // says whether what a damaged stream ends with is an object

	buf        []byte
	start, end int   // what is unread of buf
	offset     int64 // of buf[start]
	number     int64 // of the line before
	readErr    error // what ended the reading
	finished   bool
}

// NewLines returns the lines of r, none of which holds more than maxLine bytes.
func NewLines(r io.Reader, maxLine int) *Lines {
	return &Lines{r: r, maxLine: maxLine, buf: make([]byte, readSize)}
}

// Next returns the next line, or false after the last. After it, Damaged and Err say how the stream ended.
func (s *Lines) Next() (Line, bool) {
	if s.finished {
		return Line{}, false
	}
	if s.number == 0 {
		s.skipByteOrderMark()
	}
	line, size := s.scan()
	if size == 0 {
		return s.finish()
	}
	s.number++
	line.Number = s.number
	if line.Last && s.Damaged() {
		line.Cut = !line.TooLong && !s.syntax.isObject(line.Text)
		s.finished = line.Cut
	}
	return line, true
}

// Damaged says, after the last line, whether the stream ended early or did not decode.
func (s *Lines) Damaged() bool { return errors.Is(s.readErr, ErrDamaged) }

// Err returns, after the last line, the error of the reader that ended the lines early, nil at the end of the stream and
// for damage. With an error the lines are not the whole file, and what stood behind the last line end is not among them.
func (s *Lines) Err() error {
	if s.readErr == io.EOF || s.Damaged() {
		return nil
	}
	return s.readErr
}

// finish is called when no bytes are left; it yields the line of the cut if there is none yet.
func (s *Lines) finish() (Line, bool) {
	s.finished = true
	if !s.Damaged() {
		return Line{}, false
	}
	s.number++
	return Line{Number: s.number, Offset: s.offset, Last: true, Cut: true}, true
}

// scan takes the next line off the buffer; size is the bytes it took, with the line end, and 0 if there are none.
func (s *Lines) scan() (line Line, size int64) {
	line.Offset = s.offset
	var discarded int64 // bytes of the line that are no longer in the buffer
	var lastByte byte   // the last of them
	seen := 0           // bytes of the unread buffer that hold no \n
	for {
		unread := s.buf[s.start:s.end]
		if i := bytes.IndexByte(unread[seen:], '\n'); i >= 0 {
			text := unread[:seen+i]
			s.take(len(text) + 1)
			size = discarded + int64(len(text)) + 1
			if len(text) > 0 {
				lastByte = text[len(text)-1]
			}
			line.Size = size - 1
			if lastByte == '\r' {
				line.Size--
				text = text[:max(len(text)-1, 0)]
			}
			s.hold(&line, text)
			return line, size
		}
		seen = len(unread)
		// One byte more than the limit may be the \r of a line end; with two the line is too long.
		if discarded > 0 || seen > s.maxLine+1 {
			if seen > 0 {
				lastByte = unread[seen-1]
			}
			discarded += int64(seen)
			s.take(seen)
			seen = 0
		}
		if !s.fill() {
			if s.Err() != nil {
				return Line{}, 0
			}
			text := s.buf[s.start:s.end]
			s.take(len(text))
			size = discarded + int64(len(text))
			line.Size, line.Last = size, true
			s.hold(&line, text)
			return line, size
		}
	}
}

// hold gives the line its text, unless it is too long.
func (s *Lines) hold(line *Line, text []byte) {
	line.TooLong = line.Size > int64(s.maxLine)
	if !line.TooLong {
		line.Text = text
	}
}

func (s *Lines) take(n int) {
	s.start += n
	s.offset += int64(n)
}

// fill reads more bytes behind the unread ones and says whether there were any.
func (s *Lines) fill() bool {
	if s.readErr != nil {
		return false
	}
	if s.end == len(s.buf) {
		s.makeRoom()
	}
	for range 100 {
		n, err := s.r.Read(s.buf[s.end:])
		s.end += n
		s.readErr = err
		if n > 0 {
			return true
		}
		if err != nil {
			return false
		}
	}
	s.readErr = io.ErrNoProgress
	return false
}

func (s *Lines) makeRoom() {
	unread := s.buf[s.start:s.end]
	if limit := s.maxLine + 2 + readSize; len(unread) > len(s.buf)/2 && len(s.buf) < limit {
		s.buf = make([]byte, min(2*len(s.buf), limit))
	}
	s.end = copy(s.buf, unread)
	s.start = 0
}

func (s *Lines) skipByteOrderMark() {
	for s.end-s.start < len(byteOrderMark) && s.fill() {
	}
	if bytes.HasPrefix(s.buf[s.start:s.end], []byte(byteOrderMark)) {
		s.take(len(byteOrderMark))
	}
}
