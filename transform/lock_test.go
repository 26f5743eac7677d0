package transform

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"vaultreport/internal/errs"
	"vaultreport/sql"
)

var update = flag.Bool("update", false, "rewrite the lock of the contracts")

func lockOf(p *Project) []byte {
	return p.Lock("go test ./transform -run TestTheLock -update", func(string) bool { return true })
}

// Load has compared the contracts with the lock: what is written anew here breaks no promise.
func TestTheLockHasEveryTableAsItIs(t *testing.T) {
	p := project(t)
	path := filepath.Join("..", "sql", LockFile)
	if *update {
		if err := os.WriteFile(path, lockOf(p), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(lockOf(p)) {
		t.Errorf("sql/%s is not what the contracts say: go test ./transform -run TestTheLock -update", LockFile)
	}
}

func TestContractsKeepWhatTheLockPromises(t *testing.T) {
	const file = "models/env_seen.yaml"
	type change struct{ from, to string }
	column := "  - {name: env, type: VARCHAR, meaning: environment}\n"
	added := change{column, column + "  - {name: zone, type: VARCHAR, meaning: zone of the env}\n"}
	moved := change{column + "  - {name: first_dt, type: DATE, not_null: true, meaning:", "  - {name: first_dt, type: DATE, not_null: true, meaning: first day}\n" + column + "  #"}
	version := func(to string) change { return change{"version: 1\n", "version: " + to + "\n"} }
	for _, c := range []struct {
		name    string
		changes []change
		want    string // "": it is accepted
		hint    string
	}{
		{"nothing changed", nil, "", ""},
		{"a new meaning", []change{{"meaning: environment", "meaning: the environment"}}, "", ""},
		{"a version without a change", []change{version("1.1")}, "", ""},
		{"a retyped column", []change{{"name: env, type: VARCHAR", "name: env, type: BLOB"}}, file + ":14: column env is BLOB, and VARCHAR in version 1", "raise version to 2"},
		{"a retyped column of a minor version", []change{version("1.1"), {"name: env, type: VARCHAR", "name: env, type: BLOB"}}, file + ":14: column env is BLOB", "raise version to 2"},
		{"a retyped column of a new major version", []change{version("2"), {"name: env, type: VARCHAR", "name: env, type: BLOB"}}, "", ""},
		{"a renamed column", []change{{"name: first_dt", "name: since"}}, file + ":4: column first_dt is gone, which version 1 has", "raise version to 2"},
		{"a renamed column of a new major version", []change{version("2"), {"name: first_dt", "name: since"}}, "", ""},
		{"an added column", []change{added}, file + ":15: column zone is new, and version is still 1", "raise version to 1.1"},
		{"an added column of a minor version", []change{version("1.1"), added}, "", ""},
		{"a column that moved", []change{moved}, file + ":14: column first_dt stands elsewhere, and version is still 1", "raise version to 1.1"},
		{"a column that moved with a minor version", []change{version("1.1"), moved}, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := shipped(t)
			for _, change := range c.changes {
				edit(t, files, file, change.from, change.to)
			}
			_, err := Load(files)
			if c.want == "" {
				if err != nil {
					t.Errorf("got %v", err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) || errs.ClassOf(err) != errs.Usage {
				t.Fatalf("got %v, want %q", err, c.want)
			}
			if hint := hintsOf(err); !strings.Contains(hint, c.hint) {
				t.Errorf("hint %q, want %q", hint, c.hint)
			}
		})
	}
}

// hintsOf returns the hint of an error that was joined with none.
func hintsOf(err error) string {
	if joined, ok := err.(interface{ Unwrap() []error }); ok && len(joined.Unwrap()) == 1 {
		return hintsOf(joined.Unwrap()[0])
	}
	return errs.HintOf(err)
}

func TestVersionsOnlyRise(t *testing.T) {
	files := shipped(t)
	edit(t, files, LockFile, "env_seen:\n  version: 1\n", "env_seen:\n  version: 1.2\n")
	_, err := Load(files)
	if want := "models/env_seen.yaml:4: version 1 is older than 1.2"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %q", err, want)
	}
}

func TestATableInTheLockNeedsAContract(t *testing.T) {
	files := shipped(t)
	files[LockFile].Data = append(files[LockFile].Data, "old_daily:\n  version: 1\n  columns: [dt DATE]\n"...)
	_, err := Load(files)
	if want := LockFile + ": table old_daily has no contract"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %q", err, want)
	}
}

func TestAProjectWithoutALockHasPromisedNothing(t *testing.T) {
	files := shipped(t)
	delete(files, LockFile)
	edit(t, files, "models/env_seen.yaml", "name: first_dt", "name: since")
	if _, err := Load(files); err != nil {
		t.Error(err)
	}
}

func TestALockThatCannotBeReadIsNamed(t *testing.T) {
	for _, text := range []string{"a: b", "vault_state: {version: x}", "vault_state: {version: 1, columns: [dt]}"} {
		files := shipped(t)
		files[LockFile] = &fstest.MapFile{Data: []byte(text)}
		if _, err := Load(files); err == nil || !strings.Contains(err.Error(), LockFile) || errs.ClassOf(err) != errs.Usage {
			t.Errorf("%s: got %v", text, err)
		}
	}
}

func TestVersions(t *testing.T) {
	for text, want := range map[string]version{"1": {1, 0}, "12": {12, 0}, "1.1": {1, 1}, "2.10": {2, 10}} {
		if got, ok := parseVersion(text); !ok || got != want || got.String() != text {
			t.Errorf("%s: got %v, %t", text, got, ok)
		}
	}
	for _, text := range []string{"", "0", "1.0", "01", "1.", ".1", "1.1.1", "v1", "-1", "1 ", "1.01", "12345678"} {
		if got, ok := parseVersion(text); ok {
			t.Errorf("%q was read as %v", text, got)
		}
	}
}

func TestTheLockIsEmbedded(t *testing.T) {
	if text, err := sql.FS.ReadFile(LockFile); err != nil || !strings.HasPrefix(string(text), lockHead[:40]) {
		t.Errorf("got %v", err)
	}
}
