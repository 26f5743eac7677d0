package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vaultreport/internal/errs"
)

var update = flag.Bool("update", false, "rewrite the expected results")

// environment is the one of the tests; NOT_SET is not in it.
func environment(name string) (string, bool) {
	value, set := map[string]string{
		"ROOT": "/data", "EMPTY": "", "FIVE": "5", "VAULT_DSN": "postgres://vault@db/vault", "SECRET": "hunter2",
	}[name]
	return value, set
}

func configFiles(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "testdata", "config", pattern))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files %s: %v", pattern, err)
	}
	return files
}

func TestGoodConfigurations(t *testing.T) {
	for _, file := range configFiles(t, "*.good.yaml") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			if _, err := loadConfig(file, environment); err != nil {
				t.Error(err)
			}
		})
	}
}

// Every bad file lies beside a file of its errors, all of them, in the order of the lines.
func TestBadConfigurations(t *testing.T) {
	for _, file := range configFiles(t, "*.bad.yaml") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			_, err := loadConfig(file, environment)
			if err == nil {
				t.Fatal("accepted")
			}
			if class := errs.ClassOf(err); class != errs.Usage {
				t.Errorf("class %d, want %d", class, errs.Usage)
			}
			var b bytes.Buffer
			(&app{streams: streams{err: &b}}).printError(err, 2)
			compareFile(t, strings.TrimSuffix(file, ".bad.yaml")+".expected", strings.ReplaceAll(b.String(), file, filepath.Base(file)))
			if strings.Contains(b.String(), "hunter2") {
				t.Error("a secret is shown")
			}
		})
	}
}

func compareFile(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o640); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v (go test ./cmd/vaultreport -update writes it)", err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s differs (-want +got; -update rewrites it):\n%s", file, d)
	}
}

func parsed(t *testing.T, text string) config {
	t.Helper()
	c, problems, err := parseConfig([]byte(text), environment)
	if err != nil || len(problems) > 0 {
		t.Fatal(err, problems)
	}
	return c
}

func TestConfigurationLiesOverACompleteDefault(t *testing.T) {
	c := parsed(t, "events: [{name: a, path: x}]\ntables: [{name: b, env: prod, path: \"d/{date}/{table}\"}]\nlimits: {threads: 3}")
	want := defaultConfig()
	want.Limits.Threads = 3
	want.Events = []eventSource{{Name: "a", Path: "x", Unwrap: "none", Lookback: 1, Lookahead: 1, MaxLine: 1 << 20}}
	want.Tables = []tableSource{{Name: "b", Env: "prod", Path: "d/{date}/{table}", Connections: 2, StatementTimeout: timeSpan(10 * time.Minute)}}
	if !reflect.DeepEqual(c, want) {
		t.Errorf("got  %+v\nwant %+v", c, want)
	}
}

func TestVariables(t *testing.T) {
	c := parsed(t, "warehouse: ${ROOT}/w-${EMPTY:-d}-${NOT_SET:-e}-${ROOT:-f}$x\nprivacy: {k: 7}\nreport:\n  title: \"${FIVE}\"\n  days: ${FIVE}")
	if c.Warehouse != "/data/w-d-e-/data$x" || c.Report.Title != "5" || c.Report.Days != 5 {
		t.Errorf("got %+v", c)
	}
}

// What init writes says what the defaults are; so do the schema and the code.
func TestStarterAndSchemaHoldTheDefaults(t *testing.T) {
	c := parsed(t, string(starterText))
	want := defaultConfig()
	want.Events = []eventSource{{Name: "app", Path: "logs/{date}/*.jsonl.gz", Unwrap: "none", Lookback: 1, Lookahead: 1, MaxLine: 1 << 20}}
	want.Events[0].Rename.Field, want.Events[0].Rename.Event = map[string]string{}, map[string]string{}
	want.Events[0].Emits = []eventKind{}
	want.Tables, want.Deliver = []tableSource{}, []map[string]any{}
	want.Privacy.KeyFile = "secrets/user.key"
	limit, err := parseQuarantineLimit("100%")
	if err != nil {
		t.Fatal(err)
	}
	want.Limits.MaxQuarantine = limit
	if !reflect.DeepEqual(c, want) {
		t.Errorf("starter:\ngot  %+v\nwant %+v", c, want)
	}

	var schema map[string]any
	if err := json.Unmarshal(schemaText, &schema); err != nil {
		t.Fatal(err)
	}
	var lines []string
	for key, value := range schema["properties"].(map[string]any) {
		if key == "events" {
			continue // the starter shows one
		}
		lines = append(lines, defaultsOf(key, value.(map[string]any))...)
	}
	starter := string(starterText)
	for _, line := range lines {
		if !regexp.MustCompile(`(?m)^\s*(# )?\s*` + regexp.QuoteMeta(line) + `(\s|$)`).MatchString(starter) {
			t.Errorf("starter.yaml lacks the line %q that the schema has as a default", line)
		}
	}
}

