package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"vaultreport/extract"
	"vaultreport/internal/bizday"
	"vaultreport/internal/errs"
	"vaultreport/internal/event"
	"vaultreport/internal/pii"
	"vaultreport/scheduler"
)

// runOptions turns words into values; everything that can be said wrong is said before the run touches anything.
func (a *app) runOptions(ctx context.Context, c config, f runFlags) (scheduler.Options, error) {
	if len(c.Events)+len(c.Tables) == 0 {
		return scheduler.Options{}, usage("config "+c.File+": neither events nor tables names a source", "add one; vaultreport init writes an example")
	}
	zone, err := bizday.LoadZone(c.Zone)
	if err != nil {
		return scheduler.Options{}, errs.Wrap(errs.Usage, "config "+c.File, err)
	}
	key, err := a.key(c)
	if err != nil {
		return scheduler.Options{}, err
	}
	o, err := a.computeOptions(ctx, c, f)
	if err != nil {
		return scheduler.Options{}, err
	}
	if f.MaxQuarantine != nil {
		c.Limits.MaxQuarantine = *f.MaxQuarantine
	}
	first, last := f.days(zone, a.now())
	o.Zone, o.Sources, o.Tables, o.Stdin, o.Key = zone, c.sources(), c.tableSources(), a.in, key
	o.Start, o.End, o.CatchUp = first, last, f.Date == nil && f.Start == nil
	o.AllowSuperuser, o.RetakeSnapshot, o.MaxQuarantine = f.AllowSuperuser, f.RetakeSnapshot, c.Limits.MaxQuarantine.Limit
	return o, nil
}

// computeOptions are those that results depend on, whatever was read, and the limits; the zone is left to the caller.
func (a *app) computeOptions(ctx context.Context, c config, f runFlags) (scheduler.Options, error) {
	rules, err := c.rules()
	if err != nil {
		return scheduler.Options{}, err
	}
	canaries, err := c.canaries()
	if err != nil {
		return scheduler.Options{}, err
	}
	models, err := c.checkedModels(ctx)
	if err != nil {
		return scheduler.Options{}, err
	}
	root, err := a.warehouse(c)
	if err != nil {
		return scheduler.Options{}, err
	}
	if f.Threads != nil {
		c.Limits.Threads = *f.Threads
	}
	if f.Memory != nil {
		c.Limits.Memory = *f.Memory
	}
	limits, err := c.engineLimits()
	return scheduler.Options{
		Models: models, Warehouse: root, Base: c.Base, Canaries: canaries, Rules: rules, Title: c.Report.Title, Language: c.Report.Language,
		K: c.Privacy.K, RetireAfter: c.Metrics.RetireAfter, DiamondTarget: c.Metrics.DiamondTarget, Threads: limits.Threads, MemoryBytes: limits.MemoryBytes,
		ToolVersion: toolVersion(), Now: a.now,
	}, err
}

// sources are the configured sources of event lines with absolute paths.
func (c config) sources() []extract.Source {
	sources := make([]extract.Source, len(c.Events))
	for i, s := range c.Events {
		sources[i] = s.source(c.Base)
	}
	return sources
}

// tableSources are the configured sources of tables with absolute paths.
func (c config) tableSources() []extract.TableSource {
	sources := make([]extract.TableSource, len(c.Tables))
	for i, s := range c.Tables {
		sources[i] = s.source(c.Base)
	}
	return sources
}

func (s tableSource) source(base string) extract.TableSource {
	source := extract.TableSource{
		Name: s.Name, Env: s.Env, Rename: s.Rename, DSN: s.DSN, Connections: s.Connections, StatementTimeout: time.Duration(s.StatementTimeout),
	}
	if s.Path != "" {
		source.Path = absolutePattern(base, s.Path)
	}
	return source
}

// absolutePattern makes a path absolute. The folder of the configuration is a name and no pattern: its wildcards are
// escaped, and braces, which stand for placeholders, match as any character.
func absolutePattern(base, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	literal := strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`, `{`, `?`, `}`, `?`)
	return filepath.Join(literal.Replace(base), path)
}

// source makes the path absolute.
func (s eventSource) source(base string) extract.Source {
	path := s.Path
	if path != extract.Stdin {
		path = absolutePattern(base, path)
	}
	emits := make([]event.Kind, len(s.Emits))
	for i, kind := range s.Emits {
		emits[i] = event.Kind(kind)
	}
	marker := s.Ready.Marker
	if marker != "" {
		marker = absolutePattern(base, marker)
	}
	return extract.Source{
		Ready: extract.Ready{Marker: marker, Quiet: time.Duration(s.Ready.Quiet), MinEvents: s.Ready.MinEvents, AllowMissing: s.Ready.AllowMissing},
		Name:  s.Name, Path: path, Env: s.Env, Unwrap: s.Unwrap, Rename: extract.Rename{Field: s.Rename.Field, Event: s.Rename.Event},
		Emits: emits, Lookback: s.Lookback, Lookahead: s.Lookahead, MaxLine: int(s.MaxLine),
	}
}

// key reads the key that hashes user ids. No error shows any of it.
func (a *app) key(c config) (*pii.Key, error) {
	const makeOne = "make one with: openssl rand -hex 32"
	var text []byte
	where := ""
	switch {
	case c.Privacy.KeyEnv != "":
		where = "privacy.key_env " + c.Privacy.KeyEnv
		value, set := a.lookup(c.Privacy.KeyEnv)
		if !set || value == "" {
			return nil, usage("config "+c.File+": "+where+" is not set", "set it to the key; "+makeOne)
		}
		text = []byte(value)
	case c.Privacy.KeyFile != "":
		where = "privacy.key_file " + c.Privacy.KeyFile
		read, err := os.ReadFile(c.resolve(c.Privacy.KeyFile))
		if err != nil {
			return nil, &errs.Error{Class: errs.Usage, What: "config " + c.File + ": " + where, Err: reasonOf(err), Hint: makeOne}
		}
		text = read
	default:
		return nil, usage("config "+c.File+": neither privacy.key_file nor privacy.key_env names the key that hashes user ids", makeOne)
	}
	key, err := pii.ParseKey(text)
	if err != nil {
		return nil, &errs.Error{Class: errs.Usage, What: "config " + c.File + ": " + where, Err: err, Hint: makeOne}
	}
	return key, nil
}

// canaries reads the texts that may never be published. No error shows any of them.
func (c config) canaries() (*pii.Literals, error) {
	if c.Privacy.Canaries == "" {
		return nil, nil
	}
	what := "config " + c.File + ": privacy.canaries " + c.Privacy.Canaries
	text, err := os.ReadFile(c.resolve(c.Privacy.Canaries))
	if err != nil {
		return nil, &errs.Error{Class: errs.Usage, What: what, Err: reasonOf(err), Hint: "name a file with one text a line, or leave privacy.canaries out"}
	}
	literals, short := pii.ParseLiterals(text)
	if len(short) == 0 {
		return literals, nil
	}
	all := make(joined, len(short))
	for i, line := range short {
		all[i] = usage(fmt.Sprintf("%s:%d: the text has fewer than %d bytes", what, line, pii.MinLiteral), "a shorter text would be found by chance: make it longer, or take the line out")
	}
	return nil, all
}
