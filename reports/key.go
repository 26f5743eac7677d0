package reports

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"path"
)

// assets are the parts of the page that are not Go.
//
//go:embed *.html style.css messages.yaml
var assets embed.FS

// code is the Go that shapes the page. It is embedded for its digest only: a change of a format or a section must
// rebuild the reports of all days, and a version number kept by hand would be forgotten once.
//
//go:embed absent.go alarms.go alarms_change.go alarms_state.go format.go language.go ledger.go marts.go page.go plain.go plain_added.go plain_list.go progress.go rates.go sections.go state.go
var code embed.FS

// reportKey is the identity of a report: SHA-256 over everything that its bytes depend on. Lengths are written before
// texts, so that no two lists of values run together into one.
func reportKey(in inputs, restated string, o Options) string {
	h := sha256.New()
	for _, files := range []embed.FS{assets, code} {
		addFiles(h, files)
	}
	for i, file := range in {
		addText(h, inputTables[i], file.SHA256)
	}
	addText(h, restated, o.Title, o.Language, o.Zone, fmt.Sprint(o.K))
	for _, r := range o.Rules {
		addText(h, fmt.Sprintf("%#v", r))
	}
	return hex.EncodeToString(h.Sum(nil))
}

func addFiles(w io.Writer, files embed.FS) {
	names, err := fs.Glob(files, "*")
	if err != nil {
		panic(err) // only a malformed pattern fails, and it is a constant
	}
	for _, name := range names {
		text, err := files.ReadFile(path.Clean(name))
		if err != nil {
			panic(err) // an embedded file that was just listed
		}
		addText(w, name, string(text))
	}
}

func addText(w io.Writer, texts ...string) {
	for _, text := range texts {
		fmt.Fprintf(w, "%d:%s", len(text), text)
	}
}
