package extract

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"hash/maphash"
	"math/bits"
	"slices"

	"vaultreport/extract/rows"
	"vaultreport/extract/scan"
	"vaultreport/internal/bizday"
	"vaultreport/internal/event"
	"vaultreport/internal/vfs"
)

// bucket is the accepted lines of a bucket in memory, on their way from the spill to the day file.
type bucket struct {
	framed []byte
	lines  []bucketLine // sorted; after deduplicate, the kept ones
	fates  fates
	finder finder
}

// bucketLine is a line in framed, with the first bytes of it that differ within a bucket, which most often decide its place.
type bucketLine struct {
	prefix     uint64
	start, end uint32
}

// load reads a bucket and sorts it.
func (b *bucket) load(s *spill, day bizday.Day, number int) error {
	list, length := s.pieces(day, number)
	b.framed, b.lines = slices.Grow(b.framed[:0], int(length))[:length], b.lines[:0]
	at := int64(0)
	for _, p := range list {
		if _, err := s.file.ReadAt(b.framed[at:at+p.length], p.offset); err != nil {
			return fmt.Errorf("read spill file: %w", err)
		}
		at += p.length
	}
	unframed(b.framed, func(start, end int) {
		b.lines = append(b.lines, bucketLine{prefixOf(b.framed[start:end]), uint32(start), uint32(end)})
	})
	slices.SortFunc(b.lines, func(x, y bucketLine) int {
		if x.prefix != y.prefix {
			return cmp.Compare(x.prefix, y.prefix)
		}
		return bytes.Compare(b.line(x), b.line(y))
	})
	return nil
}

func (b *bucket) line(l bucketLine) []byte { return b.framed[l.start:l.end] }

// A line begins with the cell of its event and that of its user; behind them stands that of ts.
const (
	userAt        = 2
	tsAfterUser   = userAt + 1 + 16
	tsWithoutUser = userAt + 1
)

// prefixOf returns the first bytes of the user, of a line without one those of ts.
func prefixOf(line []byte) uint64 {
	if rows.IsNull(line[userAt:]) {
		return binary.BigEndian.Uint64(line[tsWithoutUser+1:])
	}
	return binary.BigEndian.Uint64(line[userAt+1:])
}

func tsOf(line []byte) int64 {
	if rows.IsNull(line[userAt:]) {
		return rows.NumberOf(line[tsWithoutUser:])
	}
	return rows.NumberOf(line[tsAfterUser:])
}

// reqIDOf returns the cell of req_id, before which stand ts and vault_type.
func reqIDOf(line []byte) []byte {
	b := line[tsAfterUser:]
	if rows.IsNull(line[userAt:]) {
		b = line[tsWithoutUser:]
	}
	b = b[rows.Number.Width(b):]
	b = b[rows.Code.Width(b):]
	return b[:rows.Key.Width(b)]
}

// sameUser says whether two lines of one event are of the same user, or both of none.
func sameUser(a, b []byte) bool {
	return rows.IsNull(a[userAt:]) && rows.IsNull(b[userAt:]) || bytes.Equal(a[userAt:tsAfterUser], b[userAt:tsAfterUser])
}

// deduplicate keeps the first line of each identity (docs/definitions.md section 2). Lines of one identity are of one event and user.
func (b *bucket) deduplicate() error {
	kept := b.lines[:0]
	for first := 0; first < len(b.lines); {
		end := first + 1
		for end < len(b.lines) && sameUser(b.line(b.lines[first]), b.line(b.lines[end])) {
			end++
		}
		of := b.lines[first:end]
		if len(of) > 1 {
			b.finder.begin(len(of))
		}
		for _, l := range of {
			line := b.line(l)
			var keeper []byte
			if len(of) > 1 {
				keeper = b.finder.keeper(line)
			}
			isKept, err := b.fates.decide(line, keeper)
			if err != nil {
				return err
			}
			if isKept {
				kept = append(kept, l)
			}
		}
		first = end
	}
	b.lines = kept
	return nil
}

// finder finds, among lines of one user in their order, the one that stands for all of its identity.
type finder struct {
	seed    maphash.Seed
	places  []int32 // a hash table of the keepers: 1 and more are a place among them
	keepers []keeperLine
	scratch [2][]byte
}

type keeperLine struct {
	hash uint64 // of its identity
	line []byte
}

func newFinder() finder { return finder{seed: maphash.MakeSeed()} }

