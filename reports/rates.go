package reports

import (
	"strconv"

	"vaultreport/internal/bizday"
)

// rateMetrics are the vault rates of docs/definitions.md section 5 in the order of the page.
var rateMetrics = [...]string{"vault_claim_rate_by_type", "vault_expire_rate_by_type"}

// vaultTypes are the rows of a vault rate: the types with a life cycle, and their total.
var vaultTypes = [...]string{"GOLD", "PLATINUM", "DIAMOND", all}

// rateTable is one rate of one env as rates.html shows it.
type rateTable struct {
	ID, Env, Metric   string
	Quarter, Previous spanView // the days of qtd and of prev_qtd
	Rows              []rateRow
}

type spanView struct{ First, Last bizday.Day }

type rateRow struct {
	VaultType     string
	Total         bool
	Day           rateView
	DoD, WoW, QoQ changeView
	QTD, PrevQTD  rateView
}

// rateView is a rate in texts. Without a value only Note is set.
type rateView struct {
	Value, Counts, Interval, Note string
	Bar                           *barView
}

// barView draws a rate and its interval on a scale of 0 to 100; without an interval its width is "0.0".
type barView struct{ Value, Low, Width string }

// changeView is a change of a rate in texts. Without a value only Note is set.
type changeView struct {
	Relative, Points, PValue, Note string
	Clear                          bool // hardly chance: p below 0.05
}

func ratesView(p *page, m *marts, env string) any {
	var tables []rateTable
	for _, metric := range rateMetrics {
		first, last := m.day.AlignedPreviousQuarter()
		table := rateTable{
			ID:       "rate-" + env + "-" + metric,
			Env:      env,
			Metric:   metric,
			Quarter:  spanView{m.day.QuarterStart(), m.day},
			Previous: spanView{first, last},
		}
		for _, vaultType := range vaultTypes {
			table.Rows = append(table.Rows, rateRow{
				VaultType: vaultType,
				Total:     vaultType == all,
				Day:       p.rate(m, env, metric, "day", vaultType),
				DoD:       p.change(m, env, metric, vaultType, "dod"),
				WoW:       p.change(m, env, metric, vaultType, "wow"),
				QTD:       p.rate(m, env, metric, "qtd", vaultType),
				PrevQTD:   p.rate(m, env, metric, "prev_qtd", vaultType),
				QoQ:       p.change(m, env, metric, vaultType, "qoq"),
			})
		}
		tables = append(tables, table)
	}
	return tables
}

func (p *page) rate(m *marts, env, metric, period, vaultType string) rateView {
	c, ok := m.cells[cellKey{env, metric, period, vaultType, all, all, "rate"}]
	if !ok {
		return rateView{Note: p.say("state_absent")}
	}
	view := rateView{Note: p.note(c.state, c.reason, c.value.Valid)}
	if !c.value.Valid {
		return view
	}
	view.Value = percent(c.value.V)
	view.Counts = p.say("counts", "numerator", count(c.numerator.V), "denominator", count(c.denominator.V))
	view.Interval = p.say("interval_absent")
	view.Bar = &barView{Value: barLength(c.value.V), Low: "0.0", Width: "0.0"}
	if c.ciLow.Valid && c.ciHigh.Valid {
		view.Interval = p.say("interval", "interval", interval(c.ciLow.V, c.ciHigh.V))
		view.Bar.Low, view.Bar.Width = barLength(c.ciLow.V), barLength(c.ciHigh.V-c.ciLow.V)
	}
	return view
}

func barLength(ratio float64) string { return strconv.FormatFloat(min(ratio, 1)*100, 'f', 1, 64) }

func (p *page) change(m *marts, env, metric, vaultType, comparison string) changeView {
	c, ok := m.changes[changeKey{env, metric, vaultType, all, all, "rate", comparison}]
	if !ok {
		return changeView{Note: p.say("state_absent")}
	}
	view := changeView{Note: p.note(c.state, c.reason, c.relative.Valid)}
	if !c.relative.Valid {
		return view
	}
	view.Relative = signedPercent(c.relative.V)
	view.Points = p.say("points", "points", signedHundredfold(c.absolute.V), "baseline", percent(c.baseline.V))
	if c.pValue.Valid {
		view.PValue = pValue(c.pValue.V)
		view.Clear = c.pValue.V < 0.05
	}
	return view
}

// ratesLead is the sentence about the rates of one env.
func (p *page) ratesLead(m *marts, env string) string {
	text := ""
	for i, metric := range rateMetrics {
		if i > 0 {
			text += "; "
		}
		text += p.rateLead(m, env, metric)
	}
	return text
}

func (p *page) rateLead(m *marts, env, metric string) string {
	name := p.say(metric + "_in_text")
	day := p.rate(m, env, metric, "day", all)
	if day.Value == "" {
		return p.say("lead_rate_absent", "name", name, "note", day.Note)
	}
	dod := p.change(m, env, metric, all, "dod")
	if dod.Relative == "" {
		return p.say("lead_rate_alone", "name", name, "value", day.Value, "note", dod.Note)
	}
	return p.say("lead_rate", "name", name, "value", day.Value, "change", dod.Relative)
}
