package main

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"vaultreport/internal/bizday"
	"vaultreport/internal/errs"
)

// Forms of output.
const (
	formTable = "table"
	formJSON  = "json"
	formCSV   = "csv"
	formArrow = "arrow"
)

// globalFlags are the flags of every verb.
type globalFlags struct {
	Config    string
	Warehouse string
	LogFormat string
	Quiet     bool
	Output    string
}

func (g *globalFlags) addFlags(flags *pflag.FlagSet) {
	g.LogFormat, g.Output = "text", formTable
	flags.StringVar(&g.Config, "config", "", "configuration `file` (default: ./vaultreport.yaml if it exists)")
	flags.StringVar(&g.Warehouse, "warehouse", "", "`folder` of the results (default: the configuration's)")
	flags.Var(oneOf(&g.LogFormat, "text", "json"), "log-format", "form of the log on stderr: text or json")
	flags.BoolVar(&g.Quiet, "quiet", false, "no progress, and only warnings and errors in the log")
	flags.VarP(oneOf(&g.Output, formTable, formJSON, formCSV, formArrow), "output", "o", "form of the result on stdout: table, json or csv (query: arrow too)")
}

func (g *globalFlags) validate(cmd *cobra.Command) error {
	if g.Output == formArrow && cmd.Name() != "query" {
		return errs.New(errs.Usage, "-o arrow is a form of query only", "use table, json or csv")
	}
	if isURL(g.Warehouse) {
		return errs.New(errs.Usage, "--warehouse: a warehouse in an object store is not in this version", "give a folder on a local disk")
	}
	return nil
}

// setFromEnvironment gives every flag that the command line leaves out the value of its twin.
func (g *globalFlags) setFromEnvironment(flags *pflag.FlagSet, lookup func(string) (string, bool)) error {
	var wrong joined
	flags.VisitAll(func(flag *pflag.Flag) {
		name := twin(flag.Name)
		value, _ := lookup(name)
		if value == "" || flag.Changed || flag.Name == "help" {
			return
		}
		var err error
		if flag.Value.Type() == "bool" && !slices.Contains([]string{"true", "false", "1", "0"}, value) {
			err = errors.New("must be true, false, 1 or 0")
		} else {
			err = flags.Set(flag.Name, value)
			if inner := errors.Unwrap(err); inner != nil {
				err = inner // without pflag's words about an argument, which there was none of
			}
		}
		if err != nil {
			wrong = append(wrong, &errs.Error{Class: errs.Usage, What: "environment variable " + name, Err: err, Hint: "it stands for the flag --" + flag.Name})
		}
	})
	if len(wrong) > 0 {
		return wrong
	}
	return nil
}

// twin is the environment variable of a flag.
func twin(flag string) string {
	return "VAULTREPORT_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// flagOf is a flag of any type that has a parser.
type flagOf[T any] struct {
	value *T
	text  string
	kind  string
	parse func(string) (T, error)
}

// valueOf returns a flag that parse reads; text is how help shows the default, "" for none.
func valueOf[T any](value *T, text, kind string, parse func(string) (T, error)) *flagOf[T] {
	return &flagOf[T]{value: value, text: text, kind: kind, parse: parse}
}

func (f *flagOf[T]) Set(text string) error {
	value, err := f.parse(text)
	if err != nil {
		return err
	}
	*f.value, f.text = value, text
	return nil
}

func (f *flagOf[T]) String() string { return f.text }
func (f *flagOf[T]) Type() string   { return f.kind }

// oneOf returns a flag with a fixed list of values.
func oneOf(value *string, allowed ...string) *flagOf[string] {
	return valueOf(value, *value, strings.Join(allowed, "|"), func(text string) (string, error) {
		if !slices.Contains(allowed, text) {
			return "", fmt.Errorf("must be one of %s", strings.Join(allowed, ", "))
		}
		return text, nil
	})
}

// optional returns a flag that stays nil until it is given: only then it wins over the configuration.
func optional[T any](value **T, kind string, parse func(string) (T, error)) *flagOf[*T] {
	return valueOf(value, "", kind, func(text string) (*T, error) {
		parsed, err := parse(text)
		return &parsed, err
	})
}

// dayFlag returns a flag of a business day.
func dayFlag(value **bizday.Day) *flagOf[*bizday.Day] {
	return optional(value, "YYYY-MM-DD", func(text string) (bizday.Day, error) {
		day, err := bizday.Parse(text)
		if err != nil {
			return 0, errors.New("must be a day of the form YYYY-MM-DD")
		}
		return day, nil
	})
}

// wholeNumber returns the parser of integers from least to most.
func wholeNumber(least, most int) func(string) (int, error) {
	return func(text string) (int, error) {
		n, err := strconv.Atoi(text)
		if err != nil || n < least || n > most {
			return 0, fmt.Errorf("must be a whole number from %d to %d", least, most)
		}
		return n, nil
	}
}

// maxThreads is the bound of the schema, too.
const maxThreads = 1024

// durationFlag returns a flag of a length of time.
func durationFlag(value *time.Duration) *flagOf[time.Duration] {
	return valueOf(value, value.String(), "duration", func(text string) (time.Duration, error) {
		span, err := parseTimeSpan(text)
		return time.Duration(span), err
	})
}
