package main

import (
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"vaultreport/internal/errs"
	"vaultreport/sql"
	"vaultreport/transform"
)

func newModelsLockCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "lock",
		Short: "Remember the columns of a project's tables",
		Long: `Write contracts.lock.yaml into the folder of the project: the columns of each table of its own, under the version of its contract. From
then on a contract that drops, renames or retypes a column is refused until its version is the next major one, and a column more until it
is the next minor one. Run it again after that.` +
			exitCodesHelp("0  written, or as it was", "1  unexpected failure", "2  wrong usage, no project, a contract that breaks the lock", "130, 143  interrupted"),
		Example: "  vaultreport models lock",
		Args:    noWords,
		RunE:    func(*cobra.Command, []string) error { return a.runModelsLock() },
	}
}

func (a *app) runModelsLock() error {
	c, err := a.loadConfig()
	if err != nil {
		return err
	}
	if c.Project == "" {
		return usage("models lock: the configuration names no project", "the lock of the shipped tables comes with them")
	}
	project, err := c.project()
	if err != nil {
		return err
	}
	shipped, err := transform.Load(sql.FS)
	if err != nil {
		return err
	}
	tables := 0
	lock := project.Lock("vaultreport models lock", func(table string) bool {
		_, isShipped := shipped.Table(table)
		if !isShipped {
			tables++
		}
		return !isShipped
	})
	path := filepath.Join(c.resolve(c.Project), transform.LockFile)
	if err := os.WriteFile(path, lock, 0o644); err != nil {
		return &errs.Error{Class: errs.Usage, What: "models lock: write " + path, Err: reasonOf(err)}
	}
	return writeFacts(a.out, a.global.Output, []fact{{"file", path}, {"tables", tables}})
}
