package reports

import (
	"math"
	"slices"
	"strconv"

	"github.com/dustin/go-humanize"
)

// progressMetric is a progress towards a vault as docs/definitions.md section 5 names its cells.
type progressMetric struct {
	name, vaultType string
	figures         []progressFigure
	buckets         []progressBucket
}

type progressFigure struct{ segment, statistic, unit string }

type progressBucket struct{ segment, label string }

var progressMetrics = [...]progressMetric{
	{
		name: "platinum_attendance_progress", vaultType: "PLATINUM",
		figures: []progressFigure{{all, "avg", "days"}},
		buckets: []progressBucket{{"days=0", "0"}, {"days=1", "1"}, {"days=2", "2"}, {"days=3", "3+"}},
	},
	{
		name: "diamond_deposit_progress", vaultType: "DIAMOND",
		figures: []progressFigure{{all, "p50", "krw"}, {"of_target", "p50", "ratio"}, {all, "p90", "krw"}, {"of_target", "p90", "ratio"}},
		buckets: []progressBucket{
			{"00-10%", "0–10%"}, {"10-20%", "10–20%"}, {"20-30%", "20–30%"}, {"30-40%", "30–40%"}, {"40-50%", "40–50%"}, {"50-60%", "50–60%"},
			{"60-70%", "60–70%"}, {"70-80%", "70–80%"}, {"80-90%", "80–90%"}, {"90-100%", "90–100%"}, {"100%+", "100%+"},
		},
	},
}

// progressView is one progress of one env as progress.html shows it.
type progressView struct {
	ID, Env, Metric string
	Absent          string // why there is nothing to show, else ""
	Figures         []figureView
	Buckets         []bucketView
}

// figureView is a value in texts. Without a value only Label and Note are set.
type figureView struct{ Label, Value, Users, Note string }

type bucketView struct{ Label, Users, Note string }

func progressViews(p *page, m *marts, env string) any {
	var views []progressView
	for _, metric := range progressMetrics {
		view := progressView{ID: "progress-" + env + "-" + metric.name, Env: env, Metric: metric.name}
		isComputable := false
		for _, f := range metric.figures {
			c, ok := m.cells[cellKey{env, metric.name, "day", metric.vaultType, all, f.segment, f.statistic}]
			isComputable = isComputable || ok && c.state != "not_computable"
			view.Absent = p.cellNote(c, ok)
			view.Figures = append(view.Figures, p.figure(f, c, ok))
		}
		for _, b := range metric.buckets {
			c, ok := m.cells[cellKey{env, metric.name, "day", metric.vaultType, all, b.segment, "count"}]
			isComputable = isComputable || ok && c.state != "not_computable"
			row := bucketView{Label: b.label, Note: p.cellNote(c, ok)}
			if c.value.Valid {
				row.Users = count(int64(c.value.V))
			}
			view.Buckets = append(view.Buckets, row)
		}
		if isComputable {
			view.Absent = ""
		}
		// All users less those of the shown buckets would be those of a hidden one.
		if slices.ContainsFunc(view.Buckets, func(b bucketView) bool { return b.Users == "" }) {
			for i := range view.Figures {
				view.Figures[i].Users = ""
			}
		}
		views = append(views, view)
	}
	return views
}

// cellNote is note, for a cell that may not be there.
func (p *page) cellNote(c cell, ok bool) string {
	if !ok {
		return p.say("state_absent")
	}
	return p.note(c.state, c.reason, c.value.Valid)
}

func (p *page) figure(f progressFigure, c cell, ok bool) figureView {
	view := figureView{Label: p.say("progress_" + f.statistic + "_" + f.unit), Note: p.cellNote(c, ok)}
	if !c.value.Valid {
		return view
	}
	view.Value = p.amount(c.value.V, f.unit)
	view.Users = p.say("progress_over", "users", count(c.sampleSize.V))
	return view
}

// amount returns a value with its unit. Money is shown in whole KRW, a time in the unit that suits its length.
func (p *page) amount(value float64, unit string) string {
	switch unit {
	case "count":
		return count(int64(value))
	case "ms":
		return p.say("amount_ms", "ms", humanize.Commaf(math.Round(value*10)/10))
	case "s":
		return p.duration(value)
	case "days":
		return p.say("amount_days", "days", strconv.FormatFloat(value, 'f', 2, 64))
	case "krw":
		return p.say("amount_krw", "amount", count(int64(math.Round(value))))
	default:
		return percent(value)
	}
}

// duration returns seconds in words, with one digit behind the point from an hour on.
func (p *page) duration(seconds float64) string {
	const minute, hour, day = 60, 3600, 86400
	switch {
	case seconds < minute:
		return p.say("amount_seconds", "seconds", strconv.FormatFloat(seconds, 'f', 0, 64))
	case seconds < hour:
		return p.say("amount_minutes", "minutes", strconv.FormatFloat(seconds/minute, 'f', 0, 64))
	case seconds < day:
		return p.say("amount_hours", "hours", strconv.FormatFloat(seconds/hour, 'f', 1, 64))
	default:
		return p.say("amount_days", "days", strconv.FormatFloat(seconds/day, 'f', 1, 64))
	}
}
