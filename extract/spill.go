package extract

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math/bits"
	"sync"

	"vaultreport/extract/rows"
	"vaultreport/internal/bizday"
	"vaultreport/internal/event"
	"vaultreport/internal/vfs"
)

// spill holds the masked lines of all days of a run in one file without a name, so that memory does not grow with them. The
// lines of a day are in buckets: one of the refused, and of the accepted, by event and by the first bits of user_key, as many
// as make a bucket easy to hold. What is decided between lines, order, duplicates and conflicts, is decided within a bucket,
// and the buckets' order is that of the day file. It is safe for concurrent use.
type spill struct {
	userBits int // of user_key that choose the bucket
	mu       sync.Mutex
	file     vfs.File
	size     int64
	days     map[bizday.Day][][]piece // by bucket
}

// piece is a part of the spill file that holds lines of one bucket.
type piece struct{ offset, length int64 }

// refusedBucket is the bucket of the refused lines.
const refusedBucket = 0

// newSpill makes a spill for days of about so many bytes of lines each.
func newSpill(fsys vfs.FS, dir string, dayBytes int64) (*spill, error) {
	file, err := vfs.Unnamed(fsys, dir, "spill")
	if err != nil {
		return nil, fmt.Errorf("create spill file: %w", err)
	}
	const undivided, maxBits = 8 << 20, 6
	return &spill{userBits: min(bits.Len64(uint64(dayBytes/undivided)), maxBits), file: file, days: make(map[bizday.Day][][]piece)}, nil
}

func (s *spill) close() error { return s.file.Close() }

// numBuckets is how many buckets a day has. Each event has one of lines without a user, which comes first.
func (s *spill) numBuckets() int { return 1 + int(event.VaultUnlocked)*(1+1<<s.userBits) }

// bucketOf returns the bucket of an accepted line.
func (s *spill) bucketOf(r *event.Record) int {
	b := 1 + (int(r.Kind)-1)*(1+1<<s.userBits)
	if r.Present.Has(event.UserKey) {
		b += 1 + int(r.UserKey[0])>>(8-s.userBits)
	}
	return b
}

// pieces returns where the lines of a bucket are, and how many bytes that is.
func (s *spill) pieces(day bizday.Day, bucket int) (list []piece, length int64) {
	buckets := s.days[day]
	if buckets == nil {
		return nil, 0
	}
	for _, p := range buckets[bucket] {
		length += p.length
	}
	return buckets[bucket], length
}

// read calls each for every line of a bucket, in no particular order; the line is valid until each returns.
func (s *spill) read(day bizday.Day, bucket int, each func(line []byte) error) error {
	list, _ := s.pieces(day, bucket)
	var line []byte
	for _, p := range list {
		in := bufio.NewReaderSize(io.NewSectionReader(s.file, p.offset, p.length), 1<<16)
		for left := p.length; left > 0; left -= int64(frameBytes + len(line)) {
			var head [frameBytes]byte
			if _, err := io.ReadFull(in, head[:]); err != nil {
				return fmt.Errorf("read spill file: %w", err)
			}
			line = append(line[:0], make([]byte, binary.BigEndian.Uint16(head[:]))...)
			if _, err := io.ReadFull(in, line); err != nil {
				return fmt.Errorf("read spill file: %w", err)
			}
			if err := each(line); err != nil {
				return err
			}
		}
	}
	return nil
}

// reserve makes room for the lines that a spiller holds.
func (s *spill) reserve(length int64) (offset int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	offset = s.size
	s.size += length
	return offset
}

func (s *spill) add(day bizday.Day, bucket int, p piece) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.days[day] == nil {
		s.days[day] = make([][]piece, s.numBuckets())
	}
	s.days[day][bucket] = append(s.days[day][bucket], p)
}

// frameBytes is the length of what stands before a line in the spill: its own length.
const frameBytes = 2

// spillBytes is how much a spiller holds before it writes.
const spillBytes = 4 << 20

