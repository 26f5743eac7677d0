package reports

import (
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"vaultreport/internal/event"
)

var placeholder = regexp.MustCompile(`\{[a-z]+\}`)

func TestLanguagesHaveTheSameKeysAndPlaceholders(t *testing.T) {
	en, err := loadTexts("en")
	if err != nil {
		t.Fatal(err)
	}
	ko, err := loadTexts("ko")
	if err != nil {
		t.Fatal(err)
	}
	for key, text := range en {
		want, got := placeholder.FindAllString(text, -1), placeholder.FindAllString(ko[key], -1)
		slices.Sort(want)
		slices.Sort(got)
		if ko[key] == "" || !slices.Equal(want, got) {
			t.Errorf("%s: en %q and ko %q do not say the same", key, text, ko[key])
		}
	}
}

var said = regexp.MustCompile(`\bsay(?:Or)?(?: |\()"([a-z_]+)"( ?\+)?`)

// Keys that are put together from a prefix and a value of the data are looked for by their prefix.
func TestEveryMessageIsSaidAndEverySaidMessageExists(t *testing.T) {
	texts, err := loadTexts("en")
	if err != nil {
		t.Fatal(err)
	}
	prefixes := []string{"vault_claim_rate_by_type", "vault_expire_rate_by_type", "platinum_attendance_progress", "diamond_deposit_progress"}
	keys := map[string]bool{}
	for _, file := range pageFiles(t) {
		for _, match := range said.FindAllStringSubmatch(file, -1) {
			if match[2] != "" {
				prefixes = append(prefixes, match[1])
				continue
			}
			keys[match[1]] = true
			if _, ok := texts[match[1]]; !ok {
				t.Errorf("message %q is said and not in messages.yaml", match[1])
			}
		}
	}
	for key := range texts {
		if !keys[key] && !slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(key, p) }) {
			t.Errorf("message %q is in messages.yaml and nobody says it", key)
		}
	}
}

func TestEveryReasonOfQuarantineHasItsWords(t *testing.T) {
	texts, err := loadTexts("en")
	if err != nil {
		t.Fatal(err)
	}
	for reason := event.TooLong; reason <= event.ConflictingDuplicate; reason++ {
		if key := "quarantine_" + reason.String(); texts[key] == "" {
			t.Errorf("messages.yaml lacks %s", key)
		}
	}
}

func pageFiles(t *testing.T) []string {
	t.Helper()
	var texts []string
	for _, pattern := range []string{"*.go", "*.html"} {
		names, err := fs.Glob(os.DirFS("."), pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			texts = append(texts, string(text))
		}
	}
	return texts
}
