package reports

import (
	"math"
	"os"
	"regexp"
	"strconv"
	"testing"
)

var colour = regexp.MustCompile(`--([a-z]+): #([0-9a-f]{6});`)

// The least contrast that WCAG 2 AA asks for: 4.5 of text, 3 of what a picture shows.
func TestColoursHaveEnoughContrast(t *testing.T) {
	style, err := os.ReadFile("style.css")
	if err != nil {
		t.Fatal(err)
	}
	all := colour.FindAllStringSubmatch(string(style), -1)
	half := len(all) / 2
	for name, part := range map[string][][]string{"light": all[:half], "dark": all[half:]} {
		colours := map[string]float64{}
		for _, match := range part {
			colours[match[1]] = luminance(t, match[2])
		}
		for _, text := range []string{"text", "quiet", "link", "note"} {
			for _, ground := range []string{"ground", "raised"} {
				if got := contrast(colours[text], colours[ground]); got < 4.5 {
					t.Errorf("%s: contrast of %s on %s is %.2f, want 4.5", name, text, ground, got)
				}
			}
		}
		if got := contrast(colours["ci"], colours["scale"]); got < 3 {
			t.Errorf("%s: contrast of ci on scale is %.2f, want 3", name, got)
		}
	}
}

func contrast(a, b float64) float64 { return (max(a, b) + 0.05) / (min(a, b) + 0.05) }

func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	n, err := strconv.ParseUint(hex, 16, 32)
	if err != nil {
		t.Fatal(err)
	}
	linear := func(channel uint64) float64 {
		c := float64(channel&255) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(n>>16) + 0.7152*linear(n>>8) + 0.0722*linear(n)
}