// begin makes room for so many lines.
func (f *finder) begin(lines int) {
	size := 2 << bits.Len(uint(lines))
	f.places = slices.Grow(f.places[:0], size)[:size]
	clear(f.places)
	f.keepers = f.keepers[:0]
}

// keeper returns the line before that has the identity of this one, nil if there is none: then this is the keeper of those behind.
func (f *finder) keeper(line []byte) []byte {
	hash := f.hash(line)
	slot := int(hash) & (len(f.places) - 1)
	for ; f.places[slot] != 0; slot = (slot + 1) & (len(f.places) - 1) {
		k := f.keepers[f.places[slot]-1]
		if k.hash != hash {
			continue
		}
		f.scratch[0], f.scratch[1] = appendIdentity(f.scratch[0][:0], line), appendIdentity(f.scratch[1][:0], k.line)
		if bytes.Equal(f.scratch[0], f.scratch[1]) {
			return k.line
		}
	}
	f.keepers = append(f.keepers, keeperLine{hash, line})
	f.places[slot] = int32(len(f.keepers))
	return nil
}

// hash is the same for lines of one identity. Among few lines it is enough that those with other req_ids have others.
func (f *finder) hash(line []byte) uint64 {
	const few = 64
	if reqID := reqIDOf(line); !rows.IsNull(reqID) && len(f.places) <= few {
		key := rows.KeyOf(reqID)
		return binary.LittleEndian.Uint64(key[:]) ^ binary.LittleEndian.Uint64(key[8:])
	}
	f.scratch[0] = appendIdentity(f.scratch[0][:0], line)
	return maphash.Bytes(f.seed, f.scratch[0])
}

// appendIdentity appends what lines of one identity have in common and no others, among lines of one kind: the cells of the
// identity's columns, of a line without req_id those of every column but trace_id. The cell of req_id, which is in both, keeps the
// two apart.
func appendIdentity(b []byte, line []byte) []byte {
	var cells eventCells
	cells.find(line)
	layout := &layouts[kindOf(line)]
	if rows.IsNull(reqIDOf(line)) {
		return cells.appendSome(b, line, layout.whole)
	}
	return cells.appendSome(b, line, layout.identity)
}

// appendContent appends what a duplicate has in common with the kept line of its identity: the cells of every column but ts and trace_id.
func appendContent(b []byte, line []byte) []byte {
	var cells eventCells
	cells.find(line)
	return cells.appendSome(b, line, layouts[kindOf(line)].content)
}

// fates counts what becomes of accepted lines, and holds those that are refused. It serves one goroutine.
type fates struct {
	ledger    map[ledgerKey]int64 // of duplicates and conflicts
	newest    []int64             // the latest ts of the kept lines by file, noTS for none
	conflicts *rows.Sorter        // as refused lines
	replay    *replay
	scratch   [2][]byte
}

func newFates(fsys vfs.FS, scratch string, again *replay) fates {
	const limit = 1 << 20
	return fates{ledger: make(map[ledgerKey]int64), conflicts: rows.NewSorter(fsys, scratch, limit), replay: again}
}

// decide says whether a line is kept, as it is if it has no keeper, and counts what it is if not.
func (f *fates) decide(line, keeper []byte) (kept bool, err error) {
	at := placeOf(line)
	if keeper == nil {
		f.seen(at.file, tsOf(line))
		return true, nil
	}
	reason := duplicate
	f.scratch[0], f.scratch[1] = appendContent(f.scratch[0][:0], line), appendContent(f.scratch[1][:0], keeper)
	r := eventOf(line)
	if !bytes.Equal(f.scratch[0], f.scratch[1]) {
		reason = event.ConflictingDuplicate.String()
		refused := refusedLine{place: at, reason: event.ConflictingDuplicate, masked: scan.MaskRecord(&r)}
		err = f.conflicts.Add(refused.append(nil))
	}
	f.ledger[ledgerKey{at.file, r.Env, reason}]++
	f.replay.see(at, reason)
	return false, err
}

func (f *fates) seen(file int, ts int64) {
	for len(f.newest) <= file {
		f.newest = append(f.newest, noTS)
	}
	f.newest[file] = max(f.newest[file], ts)
}

// take adds the counts of another.
func (f *fates) take(other *fates) {
	for k, n := range other.ledger {
		f.ledger[k] += n
	}
	for file, ts := range other.newest {
		f.seen(file, ts)
	}
}

// noTS is before every ts that a line can have.
const noTS = -1 << 63
