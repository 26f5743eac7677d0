package extract

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/bmatcuk/doublestar/v4"

	"vaultreport/extract/scan"
	"vaultreport/internal/errs"
	"vaultreport/internal/event"
	"vaultreport/internal/pii"
	"vaultreport/internal/vfs"
)

// Coverage is what lines of logs hold, by what a run would read of them.
type Coverage struct {
	Files    int
	Lines    int64 // of these accepted, refused and blank ones
	Accepted int64
	Blank    int64
	Envs     []string             // of accepted lines, ascending
	Kinds    map[event.Kind]*Held // of accepted lines
	Refused  map[Refusal]int64    // lines
	Unknown  map[string]int64     // lines by name of a field that their event does not list
	near     map[Refusal]*names   // the same, of refused lines
	envs     map[string]bool
}

// Held counts the accepted lines of a kind, and those that have a column.
type Held struct {
	Lines int64
	With  [event.NumColumns]int64
}

// Refusal is why lines are refused. Kind is zero if they name no event that is known, Field is empty where the reason is about the line.
type Refusal struct {
	Kind   event.Kind
	Reason event.Reason
	Field  string
}

// Cover reads the lines of files, which are names or globs, as lines of the source. Hashes are made with a key that nobody keeps.
//
// A name or glob that no file has is errs.Usage, a file that cannot be read errs.Unreachable.
func Cover(ctx context.Context, fsys vfs.FS, s Source, files []string, progress func(bytes int64)) (*Coverage, error) {
	path, err := s.unwrap()
	if err != nil {
		return nil, err
	}
	key, err := throwawayKey()
	if err != nil {
		return nil, err
	}
	c := &Coverage{Kinds: make(map[event.Kind]*Held), Refused: make(map[Refusal]int64), near: make(map[Refusal]*names), envs: make(map[string]bool)}
	reader := scan.New(scan.Options{Key: key, Env: s.Env, MaxLine: s.MaxLine, Unwrap: path, Rename: s.Rename})
	var unknown names
	for _, pattern := range files {
		matches, err := doublestar.FilepathGlob(pattern, doublestar.WithFilesOnly(), doublestar.WithFailOnIOErrors())
		if err != nil {
			return nil, errs.Wrap(errs.Unreachable, "list "+pattern, err)
		}
		if len(matches) == 0 {
			return nil, errs.New(errs.Usage, "no file is named "+pattern, "name log files, or quote a pattern such as 'logs/2026-04-30/*.jsonl.gz'")
		}
		for _, name := range matches {
			c.Files++
			if err := c.file(ctx, fsys, reader, found{source: s, name: name, path: name}, &unknown, progress); err != nil {
				return nil, err
			}
		}
	}
	c.Envs, c.Unknown = slices.Sorted(maps.Keys(c.envs)), unknown.all()
	return c, nil
}

func throwawayKey() (*pii.Key, error) {
	const text = "lines that are counted are hashed, and the hashes are thrown away"
	return pii.ParseKey(fmt.Appendf(nil, "%x", sha256.Sum256([]byte(text))))
}

func (c *Coverage) file(ctx context.Context, fsys vfs.FS, reader *scan.Reader, f found, unknown *names, progress func(int64)) error {
	file, err := fsys.Open(f.path)
	if err != nil {
		return readError(f, err)
	}
	defer file.Close()
	stream, err := scan.Open(&digester{r: file, hash: sha256.New(), progress: progress, ctx: ctx})
	if err != nil {
		return readError(f, err)
	}
	defer stream.Close()
	chunks := scan.NewChunks(io.Reader(stream), f.source.MaxLine)
	for chunk, more := chunks.Next(); more; chunk, more = chunks.Next() {
		lines := chunk.Lines()
		for line, more := lines.Next(); more; line, more = lines.Next() {
			c.line(reader, line, unknown)
		}
		chunk.Release()
	}
	if err := chunks.Err(); err != nil {
		return readError(f, err)
	}
	return nil
}

func (c *Coverage) line(reader *scan.Reader, line scan.Line, unknown *names) {
	var rec event.Record
	result, blank := reader.Line(line, &rec)
	c.Lines++
	switch {
	case blank:
		c.Blank++
	case result.Reason == event.Accepted:
		c.Accepted++
		c.envs[rec.Env] = true
		held := c.Kinds[rec.Kind]
		if held == nil {
			held = &Held{}
			c.Kinds[rec.Kind] = held
		}
		held.Lines++
		for column := range event.Column(event.NumColumns) {
			if rec.Present.Has(column) {
				held.With[column]++
			}
		}
		for _, name := range result.Unknown {
			unknown.count(name, 1)
		}
	default:
		kind, told := reader.Told(result.Reason)
		why := Refusal{kind, result.Reason, result.Field}
		c.Refused[why]++
		if c.near[why] == nil {
			c.near[why] = &names{}
		}
		for _, name := range told {
			unknown.count(name, 1)
			c.near[why].count(name, 1)
		}
	}
}

// Refusals are the reasons, the most frequent first.
func (c *Coverage) Refusals() []Refusal {
	return slices.SortedFunc(maps.Keys(c.Refused), func(a, b Refusal) int {
		return cmp.Or(cmp.Compare(c.Refused[b], c.Refused[a]), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.Field, b.Field))
	})
}

// UnknownIn are the names of fields that nobody reads in lines that are refused for the reason, ascending: among them may be the
// one that the log has for the field that is missing.
func (c *Coverage) UnknownIn(why Refusal) []string {
	if c.near[why] == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(c.near[why].all()))
}
