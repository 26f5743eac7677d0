package transform

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"vaultreport/internal/duck"
	"vaultreport/internal/errs"
	"vaultreport/transform/catalogue"
)

// metricsFile is the metric catalogue.
const metricsFile = catalogue.File

// What a view gathers from the catalogue, in place of SQL of its own.
const (
	gathersNeeds   = "needs"   // of all metrics
	gathersMetrics = "metrics" // what the models of the added metrics measure
)

// measureTable has the columns of what a metric measures.
const measureTable = "metric_measure"

// loadMetrics reads the catalogue, and holds the models of added metrics to the form that metric_daily can judge.
func (p *Project) loadMetrics(fsys fs.FS) (err error) {
	if p.metrics, p.added, err = catalogue.Load(fsys, addedDir); err != nil {
		return err
	}
	for _, m := range p.added {
		if c := p.contract(m.Model); c == nil || !c.View || c.Like != measureTable {
			return errs.New(errs.Usage, fmt.Sprintf("%s: metric %s: model %q is no view like %s", metricsFile, m.Name, m.Model, measureTable),
				"write models/"+m.Model+".yaml with view: true and like: "+measureTable)
		}
	}
	return nil
}

// Metrics returns the metric catalogue: that of the shipped models, and that of a project.
func (p *Project) Metrics() catalogue.Catalogue { return slices.Concat(p.metrics, p.added) }

// gather gives a view that gathers its inputs, and returns its query.
func (p *Project) gather(c *contract) string {
	if c.Gathers == gathersNeeds {
		return needsOf(p.Metrics(), c)
	}
	var parts []string
	for _, m := range p.added {
		if !slices.ContainsFunc(c.Inputs, func(in input) bool { return in.Table == m.Model }) {
			c.Inputs = append(c.Inputs, input{Table: m.Model, Days: "same"})
			parts = append(parts, "select "+p.measured(m.Model, c)+" from "+m.Model)
		}
	}
	if len(parts) == 0 {
		return c.table.Empty()
	}
	return strings.Join(parts, " union all ")
}

// measured lists the columns of what a model measures; a metric that is not in the catalogue stops the run.
func (p *Project) measured(model string, c *contract) string {
	var names []string
	for _, m := range p.added {
		if m.Model == model {
			names = append(names, duck.Quote(m.Name))
		}
	}
	columns := make([]string, len(c.Columns))
	for i, column := range c.Columns {
		columns[i] = column.Name
		if column.Name == "metric" {
			columns[i] = fmt.Sprintf("case when metric in (%s) then metric else error('model %s measures ' || coalesce(metric, 'NULL') || ', and %s does not say so') end as metric",
				strings.Join(names, ", "), model, metricsFile)
		}
	}
	return strings.Join(columns, ", ")
}

// needsOf returns the rows of what metrics need, as a query: in the order in which a lack is named.
func needsOf(metrics catalogue.Catalogue, c *contract) string {
	var rows []string
	for _, m := range metrics {
		for i, n := range m.Needs {
			kind, name, column := "event", n.Event, "null"
			switch {
			case n.Events != "":
				continue // that there is a source of lines at all is looked at for the whole day
			case n.Table != "":
				kind, name = "table", n.Table
			case n.Column != "":
				table, of, _ := strings.Cut(n.Column, ".")
				kind, name, column = "column", table, duck.Quote(of)
			}
			part, vaultsBy := catalogue.All, "null"
			if n.Part != "" {
				part = n.Part
			}
			if n.VaultsBy != "" {
				vaultsBy = duck.Quote(n.VaultsBy)
			}
			rows = append(rows, fmt.Sprintf("(%s, %s, %d, %s, %s, %s, %s)", duck.Quote(m.Name), duck.Quote(part), i+1, vaultsBy, duck.Quote(kind), duck.Quote(name), column))
		}
	}
	names, typed := make([]string, len(c.Columns)), make([]string, len(c.Columns))
	for i, column := range c.Columns {
		names[i] = column.Name
		typed[i] = fmt.Sprintf("%s::%s as %s", column.Name, column.Type, column.Name)
	}
	return fmt.Sprintf("select %s from (values %s) as need(%s)", strings.Join(typed, ", "), strings.Join(rows, ", "), strings.Join(names, ", "))
}
