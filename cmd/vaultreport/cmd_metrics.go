package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"vaultreport/internal/yamlschema"
	"vaultreport/transform/catalogue"
)

func newMetricsCommand(a *app) *cobra.Command {
	return newVerbGroup("metrics", "Say what a metric means",
		`Show the metric catalogue: what each metric of metric_daily is, its units and rows, what it needs, and what was chosen where its
definition is silent. "vaultreport explain" shows where one value comes from.`,
		newMetricsListCommand(a), newMetricsShowCommand(a))
}

func newMetricsListCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the metrics, with their units and periods",
		Long: "List every metric of the catalogue, with its units, its periods and one sentence." +
			exitCodesHelp("0  listed", "1  unexpected failure", "2  wrong usage", "130, 143  interrupted"),
		Example: "  vaultreport metrics list\n  vaultreport metrics list -o csv > metrics.csv",
		Args:    noWords,
		RunE:    func(*cobra.Command, []string) error { return a.runMetricsList() },
	}
}

func newMetricsShowCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "show NAME",
		Short: "Show all that the catalogue says of one metric",
		Long: `Show a metric: its definition and the section that it comes from, the model that computes it and what that reads, its rows in
metric_daily (in brackets what has rows only where it occurs), what must be there so that it can be computed, and what was chosen
where the definition is silent.` +
			exitCodesHelp("0  shown", "1  unexpected failure", "2  no such metric, wrong usage", "130, 143  interrupted"),
		Example: "  vaultreport metrics show vault_claim_rate_by_type\n  vaultreport metrics show dlq_size -o json",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage(fmt.Sprintf("metrics show takes one name, not %d", len(args)), `"vaultreport metrics list" lists them`)
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return a.runMetricsShow(args[0]) },
	}
}

// listedMetric is a metric of the list as JSON.
type listedMetric struct {
	Name       string   `json:"metric"`
	Units      []string `json:"units"`
	Periods    []string `json:"periods"`
	Statistics []string `json:"statistics"`
	Summary    string   `json:"summary"`
}

func (a *app) runMetricsList() error {
	project, err := a.project()
	if err != nil {
		return err
	}
	metrics := project.Metrics()
	list := make([]listedMetric, len(metrics))
	g := &grid{columns: []string{"metric", "units", "periods", "statistics", "summary"}}
	var text bytes.Buffer
	fmt.Fprintf(&text, "%-33s  %-15s  %s\n%s  %s  %s\n", "metric", "units", "periods", strings.Repeat("-", 33), strings.Repeat("-", 15), strings.Repeat("-", 16))
	for i, m := range metrics {
		list[i] = listedMetric{m.Name, m.Units(), m.Periods(), m.Statistics(), m.Summary}
		units, periods := strings.Join(m.Units(), " "), strings.Join(m.Periods(), " ")
		g.add(m.Name, units, periods, strings.Join(m.Statistics(), " "), m.Summary)
		line := fmt.Sprintf("%-33s  %-15s  %s", m.Name, units, periods)
		fmt.Fprintf(&text, "%s\n    %s\n", strings.TrimRight(line, " "), m.Summary)
	}
	switch a.global.Output {
	case formJSON:
		return json.NewEncoder(a.out).Encode(list)
	case formCSV:
		return a.write(g.csv())
	default:
		return a.write(text.Bytes())
	}
}

// findMetric returns a metric, or an error that names the nearest one.
func findMetric(metrics catalogue.Catalogue, name string) (*catalogue.Metric, error) {
	if m, known := metrics.Metric(name); known {
		return m, nil
	}
	const before = "nearest metric: "
	hint := yamlschema.Nearest(before, name, metrics.Names())
	if i := slices.IndexFunc(metrics, func(m catalogue.Metric) bool { return strings.Contains(m.Name, name) }); i >= 0 && name != "" {
		hint = before + metrics[i].Name // who left out a part means it, however many letters it has
	}
	return nil, usage(fmt.Sprintf("no metric is named %q", name), hint)
}

