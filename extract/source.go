package extract

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"vaultreport/extract/scan"
	"vaultreport/internal/bizday"
	"vaultreport/internal/event"
)

// Stdin is the path of a source that reads standard input.
const Stdin = "-"

// Source is where event lines come from.
type Source struct {
	Name      string
	Path      string // absolute; may hold {date}, {date:LAYOUT}, {hour} and a glob; or Stdin
	Env       string // fixes env for every line; empty: the line's own
	Unwrap    string // where the event object lies in a line: none or empty, cloud_logging, elastic, or a dotted path
	Rename    Rename // names that the source has for fields and events
	Ready     Ready
	Emits     []event.Kind // that the source may have; none: all. A line of another kind is an ordinary line
	Lookback  int          // days before a day whose files are read at least
	Lookahead int          // days after it
	MaxLine   int          // bytes without the line end; a longer line is too_long
}

// Rename is scan.Rename.
type Rename = scan.Rename

var placeholder = regexp.MustCompile(`\{(date|hour)(?::([^{}]*))?\}`)

// Validate says what is wrong with the path's placeholders.
func (s Source) Validate() error {
	rest := placeholder.ReplaceAllString(s.Path, "")
	if strings.ContainsAny(rest, "{}") {
		return fmt.Errorf("path of source %s: only {date}, {date:LAYOUT} and {hour} stand in braces", s.Name)
	}
	for _, match := range placeholder.FindAllStringSubmatch(s.Path, -1) {
		kind, layout := match[1], match[2]
		if kind == "hour" && layout != "" {
			return fmt.Errorf("path of source %s: {hour} takes no layout", s.Name)
		}
		if day := bizday.Of(2006, 1, 2); layout != "" && day.Midnight().Format(layout) == (day+31).Midnight().Format(layout) {
			return fmt.Errorf("path of source %s: layout %q of {date} is not of the form 2006-01-02", s.Name, layout)
		}
	}
	return nil
}

// ValidateUnwrap says what is wrong with Unwrap.
func (s Source) ValidateUnwrap() error {
	if _, err := s.unwrap(); err != nil {
		return fmt.Errorf("unwrap of source %s: %w", s.Name, err)
	}
	return nil
}

// ValidateRename says which names lead to nothing.
func (s Source) ValidateRename() error {
	if err := s.Rename.Validate(); err != nil {
		return fmt.Errorf("source %s: %w", s.Name, err)
	}
	return nil
}

func (s Source) unwrap() (scan.Path, error) {
	if s.Unwrap == "" {
		return nil, nil
	}
	return scan.ParsePath(s.Unwrap)
}

// dated says whether a file's path names the day it was written for.
func (s Source) dated() bool { return strings.Contains(s.Path, "{date") }

// patterns returns the globs of the source's files of one day. Characters of the path outside the configured pattern
// are the caller's to escape: filepath.Match reads a backslash as an escape.
func (s Source) patterns(day bizday.Day) []string {
	pattern := placeholder.ReplaceAllStringFunc(s.Path, func(text string) string {
		match := placeholder.FindStringSubmatch(text)
		if match[1] == "hour" {
			return text
		}
		layout := match[2]
		if layout == "" {
			layout = "2006-01-02"
		}
		return day.Midnight().Format(layout)
	})
	if !strings.Contains(pattern, "{hour}") {
		return []string{pattern}
	}
	patterns := make([]string, 24)
	for hour := range patterns {
		patterns[hour] = strings.ReplaceAll(pattern, "{hour}", fmt.Sprintf("%02d", hour))
	}
	return patterns
}

// firstDayOfPath returns the first day that has the same paths as this one: the first of the month for a path that holds
// no day of the month. It is what such a file's own {date} is, whatever days a run asks for.
func (s Source) firstDayOfPath(day bizday.Day) bizday.Day {
	for slices.Equal(s.patterns(day-1), s.patterns(day)) {
		day--
	}
	return day
}

// reader is the digest of everything but the bytes of a file that decides what is read from it. A file that was read
// under another one counts as changed.
func (s Source) reader() string {
	const version = 1 // of the meaning of a line; raise it when docs/sources.md changes what is kept
	meaning := fmt.Appendf(nil, "%d\x00%s\x00%d", version, s.Env, s.MaxLine)
	if path, _ := s.unwrap(); len(path)+len(s.Rename.Field)+len(s.Rename.Event) > 0 {
		meaning = fmt.Appendf(meaning, "\x00%q %q %q", path, s.Rename.Field, s.Rename.Event) // maps are formatted in the order of their keys
	}
	sum := sha256.Sum256(meaning)
	return hex.EncodeToString(sum[:8])
}

// relativeName returns how a file is called in the ledger and in quarantine: its path relative to the configuration file's folder.
func relativeName(base, path string) string {
	if path == Stdin {
		return Stdin
	}
	relative, err := filepath.Rel(base, path)
	if err != nil {
		return filepath.ToSlash(path)
	}
	return filepath.ToSlash(relative)
}
