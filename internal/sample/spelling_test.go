package sample

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestASpelledInstantIsNeverLaterAndLessThanASecondEarlier(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := rapid.Int64Range(0, 4102444800*second).Draw(t, "at")
		s := &speller{r: rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))}
		text := string(s.instant(nil, at))
		read, err := time.Parse(time.RFC3339Nano, strings.ToUpper(text))
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if early := at - read.UnixMicro(); early < 0 || early >= second {
			t.Fatalf("%s is %d us early", text, early)
		}
	})
}

func TestEverySpellingOfAnEventSaysTheSame(t *testing.T) {
	c := plantable()
	rapid.Check(t, func(t *rapid.T) {
		s := &speller{r: rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 2)), env: "prod", canaries: &c}
		e := event{at: 1700000000 * second, kind: kind(rapid.IntRange(0, int(kinds)-1).Draw(t, "kind")), user: 5,
			vault: platinum, number: 7000, ref: rapid.Uint64().Draw(t, "ref"), expires: 1800000000, word: "success", name: "x",
			variant: "A", notify: "PUSH"}
		if e.kind == expiryExtended {
			e.word = "OPS"
		}
		id := s.request()
		var first *record
		for range 8 {
			line := s.line(nil, &e, id)
			r, reason := classify(line, false)
			if reason != "" {
				t.Fatalf("%s: %s", reason, line)
			}
			if first == nil {
				first = r
			}
			if r.rest != first.rest || r.req != first.req || id.given() && r.identity != first.identity {
				t.Fatalf("%+v is spelled as something else: %s", e, line)
			}
		}
	})
}

func TestCSVReadsBackWithNullApartFromText(t *testing.T) {
	var b bytes.Buffer
	w := &row{w: bufio.NewWriter(&b)}
	w.header("a", "b", "c", "d", "e")
	w.text("say \"hi\",\nnow")
	w.text("")
	w.integer(-7)
	w.bool(true)
	w.instant(1767193200*second + 120000)
	w.end()
	w.w.Flush()
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	got, _ := json.Marshal(rows[1])
	if want := `["say \"hi\",\nnow","","-7","t","2026-01-01 00:00:00.12+09"]`; string(got) != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestAHostileLineIsRefusedForItsReason(t *testing.T) {
	c := plantable()
	r := rand.New(rand.NewPCG(1, 3))
	for _, reason := range reasons {
		t.Run(reason, func(t *testing.T) {
			for range 200 {
				line := hostile(r, &c, "prod", reason, 20000, 10)
				if _, got := classify([]byte(line), false); got != reason {
					t.Fatalf("refused as %q: %.300s", got, line)
				}
				if reason == "too_long" {
					break
				}
			}
		})
	}
}