func (a *app) runMetricsShow(name string) error {
	project, err := a.project()
	if err != nil {
		return err
	}
	m, err := findMetric(project.Metrics(), name)
	if err != nil {
		return err
	}
	models, tables := project.Sources(m.Model)
	switch a.global.Output {
	case formJSON:
		return json.NewEncoder(a.out).Encode(struct {
			*catalogue.Metric
			SQL    string   `json:"sql"`
			Models []string `json:"models"`
			Tables []string `json:"tables"`
		}{m, project.SQLFile(m.Model), models, tables})
	case formCSV:
		g := &grid{columns: []string{"key", "value"}}
		for _, f := range metricFacts(m, project.SQLFile(m.Model), models, tables) {
			g.add(f.key, f.value)
		}
		return a.write(g.csv())
	default:
		var b bytes.Buffer
		for _, f := range metricFacts(m, project.SQLFile(m.Model), models, tables) {
			writeParagraph(&b, f.key, fmt.Sprint(f.value))
		}
		return a.write(b.Bytes())
	}
}

// metricFacts is an entry of the catalogue for people, a key and a text each; a key may be there several times.
func metricFacts(m *catalogue.Metric, sqlFile string, models, tables []string) []fact {
	facts := []fact{{"metric", m.Name}}
	if m.AskedForAs != "" {
		facts = append(facts, fact{"asked for", m.AskedForAs})
	}
	facts = append(facts, fact{"definition", m.Definition})
	if len(m.Sections) > 0 {
		facts = append(facts, fact{"source", sectionList(m.Sections)})
	}
	facts = append(facts, fact{"model", sqlFile})
	if len(models) > 0 {
		facts = append(facts, fact{"through", strings.Join(models, ", ")})
	}
	facts = append(facts, fact{"from", strings.Join(tables, ", ")})
	if m.Window != "" {
		facts = append(facts, fact{"window", m.Window + ": a day is immature until the days that it reaches are extracted"})
	}
	about := "yes; a cell of fewer than k users is suppressed"
	if !m.AboutUsers {
		about = "no; users is NULL and nothing is suppressed"
	}
	facts = append(facts, fact{"about users", about})
	for _, s := range m.Shapes {
		facts = append(facts, fact{"rows", shapeText(s)})
	}
	if len(m.Shapes) == 0 {
		facts = append(facts, fact{"rows", "a mart of its own: " + m.Model})
	}
	if files := explainFiles(m); len(files) > 0 {
		facts = append(facts, fact{"explained by", strings.Join(files, ", ")})
	}
	for _, text := range needTexts(m.Needs) {
		facts = append(facts, fact{"needs", text})
	}
	for _, text := range m.Choices {
		facts = append(facts, fact{"choice", text})
	}
	return facts
}

// explainFiles are the queries that lead to the rows behind a metric's values, each once.
func explainFiles(m *catalogue.Metric) (files []string) {
	for _, s := range m.Shapes {
		if file := "sql/explain/" + s.Explain + ".sql"; !slices.Contains(files, file) {
			files = append(files, file)
		}
	}
	return files
}

// shapeText says which rows a shape has. In brackets stands what has rows only where it occurs.
func shapeText(s catalogue.Shape) string {
	words := []string{strings.Join(s.Statistics, ", ") + " in " + s.Unit, strings.Join(s.Periods, ", ")}
	split := func(name string, always []string, ifAny ...string) {
		for _, value := range ifAny {
			if value != "" {
				always = append(slices.Clip(always), "["+value+"]")
			}
		}
		if !slices.Equal(always, []string{catalogue.All}) {
			words = append(words, name+" "+strings.Join(always, ", "))
		}
	}
	split("vault_type", s.VaultTypes, s.VaultTypesIfAny...)
	split("variant_id", s.Variants, s.VariantsIfAny)
	split("segment", s.Segments, s.SegmentsIfAny)
	text := strings.Join(words, "; ")
	if s.SegmentIs != "" {
		text += " (" + s.SegmentIs + ")"
	}
	return text
}

// needTexts are the needs, those of one part and kind of env together.
func needTexts(needs []catalogue.Need) (texts []string) {
	names := map[string][]string{}
	var order []string
	for _, n := range needs {
		var words []string
		if n.Part != "" {
			words = append(words, n.Part)
		}
		if n.VaultsBy != "" {
			words = append(words, map[string]string{"events": "with events", "snapshots": "without events"}[n.VaultsBy])
		}
		group := strings.Join(words, ", ")
		if names[group] == nil {
			order = append(order, group)
		}
		names[group] = append(names[group], n.Name())
	}
	for _, group := range order {
		text := strings.Join(names[group], ", ")
		if group != "" {
			text = group + ": " + text
		}
		texts = append(texts, text)
	}
	return texts
}
