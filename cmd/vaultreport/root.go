package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"vaultreport/internal/errs"
	"vaultreport/internal/yamlschema"
)

// streams are what a process reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// app is what the verbs share: the world outside and the global flags.
type app struct {
	streams
	lookup func(string) (string, bool)
	now    func() time.Time
	global globalFlags
	ready  bool // the words were understood: an error from here on is the verb's own
}

// execute runs one command line and returns its exit code. It calls exit only if the verb does not end in time after a
// signal.
func execute(args []string, std streams, lookup func(string) (string, bool), exit func(int)) int {
	a := &app{streams: std, lookup: lookup, now: time.Now}
	ctx, stop := untilSignal(context.Background(), exit)
	defer stop()
	err := a.run(ctx, args)
	code := exitCode(ctx, err)
	if err != nil {
		a.printError(err, code)
	}
	return code
}

func (a *app) run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return usage("a verb is missing", `"vaultreport --help" lists the verbs; "vaultreport run" shows what the tool does`)
	}
	root := newRoot(a)
	root.SetArgs(args)
	isCompletion := args[0] == cobra.ShellCompRequestCmd || args[0] == cobra.ShellCompNoDescRequestCmd // verbs that cobra adds late
	if _, _, err := root.Find(args); err != nil && !isCompletion {
		return unknownVerb(root, args)
	}
	err := root.ExecuteContext(ctx)
	var known *errs.Error
	if err != nil && !a.ready && !errors.As(err, &known) {
		return &errs.Error{Class: errs.Usage, What: err.Error(), Hint: `"vaultreport --help" lists verbs and flags`}
	}
	return err
}

// newRoot builds the command line.
func newRoot(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:   "vaultreport",
		Short: "Turn Vault event logs into tables and a daily report",
		Long: `vaultreport reads event logs, masks and checks every line, computes the day's metrics, and publishes tables
(Parquet) and one HTML report a day. Without a configuration it runs on synthetic data.

` + helpOrder,
		Example:           rootExample,
		SilenceErrors:     true,
		SilenceUsage:      true,
		DisableAutoGenTag: true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			if err := a.global.setFromEnvironment(cmd.Flags(), a.lookup); err != nil {
				return err
			}
			if err := a.global.validate(cmd); err != nil {
				return err
			}
			a.ready = true
			return nil
		},
	}
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)
	root.PersistentFlags().SortFlags = false
	a.global.addFlags(root.PersistentFlags())
	root.AddCommand(newRunCommand(a), newPlanCommand(a), newExtractCommand(a), newTransformCommand(a), newReportCommand(a), newTestCommand(a), newSampleCommand(a), newQueryCommand(a), newMetricsCommand(a), newExplainCommand(a), newModelsCommand(a), newAlarmsCommand(a), newDiffCommand(a), newQuarantineCommand(a), newFreshnessCommand(a), newVerifyCommand(a), newRunsCommand(a), newGCCommand(a), newDoctorCommand(a), newInitCommand(a), newVersionCommand(a))
	completeValues(root, "output", formTable, formJSON, formCSV, formArrow)
	completeValues(root, "log-format", "text", "json")
	root.InitDefaultCompletionCmd()
	root.InitDefaultHelpCmd()
	return root
}

// newVerbGroup returns a verb that is nothing without one more word.
func newVerbGroup(name, short, long string, verbs ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{
		Use: name, Short: short, Long: long,
		Args: func(cmd *cobra.Command, args []string) error {
			var names []string
			for _, c := range cmd.Commands() {
				names = append(names, c.Name())
			}
			if len(args) == 0 {
				return usage(name+" needs one more word", "one of: "+strings.Join(names, ", "))
			}
			return usage(fmt.Sprintf("unknown verb %q", name+" "+args[0]), yamlschema.Nearest("nearest verb: "+name+" ", args[0], names))
		},
		RunE: func(*cobra.Command, []string) error { return nil }, // Args has refused everything
	}
	cmd.AddCommand(verbs...)
	return cmd
}

// completeValues tells the shell which values a flag has.
func completeValues(cmd *cobra.Command, flag string, values ...string) {
	// The only error is a flag that does not exist, and the tests of the help would show that.
	_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
}

const helpOrder = `Every flag has an environment twin: --log-format is VAULTREPORT_LOG_FORMAT, lists by comma, booleans true, false, 1
or 0; an empty twin counts as unset. A flag wins over its twin, that over the configuration file, that over the default.`

const rootExample = `  vaultreport run                          demo: synthetic data, all its days, a report
  vaultreport init                         write a commented vaultreport.yaml
  vaultreport run --config vaultreport.yaml
  vaultreport query "select * from metric_daily limit 10"`

// exitCodesHelp is a part of every verb's help: the codes that it can end with.
func exitCodesHelp(lines ...string) string {
	text := "\n\nExit codes:\n"
	for _, line := range lines {
		text += "  " + line + "\n"
	}
	return text[:len(text)-1]
}

// unknownVerb names the verb that the command line asks for; flags before it may be unknown as well.
func unknownVerb(root *cobra.Command, args []string) error {
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	flags.ParseErrorsAllowlist.UnknownFlags = true
	var ignored globalFlags
	ignored.addFlags(flags)
	flags.Usage = func() {}
	flags.SetOutput(io.Discard)
	// Values of flags may be wrong as well; the first word that is no flag is still the verb.
	_ = flags.Parse(args)
	name := flags.Arg(0)
	var verbs []string
	for _, c := range root.Commands() {
		verbs = append(verbs, c.Name())
	}
	return errs.New(errs.Usage, fmt.Sprintf("unknown verb %q", name), yamlschema.Nearest("nearest verb: ", name, verbs))
}

// logger returns the log of a verb.
func (a *app) logger() *slog.Logger {
	if a.global.LogFormat == "text" && isTerminal(a.err) {
		return newTerminalLogger(a.err, a.global, a.noColor())
	}
	return newLogger(a.err, a.global)
}

// noColor says whether the user wants no colours.
func (a *app) noColor() bool {
	value, _ := a.lookup("NO_COLOR")
	return value != ""
}
