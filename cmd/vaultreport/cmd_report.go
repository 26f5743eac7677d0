package main

import (
	"github.com/spf13/cobra"

	"vaultreport/scheduler"
)

func newReportCommand(a *app) *cobra.Command {
	return a.newStageCommand(scheduler.Report, cobra.Command{
		Use:   "report",
		Short: "Bring the pages up to date with the published marts, and publish",
		Long: `Render the pages of all stored days whose marts, title, language or rules differ from those that the page was made of, and
publish them. Nothing is read but marts, and nothing computed.` +
			exitCodesHelp("0  published, or nothing to do", "1  unexpected failure, nothing published", "2  wrong usage or configuration, a day's alarms are not evaluated",
				"3  personal data or a canary was found, nothing published",
				"6  another run holds the lease", "7  the warehouse cannot be opened, nothing published", "130, 143  interrupted, nothing published"),
		Example: `  vaultreport report
  vaultreport report --config vaultreport.yaml --quiet -o json`,
	})
}
