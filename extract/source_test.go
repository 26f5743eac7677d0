package extract

import (
	"slices"
	"testing"

	"vaultreport/internal/bizday"
)

func day(t testing.TB, text string) bizday.Day {
	t.Helper()
	d, err := bizday.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestPatternsOfADay(t *testing.T) {
	for _, c := range []struct {
		name, path string
		want       []string
	}{
		{"the plain date", "/logs/{date}/*.jsonl", []string{"/logs/2026-03-05/*.jsonl"}},
		{"a layout", "/logs/{date:2006/01/02}/x", []string{"/logs/2026/03/05/x"}},
		{"twice", "/logs/{date:2006-01}/{date}.gz", []string{"/logs/2026-03/2026-03-05.gz"}},
		{"no date", "/logs/all.jsonl", []string{"/logs/all.jsonl"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := Source{Name: "api", Path: c.path}
			if err := s.Validate(); err != nil {
				t.Fatal(err)
			}
			if got := s.patterns(day(t, "2026-03-05")); !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
	hours := Source{Name: "api", Path: "/logs/{date}/{hour}.jsonl"}.patterns(day(t, "2026-03-05"))
	if len(hours) != 24 || hours[0] != "/logs/2026-03-05/00.jsonl" || hours[23] != "/logs/2026-03-05/23.jsonl" {
		t.Errorf("hours: got %q", hours)
	}
}

func TestValidateRefusesOtherPlaceholders(t *testing.T) {
	for _, path := range []string{"/logs/{dt}/x", "/logs/{date", "/logs/{hour:15}", "/logs/{date:fixed}/x", "/logs/date}"} {
		if err := (Source{Name: "api", Path: path}).Validate(); err == nil {
			t.Errorf("%s: got no error", path)
		}
	}
}

func TestAMonthlyFileIsOfTheFirstOfTheMonthWhateverIsAskedFor(t *testing.T) {
	s := Source{Name: "api", Path: "/logs/{date:2006-01}.jsonl"}
	for _, asked := range []string{"2026-03-01", "2026-03-17", "2026-03-31"} {
		if got := s.firstDayOfPath(day(t, asked)); got != day(t, "2026-03-01") {
			t.Errorf("%s: got %s, want 2026-03-01", asked, got)
		}
	}
}

func TestNamesAreRelativeToTheConfiguration(t *testing.T) {
	for _, c := range [][3]string{
		{"/etc/vault", "/etc/vault/logs/a.jsonl", "logs/a.jsonl"},
		{"/etc/vault", "/var/log/a.jsonl", "../../var/log/a.jsonl"},
		{"/etc/vault", "-", "-"},
	} {
		if got := relativeName(c[0], c[1]); got != c[2] {
			t.Errorf("%s from %s: got %s, want %s", c[1], c[0], got, c[2])
		}
	}
}
