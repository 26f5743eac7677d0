package scan

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

// The chunks are walked when all of them are there, and some are released on the way, as by workers that are slow.
func TestTheLinesOfTheChunksAreThoseOfTheStream(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text, r, end := drawStream(t)
		maxLine := rapid.IntRange(0, 60).Draw(t, "limit")
		chunks := NewChunks(r, maxLine)
		chunks.size, chunks.read = rapid.IntRange(0, 100).Draw(t, "size"), rapid.IntRange(1, 8).Draw(t, "read")
		var lines [][]Line
		var waiting []*Chunk
		walk := func() {
			for i, chunk := range waiting {
				walked := chunk.Lines()
				lines[len(lines)-len(waiting)+i] = collect(walked.Next)
				chunk.Release()
			}
			waiting = nil
		}
		for chunk, more := chunks.Next(); more; chunk, more = chunks.Next() {
			lines, waiting = append(lines, nil), append(waiting, chunk)
			if rapid.Bool().Draw(t, "walk") {
				walk()
			}
		}
		walk()
		var all []Line
		for _, some := range lines {
			if len(some) == 0 {
				t.Error("a chunk without a line")
			}
			all = append(all, some...)
		}
		checkLines(t, all, text, maxLine, end)
		if _, more := chunks.Next(); more || chunks.Damaged() != (end == ErrDamaged) || (chunks.Err() != nil) != (end == errOfTheTest) {
			t.Errorf("after the end: a chunk %v, error %v, damaged %v", more, chunks.Err(), chunks.Damaged())
		}
	})
}

// manyLines are about n bytes of lines that begin with their number.
func manyLines(n int) []byte {
	var text bytes.Buffer
	r := rand.New(rand.NewPCG(1, 2))
	for i := 1; text.Len() < n; i++ {
		fmt.Fprintf(&text, "%d %s\n", i, strings.Repeat("x", r.IntN(500)))
	}
	return text.Bytes()
}

func TestChunksCanBeWalkedByManyGoroutines(t *testing.T) {
	text := manyLines(5 * chunkSize)
	chunks := NewChunks(bytes.NewReader(text), DefaultMaxLine)
	queue := make(chan *Chunk)
	var mu sync.Mutex
	seen := map[int64]bool{}
	var workers sync.WaitGroup
	for range 3 {
		workers.Go(func() {
			for chunk := range queue {
				lines := chunk.Lines()
				for line, more := lines.Next(); more; line, more = lines.Next() {
					mu.Lock()
					seen[line.Number] = bytes.HasPrefix(line.Text, fmt.Appendf(nil, "%d ", line.Number)) && bytes.HasPrefix(text[line.Offset:], line.Text)
					mu.Unlock()
				}
				chunk.Release()
			}
		})
	}
	for chunk, more := chunks.Next(); more; chunk, more = chunks.Next() {
		queue <- chunk
	}
	close(queue)
	workers.Wait()
	for number := range int64(bytes.Count(text, []byte{'\n'})) {
		if !seen[number+1] {
			t.Fatalf("line %d is another line or none", number+1)
		}
	}
}

func TestReleasedChunksAreUsedAgain(t *testing.T) {
	chunks := NewChunks(io.LimitReader(repeated('\n'), 20*chunkSize), DefaultMaxLine)
	buffers := map[*byte]bool{}
	for chunk, more := chunks.Next(); more; chunk, more = chunks.Next() {
		buffers[&chunk.text[:1][0]] = true
		if cap(chunk.text) > chunkSize+readSize {
			t.Errorf("a buffer of %d bytes", cap(chunk.text))
		}
		chunk.Release()
	}
	if len(buffers) > 2 {
		t.Errorf("%d buffers, want 2", len(buffers))
	}
}

func TestALineOfAllowedLengthMayBeLongerThanAChunk(t *testing.T) {
	const maxLine = 3*chunkSize + 12345
	for _, c := range []struct {
		name string
		size int64
		want Line
	}{
		{"as long as the limit", maxLine, Line{Number: 1, Size: maxLine}},
		{"longer by a byte", maxLine + 1, Line{Number: 1, Size: maxLine + 1, TooLong: true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			lines := NewLines(generated(c.size, "\r\n{}"), maxLine)
			line, _ := lines.Next()
			if held := int64(len(line.Text)); held != c.size && !c.want.TooLong {
				t.Errorf("%d bytes of it are held", held)
			}
			if line.Text = nil; fmt.Sprint(line) != fmt.Sprint(c.want) {
				t.Errorf("got %v, want %v", line, c.want)
			}
			if line, _ = lines.Next(); string(line.Text) != "{}" || line.Offset != c.size+2 || !line.Last {
				t.Errorf("the line behind it: %v", line)
			}
		})
	}
}

func BenchmarkChunks(b *testing.B) {
	text := manyLines(8 * chunkSize)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		lines := NewLines(bytes.NewReader(text), DefaultMaxLine)
		for _, more := lines.Next(); more; _, more = lines.Next() {
		}
	}
}
