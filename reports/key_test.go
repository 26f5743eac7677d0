package reports

import (
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
)

// notOfThePage are the files whose change leaves the bytes of every report alone.
var notOfThePage = []string{"doc.go", "build.go", "key.go"}

func TestTheKeyCoversTheCodeThatShapesThePage(t *testing.T) {
	covered, err := fs.Glob(code, "*.go")
	if err != nil {
		t.Fatal(err)
	}
	files, err := fs.Glob(os.DirFS("."), "*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") || slices.Contains(notOfThePage, file) || slices.Contains(covered, file) {
			continue
		}
		t.Errorf("%s is not in the digest of the report's key: add it to the go:embed line in key.go", file)
	}
}
