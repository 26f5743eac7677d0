package main

import (
	"context"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"vaultreport/internal/duck"
)

func newVersionCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Show the versions of the tool and of its engines",
		Long: "Show the versions of vaultreport, Go, DuckDB, arrow-go and parquet-go, for reports of bugs." +
			exitCodesHelp("0  shown", "1  the engine does not start", "2  wrong usage"),
		Example: "  vaultreport version -o json",
		Args:    noWords,
		RunE: func(cmd *cobra.Command, _ []string) error {
			engine, err := engineVersion(cmd.Context())
			if err != nil {
				return err
			}
			return writeFacts(a.out, a.global.Output, []fact{
				{"vaultreport", toolVersion()},
				{"go", runtime.Version()},
				{"duckdb", engine},
				{"arrow_go", moduleVersion("github.com/apache/arrow-go/v18")},
				{"parquet_go", moduleVersion("github.com/parquet-go/parquet-go")},
			})
		},
	}
}

func engineVersion(ctx context.Context) (version string, err error) {
	db, err := duck.Open(ctx, duck.Options{Threads: 1})
	if err != nil {
		return "", err
	}
	defer db.Close()
	err = db.Conn().QueryRowContext(ctx, "select version()").Scan(&version)
	return version, err
}

// toolVersion is the version that the build recorded: a tag, or the revision that it was built from.
func toolVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}

func moduleVersion(path string) string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, module := range info.Deps {
		if module.Path == path {
			return module.Version
		}
	}
	return "unknown"
}

// noWords refuses words behind a verb that takes none.
func noWords(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usage(cmd.Name()+` takes no word such as "`+args[0]+`"`, `"vaultreport `+cmd.Name()+` --help" shows its flags`)
	}
	return nil
}
