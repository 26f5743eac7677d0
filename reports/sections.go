package reports

// section is one block of the page: view turns the marts into what the template called name shows. It may leave
// nothing to show by returning nil. A section of the page as a whole gets the env "".
type section struct {
	name string
	view func(p *page, m *marts, env string) any
}

// firstSections stand before everything else, envSections under the heading of each env, daySections once after all envs,
// each in this order.
var (
	firstSections = []section{
		{"alarms.html", alarmsView},
	}
	envSections = []section{
		{"absent.html", absentViews},
		{"rates.html", ratesView},
		plain("funnel"),
		{"progress.html", progressViews},
		plain("alerts"),
		plain("experiments"),
		plain("extensions"),
		plain("operations"),
		plain("countdown"),
		plain("vault_quality"),
		{"plain.html", addedMetrics},
	}
	daySections = []section{
		plain("data_quality"),
		{"ledger.html", ledgerView},
	}
)
