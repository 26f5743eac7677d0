package reports

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"html/template"
	"slices"
	"strconv"
	"strings"

	"vaultreport/internal/bizday"
	"vaultreport/internal/errs"
)

// page renders the reports of any number of days with one set of options. One page serves one goroutine.
type page struct {
	texts
	options  Options
	zone     bizday.Zone
	style    string
	template *template.Template
}

// newPage checks the options and parses what is embedded; a wrong option is an error of class Usage.
func newPage(o Options) (*page, error) {
	if strings.TrimSpace(o.Title) == "" {
		return nil, errs.New(errs.Usage, "report.title: the title is empty", "name what the report is about")
	}
	texts, err := loadTexts(o.Language)
	if err != nil {
		return nil, err
	}
	zone, err := bizday.LoadZone(o.Zone)
	if err != nil {
		return nil, err
	}
	style, err := assets.ReadFile("style.css")
	if err != nil {
		return nil, fmt.Errorf("style.css: %w", err)
	}
	parsed, err := template.New("").Funcs(template.FuncMap{"say": texts.say}).ParseFS(assets, "*.html")
	if err != nil {
		return nil, fmt.Errorf("templates of the report: %w", err)
	}
	return &page{texts: texts, options: o, zone: zone, style: string(style), template: parsed}, nil
}

// pageView is what page.html shows.
type pageView struct {
	Language, Title, Day, Weekday, Zone, K string

	Policy   template.HTMLAttr
	Style    template.CSS
	First    []template.HTML
	Lead     []leadView
	Envs     []envView
	Sections []template.HTML
}

// leadView is one sentence of the lead about Subject.
type leadView struct{ Subject, Text string }

type envView struct {
	Env      string
	Sections []template.HTML
}

func (p *page) render(m *marts) ([]byte, error) {
	view := pageView{
		Language: p.options.Language,
		Title:    p.options.Title,
		Day:      m.day.String(),
		Weekday:  p.say("weekday_" + strings.ToLower(m.day.Midnight().Weekday().String())),
		Zone:     p.options.Zone,
		K:        strconv.Itoa(p.options.K),
		Policy:   template.HTMLAttr(`content="` + policy(p.style) + `"`),
		Style:    template.CSS(p.style),
	}
	var err error
	if view.First, err = p.renderSections(firstSections, m, ""); err != nil {
		return nil, err
	}
	for _, env := range envs(m) {
		e := envView{Env: env}
		if e.Sections, err = p.renderSections(envSections, m, env); err != nil {
			return nil, err
		}
		view.Envs = append(view.Envs, e)
		view.Lead = append(view.Lead, leadView{env, p.ratesLead(m, env)})
	}
	view.Lead = append(view.Lead, leadView{p.say("ledger"), p.ledgerLead(m)})
	if len(m.restated) > 0 {
		view.Lead = append(view.Lead, leadView{p.say("restated"), p.restatedLead(m)})
	}
	if view.Sections, err = p.renderSections(daySections, m, ""); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := p.template.ExecuteTemplate(&out, "page.html", view); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// restatedLead is the sentence about what changed after the day was published.
func (p *page) restatedLead(m *marts) string {
	var parts []string
	for _, r := range m.restated {
		parts = append(parts, p.say("restated_by", "cells", count(r.cells), "cause", p.say("cause_"+r.cause), "last", r.last))
	}
	return p.say("lead_restated", "list", strings.Join(parts, ", "))
}

// renderSections returns HTML that html/template has escaped, which is why it may enter the page as it is.
func (p *page) renderSections(sections []section, m *marts, env string) ([]template.HTML, error) {
	var result []template.HTML
	for _, s := range sections {
		view := s.view(p, m, env)
		if view == nil {
			continue
		}
		var out bytes.Buffer
		if err := p.template.ExecuteTemplate(&out, s.name, view); err != nil {
			return nil, err
		}
		result = append(result, template.HTML(out.String()))
	}
	return result, nil
}

// policy returns the Content-Security-Policy of a page with this style: the style itself and images inside the page
// (the empty icon, without which a browser asks the server for one), and nothing else.
func policy(style string) string {
	sum := sha256.Sum256([]byte(style))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; img-src data:; base-uri 'none'; form-action 'none'"
}

// envs returns the envs with a cell on the day: prod first, then by name. ALL is the env of data quality, no env.
func envs(m *marts) []string {
	seen := map[string]bool{all: true}
	var result []string
	for k := range m.cells {
		if !seen[k.env] {
			seen[k.env] = true
			result = append(result, k.env)
		}
	}
	slices.SortFunc(result, func(a, b string) int {
		return cmp.Or(cmp.Compare(notProd(a), notProd(b)), cmp.Compare(a, b))
	})
	return result
}

func notProd(env string) int {
	if env == "prod" {
		return 0
	}
	return 1
}
