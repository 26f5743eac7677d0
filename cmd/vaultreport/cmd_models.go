package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"vaultreport/transform"
	"vaultreport/warehouse"
)

func newModelsCommand(a *app) *cobra.Command {
	return newVerbGroup("models", "Show tables, models and what they are made of",
		`Show the tables and views of the project: what they hold, who answers for them, what they are made of and what is made of them.
`+selectorHelp,
		newModelsListCommand(a), newModelsGraphCommand(a), newModelsDocsCommand(a), newModelsLockCommand(a))
}

const selectorHelp = `Selectors choose some, and several of them what any chooses:
  metric_daily     the table or view of this name
  +metric_daily    and all that it is made of
  metric_daily+    and all that is made of it
  +metric_daily+   and both
  tag:vault        what has the tag, with + as above
  state:modified   models whose SQL or contract is not that of the newest published file, with + as above; comments, blank space and
                   prose make no difference. A changed view counts in the models that read it`

func newModelsListCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "list [SELECTOR...]",
		Short: "List tables and views",
		Long: `List the tables and views that selectors choose, without one all, by name: lake (extraction writes it), model, view (in no file), alarms
and restatement (other parts of a run write them). inputs counts what it is made of; digest is of what decides a model's result besides its
inputs, the model_digest of its files. json and csv have the digest as a whole, grain, readers, version and freshness too.
` + selectorHelp +
			exitCodesHelp("0  listed, or none is chosen", "1  unexpected failure", "2  wrong usage, no such table, nothing published to compare with", "3  a query of the project cannot be planned", "7  the warehouse cannot be opened", "130, 143  interrupted"),
		Example: "  vaultreport models list\n  vaultreport models list tag:vault\n  vaultreport models list state:modified+ -o json",
		RunE: func(cmd *cobra.Command, selectors []string) error {
			return a.runModelsList(cmd.Context(), selectors)
		},
	}
}

func (a *app) runModelsList(ctx context.Context, selectors []string) error {
	c, err := a.loadConfig()
	if err != nil {
		return err
	}
	if _, err := c.checkedModels(ctx); err != nil {
		return err
	}
	entries, err := a.selectedEntries(selectors)
	if err != nil {
		return err
	}
	switch a.global.Output {
	case formJSON:
		listed := make([]listedEntry, len(entries))
		for i, e := range entries {
			listed[i] = newListedEntry(e)
		}
		return json.NewEncoder(a.out).Encode(listed)
	case formCSV:
		g := &grid{columns: []string{"name", "kind", "grain", "tags", "owner", "inputs", "digest", "version", "freshness", "readers"}}
		for _, e := range entries {
			l := newListedEntry(e)
			g.add(l.Name, l.Kind, l.Grain, strings.Join(l.Tags, " "), l.Owner, len(l.Inputs), l.Digest, l.Version, promiseText(e), strings.Join(l.Readers, "; "))
		}
		_, err = a.out.Write(g.csv())
	default:
		g := &grid{columns: []string{"name", "kind", "owner", "tags", "inputs", "digest"}}
		for _, e := range entries {
			g.add(e.Name, e.Kind, e.Owner, strings.Join(e.Tags, " "), len(e.Inputs), shortDigest(e.Digest))
		}
		_, err = a.out.Write(g.table())
	}
	return err
}

// listedEntry is an entry for machines.
type listedEntry struct {
	Name        string   `json:"name"`
	Kind        string   `json:"kind"`
	Description string   `json:"description"`
	Grain       string   `json:"grain"`
	Tags        []string `json:"tags"`
	Owner       string   `json:"owner"`
	Inputs      []string `json:"inputs"` // each once
	ReadBy      []string `json:"read_by"`
	Readers     []string `json:"readers"`
	Version     string   `json:"version"`
	Freshness   *string  `json:"freshness"`
	Digest      string   `json:"digest"`
}

func newListedEntry(e transform.Entry) listedEntry {
	l := listedEntry{
		Name: e.Name, Kind: e.Kind, Description: e.Description, Grain: e.Grain, Tags: e.Tags, Owner: e.Owner, Inputs: e.Reads(), ReadBy: e.ReadBy,
		Readers: e.Readers, Version: e.Version, Digest: e.Digest,
	}
	if e.Promise != nil {
		text := e.Promise.String()
		l.Freshness = &text
	}
	for _, list := range []*[]string{&l.Tags, &l.Inputs, &l.ReadBy, &l.Readers} {
		if *list == nil {
			*list = []string{}
		}
	}
	return l
}

func promiseText(e transform.Entry) any {
	if e.Promise == nil {
		return nil
	}
	return e.Promise.String()
}

// shortDigest is enough of a digest to tell two apart.
func shortDigest(digest string) string { return digest[:min(8, len(digest))] }

// selectedEntries returns the entries of the project that selectors choose.
func (a *app) selectedEntries(selectors []string) ([]transform.Entry, error) {
	project, err := a.project()
	if err != nil {
		return nil, err
	}
	return transform.Select(project.Entries(), selectors, func() (map[string]bool, error) {
		files, err := a.publishedFiles()
		if err != nil {
			return nil, err
		}
		return project.Modified(files)
	})
}

// publishedFiles are the files of the newest snapshot, where they lie.
type publishedFiles struct {
	*warehouse.Manifest
	warehouse *warehouse.Warehouse
}

func (p publishedFiles) ReadPath(f warehouse.File) string { return p.warehouse.ObjectPath(f) }

func (a *app) publishedFiles() (publishedFiles, error) {
	w, err := a.openWarehouse()
	if err != nil {
		return publishedFiles{}, err
	}
	manifest, err := readManifest(w, "")
	if err != nil {
		return publishedFiles{}, err
	}
	return publishedFiles{manifest, w}, nil
}

func newModelsGraphCommand(a *app) *cobra.Command {
	form := graphText
	cmd := &cobra.Command{
		Use:   "graph [SELECTOR...]",
		Short: "Show what each table is made of",
		Long: `Show the tables and views that selectors choose, without one all, each with what it is made of and of which days: same is the day itself.
With --as mermaid or dot it is a drawing's text, of what is chosen alone.
` + selectorHelp +
			exitCodesHelp("0  shown, or none is chosen", "1  unexpected failure", "2  wrong usage, no such table, nothing published to compare with", "7  the warehouse cannot be opened", "130, 143  interrupted"),
		Example: "  vaultreport models graph +vault_daily\n  vaultreport models graph +vault_daily --as mermaid",
		RunE:    func(_ *cobra.Command, selectors []string) error { return a.runModelsGraph(selectors, form) },
	}
	cmd.Flags().Var(oneOf(&form, graphText, graphMermaid, graphDot), "as", "`form` of a graph for people: text, mermaid or dot")
	completeValues(cmd, "as", graphText, graphMermaid, graphDot)
	return cmd
}

func (a *app) runModelsGraph(selectors []string, form string) error {
	if form != graphText && a.global.Output != formTable {
		return usage(fmt.Sprintf("--as %s and -o %s are two forms", form, a.global.Output), "leave one of them out")
	}
	entries, err := a.selectedEntries(selectors)
	if err != nil {
		return err
	}
	switch a.global.Output {
	case formJSON:
		return json.NewEncoder(a.out).Encode(newGraph(entries))
	case formCSV:
		_, err = a.out.Write(newGraph(entries).csv())
	default:
		_, err = a.out.Write(drawGraph(entries, form))
	}
	return err
}
