package scan

import (
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"testing"

	"vaultreport/internal/event"
)

// hostileShapes are lines that writers, collectors and attackers leave behind, as r has it.
var hostileShapes = []struct {
	name string
	line func(r *rand.Rand) string
}{
	{"ordinary", func(r *rand.Rand) string { return acceptable + fmt.Sprintf(`,"x":%d}`, r.Uint64()) }},
	{"torn", func(r *rand.Rand) string { return acceptable[:r.IntN(len(acceptable))] }},
	{"two in one", func(*rand.Rand) string { return acceptable + "}" + acceptable + "}" }},
	{"with a byte order mark", func(*rand.Rand) string { return byteOrderMark + acceptable + "}" }},
	{"ended by CRLF", func(*rand.Rand) string { return acceptable + "}\r" }},
	{"of NUL bytes", func(r *rand.Rand) string { return strings.Repeat("\x00", 1+r.IntN(4096)) }},
	{"behind NUL bytes", func(*rand.Rand) string { return "\x00\x00" + acceptable + "}" }},
	{"with malformed UTF-8", func(r *rand.Rand) string {
		return acceptable + `,"x":"` + string([]byte{byte(0x80 + r.IntN(128))}) + `"}`
	}},
	{"with a lone surrogate", func(r *rand.Rand) string { return acceptable + fmt.Sprintf(`,"x":"\ud%x"}`, 0x800+r.IntN(0x400)) }},
	{"with escapes in names", func(*rand.Rand) string { return acceptable + `,"\u0074s":1,"\n":2}` }},
	{"with a name twice", func(*rand.Rand) string { return acceptable + `,"x":1,"x":2}` }},
	{"with a field twice", func(*rand.Rand) string { return acceptable + `,"env":"prod"}` }},
	{"with a huge number", func(r *rand.Rand) string {
		return lineWith(event.DepositRecorded, "amount", fmt.Sprintf("%d%se%d", 1+r.IntN(9), zeros(r.IntN(400)), r.IntN(400)))
	}},
	{"1,000 levels deep", func(*rand.Rand) string {
		return acceptable + `,"x":` + strings.Repeat("[", 999) + strings.Repeat("]", 999) + "}"
	}},
	{"1,001 levels deep", func(*rand.Rand) string {
		return acceptable + `,"x":` + strings.Repeat("[", 1000) + strings.Repeat("]", 1000) + "}"
	}},
	{"of many names", func(*rand.Rand) string { return acceptable + names(`,"k%d":1`, 5000) + "}" }},
	{"of random bytes", func(r *rand.Rand) string {
		text := make([]byte, r.IntN(200))
		for i := range text {
			text[i] = byte(r.Uint32())
		}
		return strings.ReplaceAll(string(text), "\n", "")
	}},
	{"over the limit", func(r *rand.Rand) string { return strings.Repeat("x", hostileLimit+1+r.IntN(4*hostileLimit)) }},
	{"empty", func(*rand.Rand) string { return "" }},
	{"of white space", func(r *rand.Rand) string { return strings.Repeat(" \t", r.IntN(100)) }},
}

const hostileLimit = 1 << 16

func TestEveryOneOf10000HostileLinesIsBlankKeptOrRefused(t *testing.T) {
	const count, longLine = 10_000, 100 << 20
	r := rand.New(rand.NewPCG(7, 7))
	var before, behind strings.Builder
	for i := range count {
		part := &before
		if i >= count/2 {
			part = &behind
		}
		part.WriteString(hostileShapes[i%len(hostileShapes)].line(r) + "\n")
	}
	chunks := NewChunks(io.MultiReader(strings.NewReader(before.String()), generated(longLine, "\n"), strings.NewReader(behind.String())), hostileLimit)
	chunks.size = 1 << 20
	queue := make(chan *Chunk)
	var mu sync.Mutex
	tally := map[event.Reason]int{}
	numbers := map[int64]bool{}
	blanks := 0
	var workers sync.WaitGroup
	for range 3 {
		workers.Go(func() {
			p := newPair(t, "")
			for chunk := range queue {
				lines := chunk.Lines()
				for line, more := lines.Next(); more; line, more = lines.Next() {
					var rec event.Record
					result, blank := p.fast.Line(line, &rec)
					p.check(t, line.Text, false)
					mu.Lock()
					if numbers[line.Number] = true; blank {
						blanks++
					} else {
						tally[result.Reason]++
					}
					mu.Unlock()
				}
				chunk.Release()
			}
		})
	}
	held := func() uint64 {
		var heap runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&heap)
		return heap.HeapAlloc
	}
	least := held()
	most := least
	for chunk, more := chunks.Next(); more; chunk, more = chunks.Next() {
		queue <- chunk
		most = max(most, held())
	}
	close(queue)
	workers.Wait()
	sum := blanks
	for _, lines := range tally {
		sum += lines
	}
	if sum != count+1 || len(numbers) != count+1 || !numbers[1] || !numbers[count+1] || chunks.Err() != nil {
		t.Errorf("%d lines in the tally and %d numbers, want %d; error %v", sum, len(numbers), count+1, chunks.Err())
	}
	if grown := (most - least) >> 20; grown > 16 {
		t.Errorf("%d MiB more are held", grown)
	}
	for _, reason := range []event.Reason{event.Accepted, event.TooLong, event.NotJSON, event.BadUTF8, event.DuplicateKey, event.BadField} {
		if tally[reason] == 0 {
			t.Errorf("no line is %q: the test shows less than it says", reason)
		}
	}
	if want := count/len(hostileShapes) + 1; tally[event.TooLong] != want {
		t.Errorf("%d lines are too long, want %d", tally[event.TooLong], want)
	}
}
