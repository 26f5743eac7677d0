package main

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"vaultreport/internal/bizday"
	"vaultreport/internal/sample"
	"vaultreport/scheduler"
)

func newSampleCommand(a *app) *cobra.Command {
	o := sample.Default()
	o.Dir = "sample"
	cmd := &cobra.Command{
		Use:   "sample",
		Short: "Write deterministic synthetic event logs and tables",
		Long: `Write synthetic event logs and table dumps of three environments, with a configuration, a demo key, planted personal
data and incidents. The same flags write the same bytes on every machine.` +
			exitCodesHelp("0  written", "1  the files cannot be written", "2  wrong usage"),
		Example: `  vaultreport sample --dir demo
  vaultreport sample --dir big --users 20000 --days 30 --events-per-user 10`,
		Args: noWords,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.runSample(cmd.Context(), o) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	number := func(value *int, least, most int) *flagOf[int] {
		return valueOf(value, strconv.Itoa(*value), "N", wholeNumber(least, most))
	}
	flags.Uint64Var(&o.Seed, "seed", o.Seed, "another `number` is another life of the same shape")
	flags.Var(number(&o.Users, 1, 10_000_000), "users", "users of prod; staging and dev have a part of them")
	flags.Var(number(&o.Days, 1, 3660), "days", "business days up to and including --end")
	flags.Var(valueOf(&o.End, o.End, "YYYY-MM-DD", parseDayText), "end", "last business day")
	flags.Var(number(&o.EventsPerUser, 0, 1000), "events-per-user", "lines per user and day, about; 0: the natural rate")
	flags.Var(valueOf(&o.Dir, o.Dir, "folder", parseFolder), "dir", "folder to write into, created if absent")
	return cmd
}

func parseDayText(text string) (string, error) {
	day, err := bizday.Parse(text)
	if err != nil {
		return "", errors.New("must be a day of the form YYYY-MM-DD")
	}
	return day.String(), nil
}

func parseFolder(text string) (string, error) {
	if strings.TrimSpace(text) == "" {
		return "", errors.New("must name a folder")
	}
	return text, nil
}

func (a *app) runSample(ctx context.Context, o sample.Options) error {
	progress, _ := a.newProgress()
	result, err := writeSample(ctx, o, progress)
	if err != nil {
		return err
	}
	return a.printSample(o, result)
}

// writeSample writes a sample and tells its days as a stage.
func writeSample(ctx context.Context, o sample.Options, progress scheduler.Progress) (sample.Result, error) {
	progress.Stage("sample", int64(o.Days))
	defer progress.Done()
	return sample.Write(ctx, o, func(int, int) { progress.Add(1) })
}

func (a *app) printSample(o sample.Options, result sample.Result) error {
	facts := []fact{
		{"dir", o.Dir},
		{"config", result.Config},
		{"first", result.First},
		{"last", result.Last},
		{"lines", result.Lines},
		{"files", result.Files},
		{"incidents", len(result.Incidents)},
	}
	if a.global.Output == formTable {
		facts[4].value = humanize.Comma(int64(result.Lines))
		facts[5].value = humanize.Comma(int64(result.Files))
		facts = append(facts, fact{"next", "vaultreport run --config " + shellWord(result.Config) + " --start " + result.First + " --end " + result.Last})
	}
	return writeFacts(a.out, a.global.Output, facts)
}
