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
		{"progress.html", progressViews},
	}
	daySections = []section{
		{"ledger.html", ledgerView},
	}
)
