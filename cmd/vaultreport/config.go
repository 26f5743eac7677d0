package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"vaultreport/extract"
	"vaultreport/internal/errs"
	"vaultreport/internal/yamlschema"
)

// config is the configuration file of docs/contract.md section 6 over its defaults.
type config struct {
	File string `json:"-"` // as the user names it; empty: no file
	Base string `json:"-"` // absolute folder to which paths are relative

	Zone      string        `json:"zone"`
	Project   string        `json:"project"`
	Warehouse string        `json:"warehouse"`
	Events    []eventSource `json:"events"`
	Tables    []tableSource `json:"tables"`
	Privacy   struct {
		KeyFile  string `json:"key_file"`
		KeyEnv   string `json:"key_env"`
		K        int    `json:"k"`
		Canaries string `json:"canaries"`
	} `json:"privacy"`
	Metrics struct {
		DiamondTarget int64 `json:"diamond_target"`
		RetireAfter   int   `json:"retire_after"`
	} `json:"metrics"`
	Alarms struct {
		Rules string `json:"rules"`
	} `json:"alarms"`
	Report struct {
		Language string `json:"language"`
		Title    string `json:"title"`
		Days     int    `json:"days"`
	} `json:"report"`
	Deliver []map[string]any `json:"deliver"`
	Limits  struct {
		Memory        memory          `json:"memory"`
		Threads       int             `json:"threads"`
		MaxQuarantine quarantineLimit `json:"max_quarantine"`
		Cache         byteSize        `json:"cache"`
		CacheDir      string          `json:"cache_dir"`
	} `json:"limits"`
}

type eventSource struct {
	Name   string `json:"name"`
	Path   string `json:"path"`
	Env    string `json:"env"`
	Unwrap string `json:"unwrap"`
	Rename struct {
		Field map[string]string `json:"field"`
		Event map[string]string `json:"event"`
	} `json:"rename"`
	Emits     []eventKind `json:"emits"`
	Lookback  int         `json:"lookback"`
	Lookahead int         `json:"lookahead"`
	Ready     struct {
		Marker       string   `json:"marker"`
		Quiet        timeSpan `json:"quiet"`
		MinEvents    int64    `json:"min_events"`
		AllowMissing bool     `json:"allow_missing"`
	} `json:"ready"`
	MaxLine byteSize `json:"max_line"`
}

type tableSource struct {
	Name             string                       `json:"name"`
	Env              string                       `json:"env"`
	DSN              extract.DSN                  `json:"dsn"`
	Path             string                       `json:"path"`
	Rename           map[string]map[string]string `json:"rename"`
	Connections      int                          `json:"connections"`
	StatementTimeout timeSpan                     `json:"statement_timeout"`
}

// defaultConfig is the configuration of an empty file.
func defaultConfig() config {
	var c config
	c.Zone = "Asia/Seoul"
	c.Warehouse = "./warehouse"
	c.Privacy.K = 5
	c.Metrics.DiamondTarget = 500_000
	c.Metrics.RetireAfter = 90
	c.Report.Language = "en"
	c.Report.Title = "Vault"
	c.Report.Days = 90
	c.Limits.Memory = memory{Percent: 75}
	c.Limits.Cache = 10 << 30
	return c
}

// UnmarshalJSON reads a source over the defaults of a source.
func (s *eventSource) UnmarshalJSON(data []byte) error {
	type plain eventSource
	source := plain{Unwrap: "none", Lookback: 1, Lookahead: 1, MaxLine: 1 << 20}
	err := json.Unmarshal(data, &source)
	*s = eventSource(source)
	return err
}

// UnmarshalJSON reads a source over the defaults of a source.
func (s *tableSource) UnmarshalJSON(data []byte) error {
	type plain tableSource
	source := plain{Connections: 2, StatementTimeout: timeSpan(10 * 60 * 1e9)}
	err := json.Unmarshal(data, &source)
	*s = tableSource(source)
	return err
}

