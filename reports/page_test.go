package reports

import (
	"crypto/sha256"
	"encoding/base64"
	"html"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	stylePart  = regexp.MustCompile(`(?s)<style>(.*?)</style>`)
	policyPart = regexp.MustCompile(`<meta http-equiv="Content-Security-Policy" content="([^"]*)">`)
)

func TestThePolicyAllowsExactlyTheStyleOfThePage(t *testing.T) {
	for _, name := range []string{"two_envs", "hostile"} {
		page := built(t, name, "en")
		styles := stylePart.FindAllStringSubmatch(page, -1)
		if len(styles) != 1 {
			t.Fatalf("%s: got %d styles, want 1", name, len(styles))
		}
		sum := sha256.Sum256([]byte(styles[0][1]))
		want := "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
			"'; img-src data:; base-uri 'none'; form-action 'none'"
		got := policyPart.FindStringSubmatch(page)
		if got == nil || html.UnescapeString(got[1]) != want {
			t.Errorf("%s: got policy %q, want %q", name, got, want)
		}
	}
}

// What could make a request, run or need 'unsafe-inline', wherever it stood.
var forbidden = []string{"http:", "https:", "<script", "<iframe", "<img", " style=", "javascript:", "@import", "url("}

func TestAPageAsksForNothing(t *testing.T) {
	for _, name := range []string{"two_envs", "every_state", "every_metric", "hostile", "empty"} {
		page := strings.ToLower(built(t, name, "en"))
		for _, text := range forbidden {
			if strings.Contains(page, text) {
				t.Errorf("%s: the page holds %q", name, text)
			}
		}
	}
}

func TestNamesAreEscaped(t *testing.T) {
	page := built(t, "hostile", "en")
	for _, text := range []string{
		"&lt;script&gt;alert(3)&lt;/script&gt;",
		"&lt;/style&gt;&lt;style&gt;body{display:none}&lt;/style&gt;",
		"&lt;iframe src=//example.invalid&gt;",
		"&lt;b&gt;rule&lt;/b&gt;",
		"&lt;u&gt;env&lt;/u&gt; &lt;s&gt;type&lt;/s&gt;",
		"&lt;script&gt;alert(4)&lt;/script&gt;",
		"&lt;em&gt;part&lt;/em&gt;",
		"&lt;i&gt;reason&lt;/i&gt;",
		"&lt;img src=x onerror=alert(1)&gt;",
		"&amp;lt;{{.}}&amp;#x202e;",
	} {
		if !strings.Contains(page, text) {
			t.Errorf("the page does not show %q as text", text)
		}
	}
}

func TestUnknownIsNeverZeroOrBlank(t *testing.T) {
	for _, name := range []string{"every_state.en", "every_state.ko", "every_metric.en", "every_metric.ko"} {
		fixture, language, _ := strings.Cut(name, ".")
		page := built(t, fixture, language)
		if empty := regexp.MustCompile(`<t[dh][^>]*>(<span class="label"[^>]*>[^<]*</span>)?\s*</t[dh]>`).FindString(page); empty != "" {
			t.Errorf("%s: a cell is blank: %s", name, empty)
		}
		for _, unknown := range []string{"state_", "reason_", "NaN", "&lt;nil&gt;", "{name}", "{k}"} {
			if strings.Contains(page, unknown) {
				t.Errorf("%s: the page holds %q", name, unknown)
			}
		}
	}
}

func TestProdComesFirstAndDataQualityIsNoEnv(t *testing.T) {
	m := &marts{cells: map[cellKey]cell{}}
	for _, env := range []string{"staging", "ALL", "dev", "prod", "qa", "alpha"} {
		m.cells[cellKey{env: env}] = cell{}
	}
	if got, want := envs(m), []string{"prod", "alpha", "dev", "qa", "staging"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestOfManyFilesThoseWithTheMostQuarantinedLinesAreShown(t *testing.T) {
	page := built(t, "many_files", "en")
	var got []string
	for _, match := range regexp.MustCompile(`class="path">logs/(\d\d)\.jsonl`).FindAllStringSubmatch(page, -1) {
		got = append(got, match[1])
	}
	want := []string{"03", "21", "20", "19", "18", "17", "16", "15", "14", "13"}
	if !slices.Equal(got, want) {
		t.Errorf("got files %v, want %v", got, want)
	}
	if !strings.Contains(page, "the 10 of 21 files with the most quarantined lines") {
		t.Error("the page does not say that files are left out")
	}
}

func TestUsersOfAMeanDoNotGiveAHiddenBucketAway(t *testing.T) {
	page := built(t, "two_envs", "en")
	_, dev, _ := strings.Cut(page, `id="progress-dev-platinum_attendance_progress"`)
	dev, _, _ = strings.Cut(dev, "</section>")
	if !strings.Contains(dev, "0.50 days") || !strings.Contains(dev, "suppressed") || strings.Contains(dev, "users: 8") {
		t.Errorf("a bucket is hidden, and the page shows\n%s", dev)
	}
	if !strings.Contains(page, "users: 4,411") {
		t.Error("where no bucket is hidden the page does not show the users")
	}
}