// spiller gathers lines and writes them to the spill by bucket. It serves one goroutine.
type spiller struct {
	to    *spill
	held  []byte // lines in their frames
	out   []byte // the same by bucket
	lines []heldLine
	last  map[bizday.Day][]int32 // line by bucket, -1 for none
}

// heldLine is a line in held, and the one of the same bucket before it, -1 for none.
type heldLine struct{ start, before int32 }

func newSpiller(to *spill) *spiller {
	const room = spillBytes + 1<<16 // for the last line, its frame included
	return &spiller{to: to, held: make([]byte, 0, room), out: make([]byte, 0, room), last: make(map[bizday.Day][]int32)}
}

// accept takes an accepted line.
func (s *spiller) accept(day bizday.Day, r *event.Record, at place) error {
	s.open()
	s.held = appendPlace(appendEvent(s.held, r), at)
	return s.close(day, s.to.bucketOf(r))
}

// refuse takes a refused line.
func (s *spiller) refuse(day bizday.Day, l refusedLine) error {
	s.open()
	s.held = l.append(s.held)
	return s.close(day, refusedBucket)
}

func (s *spiller) open() {
	s.lines = append(s.lines, heldLine{start: int32(len(s.held))})
	s.held = append(s.held, make([]byte, frameBytes)...)
}

func (s *spiller) close(day bizday.Day, bucket int) error {
	line := &s.lines[len(s.lines)-1]
	frame := s.held[line.start:]
	binary.BigEndian.PutUint16(frame, uint16(len(frame)-frameBytes))
	last := s.last[day]
	if last == nil {
		last = make([]int32, s.to.numBuckets())
		for i := range last {
			last[i] = -1
		}
		s.last[day] = last
	}
	line.before, last[bucket] = last[bucket], int32(len(s.lines)-1)
	if len(s.held) < spillBytes {
		return nil
	}
	return s.flush()
}

// flush writes what is held. One that holds nothing needs no spill.
func (s *spiller) flush() error {
	if len(s.held) == 0 {
		return nil
	}
	offset := s.to.reserve(int64(len(s.held)))
	s.out = s.out[:0]
	for day, last := range s.last {
		for bucket, i := range last {
			begin := len(s.out)
			for ; i >= 0; i = s.lines[i].before {
				frame := s.held[s.lines[i].start:]
				s.out = append(s.out, frame[:frameBytes+int(binary.BigEndian.Uint16(frame))]...)
			}
			if length := len(s.out) - begin; length > 0 {
				s.to.add(day, bucket, piece{offset + int64(begin), int64(length)})
				last[bucket] = -1
			}
		}
	}
	s.held, s.lines = s.held[:0], s.lines[:0]
	if _, err := s.to.file.WriteAt(s.out, offset); err != nil {
		return fmt.Errorf("write spill file: %w", err)
	}
	return nil
}

// unframed calls each for every line in frames.
func unframed(framed []byte, each func(start, end int)) {
	for at := 0; at < len(framed); {
		start := at + frameBytes
		at = start + int(binary.BigEndian.Uint16(framed[at:]))
		each(start, at)
	}
}

// refusedLine is a line on its way to quarantine.
type refusedLine struct {
	place
	reason event.Reason
	field  string
	masked string
}

// append appends the line in a form that sorts by file and line.
func (l refusedLine) append(b []byte) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(l.file))
	b = binary.BigEndian.AppendUint64(b, uint64(l.line))
	b = binary.BigEndian.AppendUint64(b, uint64(l.offset))
	b = append(b, byte(l.reason))
	return append(rows.AppendText(b, l.field), l.masked...)
}

// refusedLineOf is the inverse of append.
func refusedLineOf(b []byte) refusedLine {
	at := place{file: int(binary.BigEndian.Uint32(b)), line: int64(binary.BigEndian.Uint64(b[4:])), offset: int64(binary.BigEndian.Uint64(b[12:]))}
	reason := event.Reason(b[20])
	b = b[21:]
	n := rows.Text.Width(b)
	return refusedLine{place: at, reason: reason, field: string(rows.TextOf(b[:n])), masked: string(b[n:])}
}