// loadConfig reads a file. Its error holds every error of the file, each an errs.Usage with file, line and a way out.
func loadConfig(file string, lookup func(string) (string, bool)) (config, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return config{}, &errs.Error{
			Class: errs.Usage, What: "config " + file, Err: reasonOf(err),
			Hint: `name an existing file with --config, or write one with "vaultreport init"`,
		}
	}
	absolute, err := filepath.Abs(file)
	if err != nil {
		return config{}, err
	}
	c, problems, err := parseConfig(text, lookup)
	if err != nil {
		return config{}, fmt.Errorf("config %s: %w", file, err)
	}
	if len(problems) > 0 {
		return config{}, problemsError(file, problems)
	}
	c.File, c.Base = file, filepath.Dir(absolute)
	return c, nil
}

// parseConfig turns text into a configuration; problems are the errors of the text in the order of its lines.
func parseConfig(text []byte, lookup func(string) (string, bool)) (config, []yamlschema.Problem, error) {
	c := defaultConfig()
	doc, problems, err := yamlschema.Read(text, configSchema(), lookup)
	if err != nil {
		return c, nil, err
	}
	if len(problems) == 0 {
		encoded, err := json.Marshal(doc.Value)
		if err != nil {
			return c, nil, err
		}
		if err := json.Unmarshal(encoded, &c); err != nil {
			return c, nil, err
		}
		problems = slices.Concat(c.badSources(doc), c.duplicateNames(doc), c.notYet(doc))
	}
	yamlschema.Sort(problems)
	return c, problems, nil
}

func problemsError(file string, problems []yamlschema.Problem) error {
	all := make(joined, len(problems))
	for i, p := range problems {
		all[i] = errs.New(errs.Usage, fmt.Sprintf("config %s:%d: %s", file, p.Line, p.What), p.Hint)
	}
	return all
}

// resolve makes a path of the file absolute. The sign - stays, it is stdin.
func (c config) resolve(path string) string {
	if path == "" || path == "-" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(c.Base, path)
}

// badSources finds paths and renamed names that extraction does not know.
func (c config) badSources(doc yamlschema.Document) (problems []yamlschema.Problem) {
	for i, s := range c.Events {
		if err := s.source("/").Validate(); err != nil {
			problems = append(problems, yamlschema.Problem{
				Line: doc.LineOf("events", fmt.Sprint(i), "path"), What: err.Error(), Hint: "for example logs/{date}/*.jsonl.gz",
			})
		}
		if err := s.source("/").ValidateUnwrap(); err != nil {
			problems = append(problems, yamlschema.Problem{
				Line: doc.LineOf("events", fmt.Sprint(i), "unwrap"), What: err.Error(), Hint: "unwrap: cloud_logging, or for example unwrap: log.event",
			})
		}
		if err := s.source("/").ValidateRename(); err != nil {
			problems = append(problems, yamlschema.Problem{
				Line: doc.LineOf("events", fmt.Sprint(i), "rename"), What: err.Error(), Hint: "rename: {field: {name_in_the_log: user_id}, event: {CLAIMED: VAULT_CLAIMED}}",
			})
		}
	}
	for i, s := range c.Tables {
		if err := s.source("/").ValidatePath(); s.Path != "" && !isURL(s.Path) && err != nil {
			problems = append(problems, yamlschema.Problem{
				Line: doc.LineOf("tables", fmt.Sprint(i), "path"), What: err.Error(), Hint: "for example dumps/{date}/{table}.csv",
			})
		}
		if err := s.source("/").ValidateRename(); err != nil {
			problems = append(problems, yamlschema.Problem{
				Line: doc.LineOf("tables", fmt.Sprint(i), "rename"), What: err.Error(), Hint: "rename: {vault_status: {name_in_the_dump: user_id}}",
			})
		}
	}
	return problems
}

// duplicateNames finds sources that share a name: the ledger could not tell them apart.
func (c config) duplicateNames(doc yamlschema.Document) []yamlschema.Problem {
	events, tables := yamlschema.Names{List: "events"}, yamlschema.Names{List: "tables"}
	for _, s := range c.Events {
		events.Items = append(events.Items, s.Name)
	}
	for _, s := range c.Tables {
		tables.Items = append(tables.Items, s.Name)
	}
	return doc.Taken("source", events, tables)
}
