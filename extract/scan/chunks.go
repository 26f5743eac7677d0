package scan

import (
	"bytes"
	"errors"
	"io"
	"sync"
)

// readSize is how many bytes are asked for at once.
const readSize = 64 << 10

// chunkSize is how many bytes of a stream make a chunk; the read that reaches it fills a buffer of 2 MiB.
const chunkSize = 2<<20 - readSize

const byteOrderMark = "\xef\xbb\xbf"

// Chunks cuts a decompressed stream at line ends into chunks of about 2 MiB, so that one file can be read by several
// goroutines: one calls Next, the others walk the lines of the chunks, in any order.
//
//	for chunk, more := chunks.Next(); more; chunk, more = chunks.Next() {
//		lines := chunk.Lines()
//		for line, more := lines.Next(); more; line, more = lines.Next() {
//		}
//		chunk.Release()
//	}
//	// chunks.Damaged() and chunks.Err() say how the stream ended.
//
// The lines of the chunks one after the other are those of Lines, whatever the cuts and however the bytes arrive. Of one
// line at most the limit and one read of 64 KiB are held; what is longer is counted and leaves a mark in its chunk.
// There are as many buffers as chunks are not yet released, and one more. Chunks serves one goroutine, Release any.
type Chunks struct {
	r       io.Reader
	maxLine int
	size    int // bytes of the stream that make a chunk
	read    int // bytes that are asked for at once

	next    *Chunk // begins with the start of a line that did not end in the chunk before
	readErr error  // what ended the reading

	mu   sync.Mutex
	free []*Chunk
}

// NewChunks returns the chunks of r, of whose lines none holds more than maxLine bytes.
func NewChunks(r io.Reader, maxLine int) *Chunks {
	return &Chunks{r: r, maxLine: maxLine, size: chunkSize, read: readSize}
}

// Next returns the next chunk, or false after the last. The caller owns it until its Release.
func (s *Chunks) Next() (*Chunk, bool) {
	chunk, seen := s.next, 0
	switch {
	case chunk == nil && s.readErr != nil:
		return nil, false
	case chunk == nil:
		chunk = s.newChunk()
		s.skipByteOrderMark(chunk)
	default:
		seen = len(chunk.text)
	}
	s.next = nil
	open := openLine{maxLine: s.maxLine}
	for {
		open.read(chunk, seen)
		if chunk.taken+int64(len(chunk.text)) >= int64(s.size) && !open.tooLong && chunk.hasLine(open.start) {
			s.next = s.newChunk()
			s.next.cutFrom(chunk, open.start)
			return chunk, true
		}
		seen = len(chunk.text)
		if !s.fill(chunk) {
			return s.finish(chunk, &open)
		}
	}
}

// Damaged says, after the last chunk, whether the stream ended early or did not decode.
func (s *Chunks) Damaged() bool { return errors.Is(s.readErr, ErrDamaged) }

// Err returns, after the last chunk, the error of the reader that ended the stream early, nil at its end and for damage.
// With an error the lines are not the whole file, and what stood behind the last line end is not among them.
func (s *Chunks) Err() error {
	if s.readErr == io.EOF || s.Damaged() {
		return nil
	}
	return s.readErr
}

// finish returns the last chunk, if anything is left for it.
func (s *Chunks) finish(chunk *Chunk, open *openLine) (*Chunk, bool) {
	switch {
	case s.Err() != nil:
		chunk.text = chunk.text[:open.start]
	case open.tooLong:
		chunk.mark(open, true)
	}
	chunk.damaged = s.Damaged()
	if len(chunk.text) == 0 && len(chunk.long) == 0 && !chunk.damaged {
		chunk.Release()
		return nil, false
	}
	return chunk, true
}

// fill reads more bytes behind those of the chunk and says whether there were any.
func (s *Chunks) fill(chunk *Chunk) bool {
	if s.readErr != nil {
		return false
	}
	s.makeRoom(chunk)
	end := len(chunk.text)
	room := chunk.text[end:min(cap(chunk.text), end+s.read)]
	for range 100 {
		n, err := s.r.Read(room)
		chunk.text = chunk.text[:end+n]
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

// makeRoom makes room for another read. A buffer has room for a chunk and a read, unless a line needs more.
func (s *Chunks) makeRoom(chunk *Chunk) {
	end, capacity, usual := len(chunk.text), cap(chunk.text), s.size+s.read
	switch {
	case end+s.read <= capacity || end < capacity && capacity >= usual:
		return
	case capacity < usual:
		capacity = min(max(4*capacity, s.read), usual)
	default:
		capacity = min(2*capacity, s.maxLine+2+s.read)
	}
	chunk.text = append(make([]byte, 0, capacity), chunk.text...)
}

// skipByteOrderMark reads the start of the first chunk.
func (s *Chunks) skipByteOrderMark(chunk *Chunk) {
	for len(chunk.text) < len(byteOrderMark) && s.fill(chunk) {
	}
	if bytes.HasPrefix(chunk.text, []byte(byteOrderMark)) {
		chunk.text = chunk.text[:copy(chunk.text, chunk.text[len(byteOrderMark):])]
		chunk.offset = int64(len(byteOrderMark))
	}
}

func (s *Chunks) newChunk() *Chunk {
	s.mu.Lock()
	defer s.mu.Unlock()
	chunk := &Chunk{chunks: s, maxLine: int64(s.maxLine)}
	if n := len(s.free); n > 0 {
		chunk, s.free = s.free[n-1], s.free[:n-1]
	}
	chunk.number, chunk.offset, chunk.taken, chunk.damaged = 1, 0, 0, false
	chunk.text, chunk.long = chunk.text[:0], chunk.long[:0]
	return chunk
}

// recycle keeps a chunk for another, unless a very long line made its buffer large.
func (s *Chunks) recycle(chunk *Chunk) {
	if cap(chunk.text) > s.size+s.read {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.free = append(s.free, chunk)
}
