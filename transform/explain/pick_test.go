package explain

import (
	"strings"
	"testing"

	"vaultreport/internal/errs"
	"vaultreport/sql"
	"vaultreport/transform/catalogue"
)

// row reads a cell from "env period statistic vault_type variant segment".
func row(metric, text string) Cell {
	f := strings.Fields(text)
	return Cell{Env: f[0], Cell: catalogue.Cell{Metric: metric, Period: f[1], Statistic: f[2], VaultType: f[3], Variant: f[4], Segment: f[5]}}
}

func TestPickChoosesWhatIsClearAndAsksForTheRest(t *testing.T) {
	metrics, _, err := catalogue.Load(sql.FS, "added")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, metric, rows string
		wanted             Wanted
		want               string // the picked row, or the error
	}{
		{"the day and ALL types", "vault_claim_rate_by_type", "prod qtd rate ALL ALL ALL; prod day rate ALL ALL ALL; prod day rate GOLD ALL ALL", Wanted{},
			"prod day rate ALL ALL ALL"},
		{"another period", "vault_claim_rate_by_type", "prod qtd rate ALL ALL ALL; prod day rate ALL ALL ALL", Wanted{Period: "qtd"}, "prod qtd rate ALL ALL ALL"},
		{"one env of several", "batch_fail_count", "dev day count ALL ALL ALL; prod day count ALL ALL ALL", Wanted{}, "several values of env: name one with --env"},
		{"the env that there is", "batch_fail_count", "prod day count ALL ALL ALL; prod day count ALL ALL sweep", Wanted{}, "prod day count ALL ALL ALL"},
		{"the first statistic of the catalogue", "notify_enqueue_latency", "prod day max ALL ALL ALL; prod day p50 ALL ALL ALL; prod day p95 ALL ALL ALL", Wanted{}, "prod day p50 ALL ALL ALL"},
		{"the only type", "platinum_attendance_progress", "prod day avg PLATINUM ALL ALL; prod day count PLATINUM ALL days=0", Wanted{}, "prod day avg PLATINUM ALL ALL"},
		{"a statistic that follows from the segment", "platinum_attendance_progress", "prod day avg PLATINUM ALL ALL; prod day count PLATINUM ALL days=0", Wanted{Segment: "days=0"},
			"prod day count PLATINUM ALL days=0"},
		{"segments without a total", "vault_funnel", "prod day count ALL ALL CLAIMED; prod day count ALL ALL LOCKED", Wanted{}, "several values of segment: name one with --segment"},
		{"a variant of all types", "alert_sent_count", "prod day count ALL ALL ALL; prod day count GOLD ALL ALL; prod day count ALL A ALL", Wanted{Variant: "A"}, "prod day count ALL A ALL"},
		{"a value that there is not", "vault_funnel", "prod day count ALL ALL CLAIMED; prod day count ALL ALL LOCKED", Wanted{Segment: "OPEN"}, `has no row with segment "OPEN"`},
		{"values that do not go together", "alert_sent_count", "prod day count GOLD ALL ALL; prod day count ALL A ALL", Wanted{VaultType: "GOLD", Variant: "A"}, `has no row with variant_id "A"`},
		{"no row", "alert_delivery", "", Wanted{}, "alert_delivery has no row on this day"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, _ := metrics.Metric(c.metric)
			var cells []Cell
			for text := range strings.SplitSeq(c.rows, "; ") {
				if text != "" {
					cells = append(cells, row(c.metric, text))
				}
			}
			got, err := Pick(m, cells, c.wanted)
			if err != nil {
				if !strings.Contains(err.Error(), c.want) || errs.ClassOf(err) != errs.Usage || errs.HintOf(err) == "" {
					t.Errorf("got %v, want %q", err, c.want)
				}
				return
			}
			if strings.Count(c.want, " ") != 5 || got != row(c.metric, c.want) {
				t.Errorf("got %+v, want %s", got, c.want)
			}
		})
	}
}
