package main

import (
	_ "embed"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"vaultreport/internal/errs"
)

// configName is the configuration that a verb finds without --config.
const configName = "vaultreport.yaml"

//go:embed starter.yaml
var starterText []byte

const starterIgnore = "# results and secrets do not belong into version control\n/warehouse/\n/secrets/\n"

func newInitCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "init [DIR]",
		Short: "Write a commented configuration with its schema",
		Long: `Write vaultreport.yaml with every key and its default, its JSON Schema for editors, and a .gitignore for results and
secrets into DIR (default: the current folder). Nothing is ever overwritten.` +
			exitCodesHelp("0  written", "1  the files cannot be written", "2  wrong usage, or one of the files exists already"),
		Example: "  vaultreport init\n  vaultreport init my-project",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			dir := "."
			if len(args) == 1 {
				dir = args[0]
			}
			return a.runInit(dir)
		},
	}
}

func (a *app) runInit(dir string) error {
	files := []struct {
		name string
		text []byte
	}{
		{configName, starterText},
		{schemaName, schemaText},
		{".gitignore", []byte(starterIgnore)},
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return errs.Wrap(errs.Unexpected, "create "+dir, reasonOf(err))
	}
	for _, f := range files {
		if _, err := os.Lstat(filepath.Join(dir, f.name)); err == nil {
			return exists(filepath.Join(dir, f.name))
		}
	}
	facts := []fact{}
	for _, f := range files {
		path := filepath.Join(dir, f.name)
		if err := writeNew(path, f.text); err != nil {
			return err
		}
		facts = append(facts, fact{strings.TrimPrefix(f.name, "."), path})
	}
	if a.global.Output != formTable {
		return writeFacts(a.out, a.global.Output, facts)
	}
	config := filepath.Join(dir, configName)
	key := filepath.Join(dir, "secrets", "user.key")
	_, err := fmt.Fprintf(a.out, `wrote %s, %s and .gitignore

Next:
  1. make a key:       mkdir -p %s && openssl rand -hex 32 > %s
  2. name your logs:   events in %s
  3. run a day:        vaultreport run --config %s --date YYYY-MM-DD
`, config, schemaName, shellWord(filepath.Dir(key)), shellWord(key), config, shellWord(config))
	return err
}

// writeNew creates a file that must not exist yet.
func writeNew(path string, text []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o640)
	if os.IsExist(err) {
		return exists(path)
	}
	if err != nil {
		return errs.Wrap(errs.Unexpected, "write "+path, reasonOf(err))
	}
	_, err = file.Write(text)
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return errs.Wrap(errs.Unexpected, "write "+path, reasonOf(err))
	}
	return nil
}

func exists(path string) error {
	return &errs.Error{Class: errs.Usage, What: "init: " + path, Err: fs.ErrExist, Hint: "nothing was overwritten: move it away, or name another folder"}
}

// shellWord quotes a path for a command that the user may copy.
func shellWord(path string) string {
	if strings.ContainsFunc(path, func(r rune) bool {
		return !strings.ContainsRune("/._-+:,@%=", r) && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	}) {
		return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
	}
	return path
}
