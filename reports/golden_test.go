package reports

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestGoldenPages(t *testing.T) {
	for _, c := range []struct{ fixture, language string }{
		{"two_envs", "en"}, {"two_envs", "ko"},
		{"every_state", "en"}, {"every_state", "ko"},
		{"tables_only", "en"}, {"tables_only", "ko"},
		{"every_metric", "en"}, {"every_metric", "ko"},
		{"empty", "en"},
	} {
		name := c.fixture + "." + c.language
		t.Run(name, func(t *testing.T) {
			got := withoutStyle(built(t, c.fixture, c.language))
			path := filepath.Join("testdata", name+".golden")
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
				t.Errorf("the page changed (-golden +now); look at it, then run go test ./reports -update\n%s", diff)
			}
		})
	}
}

// withoutStyle leaves the style and its digest out, so that a golden file shows the content and a new colour does not
// rewrite all of them.
func withoutStyle(html string) string {
	before, rest, _ := strings.Cut(html, "<style>")
	style, after, _ := strings.Cut(rest, "</style>")
	return strings.Replace(before, policy(style), "POLICY", 1) + "<style>STYLE</style>" + after
}