// defaultsOf returns a line of YAML for every default of a schema.
func defaultsOf(key string, schema map[string]any) (lines []string) {
	if value, ok := schema["default"]; ok {
		if number, isNumber := value.(float64); isNumber {
			value = int64(number)
		}
		lines = append(lines, fmt.Sprintf("%s: %v", key, value))
	}
	properties, _ := schema["properties"].(map[string]any)
	for name, value := range properties {
		lines = append(lines, defaultsOf(name, value.(map[string]any))...)
	}
	if len(properties) > 0 || schema["default"] != nil {
		return lines
	}
	return append(lines, key+":")
}

// A key that init does not show is a key that nobody finds.
func TestStarterShowsEveryKeyOfTheSchema(t *testing.T) {
	var schema any
	if err := json.Unmarshal(schemaText, &schema); err != nil {
		t.Fatal(err)
	}
	for _, key := range keysIn(schema) {
		if !regexp.MustCompile(`(?m)(^|[\s{])` + key + `:`).Match(starterText) {
			t.Errorf("starter.yaml does not show the key %q", key)
		}
	}
}

func keysIn(schema any) (keys []string) {
	switch node := schema.(type) {
	case map[string]any:
		for name, value := range node {
			if properties, ok := value.(map[string]any); ok && name == "properties" {
				for key := range properties {
					keys = append(keys, key)
				}
			}
			keys = append(keys, keysIn(value)...)
		}
	case []any:
		for _, value := range node {
			keys = append(keys, keysIn(value)...)
		}
	}
	return keys
}

func TestValues(t *testing.T) {
	type wanted struct {
		text string
		want any
	}
	check := func(name string, cases []wanted, parse func(string) (any, error)) {
		for _, c := range cases {
			got, err := parse(c.text)
			if c.want == nil {
				if err == nil {
					t.Errorf("%s %q: accepted as %v", name, c.text, got)
				}
				continue
			}
			if err != nil || got != c.want {
				t.Errorf("%s %q: got %v, %v, want %v", name, c.text, got, err, c.want)
			}
		}
	}
	check("size", []wanted{
		{"0", byteSize(0)}, {"1048576", byteSize(1 << 20)}, {"1MiB", byteSize(1 << 20)}, {"512 MiB", byteSize(512 << 20)}, {"2KB", byteSize(2000)}, {"7B", byteSize(7)},
		{"", nil}, {"MiB", nil}, {"-1MiB", nil}, {"1.5GiB", nil}, {"1mib", nil}, {"9999999999TiB", nil}, {"1MiBMiB", nil}, {"0x10", nil},
	}, func(s string) (any, error) { return parseByteSize(s) })
	check("memory", []wanted{
		{"75%", memory{Percent: 75}}, {"100%", memory{Percent: 100}}, {"512MiB", memory{Bytes: 512 << 20}},
		{"0%", nil}, {"101%", nil}, {"%", nil}, {"1MiB", nil}, {"7.5%", nil},
	}, func(s string) (any, error) { return parseMemory(s) })
	check("time span", []wanted{
		{"10m", timeSpan(10 * time.Minute)}, {"0", timeSpan(0)}, {"1h30m", timeSpan(90 * time.Minute)},
		{"10", nil}, {"-1s", nil}, {"", nil}, {"tomorrow", nil},
	}, func(s string) (any, error) { return parseTimeSpan(s) })
	check("line size", []wanted{
		{"1MiB", byteSize(1 << 20)}, {"64MiB", byteSize(64 << 20)}, {"1KiB", byteSize(1 << 10)}, {"1023", nil}, {"65MiB", nil},
	}, func(s string) (any, error) { return parseLineSize(s) })
}

func TestPathsAreRelativeToTheFile(t *testing.T) {
	for _, c := range []struct{ name, base, path, want string }{
		{"a relative path", "/etc/vr", "logs/{date}/*.gz", "/etc/vr/logs/{date}/*.gz"},
		{"an absolute path stays", "/etc/vr", "/logs/{date}", "/logs/{date}"},
		{"stdin stays", "/etc/vr", "-", "-"},
		{"wildcards of the folder's name are no wildcards", "/a*b/[c]?", "x*.gz", `/a\*b/\[c]\?/x*.gz`},
		{"braces of the folder's name are no placeholders", "/a{date}", "x", "/a?date?/x"},
	} {
		if got := (eventSource{Path: c.path}).source(c.base).Path; got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}
