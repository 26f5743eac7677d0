package extract

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize"

	"vaultreport/extract/postgres"
	"vaultreport/extract/table"
	"vaultreport/internal/bizday"
	"vaultreport/internal/checkup"
	"vaultreport/internal/vfs"
)

// Checkup looks at what Run would find of every source for a day, without reading a line: files that match and whether the source
// is ready, dumps and their columns, databases and rights. Paths are named relative to base.
func Checkup(ctx context.Context, o Options, day bizday.Day) []checkup.Line {
	var lines []checkup.Line
	for _, s := range o.Sources {
		lines = append(lines, checkSource(o.FS, s, o.Base, day, o.Now))
	}
	for _, s := range o.Tables {
		if s.isLive() {
			lines = append(lines, postgres.Checkup(ctx, postgres.Options{
				DSN: string(s.DSN), Connections: s.Connections, StatementTimeout: s.StatementTimeout, AllowSuperuser: o.AllowSuperuser, Log: slog.New(slog.DiscardHandler),
			}, s.Rename, "tables "+s.Name)...)
		} else {
			lines = append(lines, checkDumps(o.FS, s, o.Base, day)...)
		}
	}
	return lines
}

func checkSource(fsys vfs.FS, s Source, base string, day bizday.Day, now time.Time) checkup.Line {
	check := "events " + s.Name
	if s.Path == Stdin {
		return checkup.Good(check, "standard input")
	}
	files, err := discover(fsys, s, base, day, day)
	if err == nil {
		err = canRead(fsys, files)
	}
	if err == nil {
		err = ready([]Source{s}, files, []bizday.Day{day}, now)
	}
	if err != nil {
		return checkup.Of(check, err)
	}
	bytes := int64(0)
	for _, f := range files {
		bytes += f.size
	}
	of := ""
	if s.dated() {
		of = " of " + day.String()
	}
	plural := "s"
	if len(files) == 1 {
		plural = ""
	}
	what := fmt.Sprintf("%d file%s%s, %s", len(files), plural, of, humanize.IBytes(uint64(bytes)))
	if s.Ready.MinEvents > 0 {
		what += fmt.Sprintf("; whether they hold ready.min_events: %d the run will see", s.Ready.MinEvents)
	}
	return checkup.Good(check, what)
}

// canRead says whether the first and the last file can be opened.
func canRead(fsys vfs.FS, files []found) error {
	for i, f := range files {
		if i > 0 && i < len(files)-1 {
			continue
		}
		file, err := fsys.Open(f.path)
		if err != nil {
			return readError(f, err)
		}
		if err := file.Close(); err != nil {
			return readError(f, err)
		}
	}
	return nil
}

// checkDumps looks at the dumps of a day and at the columns of each. That a table is missing stops nothing.
func checkDumps(fsys vfs.FS, s TableSource, base string, day bizday.Day) []checkup.Line {
	check := "tables " + s.Name
	var lines []checkup.Line
	var missing []string
	for _, spec := range table.Specs() {
		files, err := glob(fsys, s.files(spec.Name), base, day)
		if err != nil {
			lines = append(lines, checkup.Of(check+" "+spec.Name, err))
			continue
		}
		if len(files) == 0 {
			missing = append(missing, spec.Name)
			continue
		}
		slices.SortFunc(files, byName)
		lines = append(lines, checkDump(fsys, s, spec, files, check+" "+spec.Name))
	}
	if len(missing) > 0 {
		what := fmt.Sprintf("no dump of %s: %s", day, strings.Join(missing, ", "))
		fix := "metrics that need them are not computable on that day; write them to " + namedPattern(base, s.Path)
		lines = append([]checkup.Line{checkup.Warn(check, what, fix)}, lines...)
	}
	return lines
}

func checkDump(fsys vfs.FS, s TableSource, spec *table.Spec, files []found, check string) checkup.Line {
	missing := make(map[string]bool)
	for _, f := range files {
		reader, err := table.Open(fsys, f.path)
		if err != nil {
			return checkup.Of(check, table.ReadError(spec.Name, f.name, err))
		}
		match, err := spec.MatchColumns(reader.Attributes(), s.Rename[spec.Name], nil)
		if err := errors.Join(err, reader.Close()); err != nil {
			return checkup.Of(check, fmt.Errorf("%s: %w", f.name, err))
		}
		for _, column := range match.Missing {
			missing[column] = true
		}
	}
	what := fmt.Sprintf("%s, %d of %d columns", files[0].name, len(spec.Columns)-len(missing), len(spec.Columns))
	if len(files) > 1 {
		what = fmt.Sprintf("%d files, %d of %d columns", len(files), len(spec.Columns)-len(missing), len(spec.Columns))
	}
	if len(missing) == 0 {
		return checkup.Good(check, what)
	}
	var names []string
	for _, c := range spec.Columns {
		if missing[c.Source] {
			names = append(names, c.Source)
		}
	}
	return checkup.Warn(check, what+"; missing: "+strings.Join(names, ", "), "dump them, or name them under rename; metrics that need them are not computable")
}

// namedPattern is a configured path as the configuration has it, as far as that is known.
func namedPattern(base, pattern string) string {
	if relative, err := filepath.Rel(base, pattern); err == nil && !strings.HasPrefix(relative, "..") {
		return filepath.ToSlash(relative)
	}
	return pattern
}
