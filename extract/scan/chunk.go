package scan

import "bytes"

// Chunk is a part of a stream that begins with a line and ends with one. Once it is returned by Chunks.Next it is not
// changed until its Release, so that any goroutine may read it.
type Chunk struct {
	chunks  *Chunks
	maxLine int64

	text    []byte     // the lines that are held, each with its line end
	long    []longLine // the others, in their order
	number  int64      // of the first line
	offset  int64      // of its first byte
	taken   int64      // bytes of the lines in long, with their line ends
	damaged bool       // the stream ends here, and with damage
}

// longLine is a line over the limit that is not held.
type longLine struct {
	at    int   // of text, before which it stood
	taken int64 // bytes, with the line end
	size  int64 // bytes, without it
	last  bool  // there is no line end
}

// Release gives the chunk and the texts of its lines back, for the chunks that follow. It is called once.
func (c *Chunk) Release() { c.chunks.recycle(c) }

// Lines returns the lines of the chunk. Their texts are valid until its Release.
func (c *Chunk) Lines() ChunkLines {
	return ChunkLines{chunk: c, text: c.text, long: c.long, number: c.number, offset: c.offset, cut: c.damaged}
}

// hasLine says whether the chunk has a whole line, if the line that begins at start of its text is not one.
func (c *Chunk) hasLine(start int) bool { return start > 0 || len(c.long) > 0 }

// cutFrom moves the text behind the last line end of a chunk, which begins at start, to the one that follows it.
func (c *Chunk) cutFrom(before *Chunk, start int) {
	c.text = append(c.text, before.text[start:]...)
	before.text = before.text[:start]
	c.number = before.number + int64(bytes.Count(before.text, []byte{'\n'})+len(before.long))
	c.offset = before.offset + before.taken + int64(start)
}

// mark puts a mark in the place of a line that was too long to be held.
func (c *Chunk) mark(line *openLine, last bool) {
	mark := longLine{at: line.start, taken: line.seen, size: line.seen, last: last}
	if !last {
		mark.taken++
		if line.lastByte == '\r' {
			mark.size--
		}
	}
	c.long = append(c.long, mark)
	c.taken += mark.taken
}

// openLine is the line at the end of what was read, whose end is not yet known.
type openLine struct {
	maxLine  int
	start    int   // in the chunk's text
	tooLong  bool  // nothing of it is held
	seen     int64 // bytes of it that are not held
	lastByte byte  // of those
}

// read goes on with the bytes of the chunk from seen on, which were not there before.
func (o *openLine) read(chunk *Chunk, seen int) {
	if o.tooLong {
		fresh := chunk.text[o.start:]
		i := bytes.IndexByte(fresh, '\n')
		if i < 0 {
			o.drop(chunk)
			return
		}
		o.count(fresh[:i])
		chunk.mark(o, false)
		chunk.text = chunk.text[:o.start+copy(fresh, fresh[i+1:])]
		o.tooLong, o.seen, o.lastByte = false, 0, 0
	}
	if i := bytes.LastIndexByte(chunk.text[seen:], '\n'); i >= 0 {
		o.start = seen + i + 1
	}
	// One byte more than the limit may be the \r of a line end; with two the line is too long.
	if len(chunk.text)-o.start > o.maxLine+1 {
		o.tooLong = true
		o.drop(chunk)
	}
}

// drop counts what is held of the line, and holds it no longer.
func (o *openLine) drop(chunk *Chunk) {
	o.count(chunk.text[o.start:])
	chunk.text = chunk.text[:o.start]
}

func (o *openLine) count(text []byte) {
	if len(text) > 0 {
		o.seen += int64(len(text))
		o.lastByte = text[len(text)-1]
	}
}
