package extract

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"

	"vaultreport/extract/rows"
	"vaultreport/extract/table"
	"vaultreport/internal/bizday"
	"vaultreport/internal/errs"
	"vaultreport/internal/pii"
	"vaultreport/internal/vfs"
	"vaultreport/warehouse"
)

func TestTheDayThatALiveTableStandsFor(t *testing.T) {
	for _, c := range []struct {
		name, asked, today, want string // days of January 2026
	}{
		{"yesterday", "5", "6", "5"},
		{"today", "6", "6", "6"},
		{"the last of several", "3 4 5", "6", "5"},
		{"the day before yesterday", "4", "6", "none"},
		{"tomorrow", "5 6 7", "6", "none"},
		{"yesterday is not the last", "4 5 9", "6", "none"},
	} {
		var asked []bizday.Day
		for _, d := range strings.Fields(c.asked) {
			asked = append(asked, day(t, "2026-01-0"+d))
		}
		got := "none"
		if d, is := liveDay(asked, day(t, "2026-01-0"+c.today)); is {
			got = strings.TrimPrefix(d.String(), "2026-01-0")
		}
		if got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

func TestALiveSourceIsTakenOnce(t *testing.T) {
	s := TableSource{Name: "db", Env: "prod", DSN: "x"}
	with := func(inputs ...warehouse.Input) []*dump { return []*dump{{source: s}, {source: s, before: inputs}} }
	for _, c := range []struct {
		name   string
		own    []*dump
		retake bool
		want   bool
	}{
		{"nothing is remembered", with(), false, true},
		{"one of its tables is remembered", with(held("db", "prod", "vault_status", "x", "1")), false, false},
		{"of another env", with(held("db", "live", "vault_status", "x", "1")), false, true},
		{"the user wants it again", with(held("db", "prod", "vault_status", "x", "1")), true, true},
	} {
		if got := mustTake(s, c.own, c.retake); got != c.want {
			t.Errorf("%s: got %t", c.name, got)
		}
	}
}

func TestAConnectionStringDoesNotShow(t *testing.T) {
	s := TableSource{Name: "db", DSN: "postgres://reader:hunter2@db/vault"}
	encoded, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "source", s, "dsn", s.DSN)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "source", s, "dsn", s.DSN)
	for _, text := range []string{fmt.Sprintf("%v %+v %#v %s %q", s, s, s, s.DSN, s.DSN), string(encoded), log.String()} {
		if strings.Contains(text, "hunter2") {
			t.Errorf("shown: %s", text)
		}
	}
}

// fakeSnapshot has vault_status in two parts, of which the second fails with its error.
type fakeSnapshot struct {
	err    error
	closed *int
}

var errLost = errors.New("lost")

func (f fakeSnapshot) parts(_ context.Context, spec *table.Spec) ([]table.Reader, bool, error) {
	if spec.Name != "vault_status" {
		return nil, false, nil
	}
	return []table.Reader{fakePart{first: 1}, fakePart{first: 2, err: f.err}}, true, nil
}

func (f fakeSnapshot) lost(err error) bool { return errors.Is(err, errLost) }

func (f fakeSnapshot) Close() error {
	*f.closed++
	return nil
}

// fakePart has the users first, first+2 and first+4.
type fakePart struct {
	first int64
	err   error
}

func (fakePart) Attributes() []table.Attribute {
	attributes := []table.Attribute{{Name: "user_id", Type: table.IntegerType}, {Name: "expires_at", Type: table.InstantType}}
	for _, name := range []string{"gold_status", "platinum_status", "diamond_status"} {
		attributes = append(attributes, table.Attribute{Name: name, Type: table.TextType})
	}
	return attributes
}

func (p fakePart) Rows(_ context.Context, names []string, each func([]table.Value) error) error {
	for id := p.first; id < p.first+6; id += 2 {
		values := make([]table.Value, len(names))
		for i, name := range names {
			switch {
			case name == "user_id":
				values[i] = table.Value{Kind: table.Integer, Int: id}
			case strings.HasSuffix(name, "_status"):
				values[i] = table.Value{Kind: table.Text, Bytes: []byte("LOCKED")}
			}
		}
		if err := each(values); err != nil {
			return err
		}
	}
	return p.err
}

func (fakePart) Close() error { return nil }

type scratch struct {
	Store
	dir string
}

func (s scratch) Scratch() string { return s.dir }

type quiet struct{}

func (quiet) Stage(string, int64) {}
func (quiet) Rows(int64)          {}
func (quiet) Add(int64)           {}
func (quiet) Done()               {}

func TestALostSnapshotIsTakenAgain(t *testing.T) {
	key, err := pii.ParseKey([]byte(strings.Repeat("0f", 32)))
	if err != nil {
		t.Fatal(err)
	}
	zone, err := bizday.LoadZone("Asia/Seoul")
	if err != nil {
		t.Fatal(err)
	}
	other := errs.New(errs.Gate, "another error", "")
	for _, c := range []struct {
		name   string
		errs   []error // of each snapshot
		opened int
		class  errs.Class
		fails  bool
	}{
		{"nothing is lost", []error{nil}, 1, 0, false},
		{"lost once", []error{errLost, nil}, 2, 0, false},
		{"lost twice", []error{errLost, errLost, nil}, 3, 0, false},
		{"lost three times", []error{errLost, errLost, errLost, nil}, 3, errs.Unreachable, true},
		{"another error is final", []error{errLost, other, nil}, 2, errs.Gate, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			opened, closed := 0, 0
			s := TableSource{Name: "db", Env: "prod", DSN: "x"}
			x := &run{store: scratch{dir: t.TempDir()}, Options: Options{
				FS: vfs.OS(), Tables: []TableSource{s}, Zone: zone, Key: key, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Progress: quiet{},
			}}
			x.openSnapshot = func(context.Context, TableSource) (snapshot, error) {
				opened++
				return fakeSnapshot{c.errs[opened-1], &closed}, nil
			}
			own := []*dump{{source: s, spec: table.SpecOf("compensation_queue")}, {source: s, spec: table.SpecOf("vault_status"), number: 1}}
			ts := &tables{run: x, live: map[string][]*dump{"db": own}}
			defer ts.close()
			err := ts.takeLive(t.Context())
			if opened != c.opened || closed != opened {
				t.Errorf("%d snapshots opened and %d closed, want %d", opened, closed, c.opened)
			}
			if c.fails {
				if err == nil || errs.ClassOf(err) != c.class || !strings.HasPrefix(err.Error(), "source db: ") || own[1].taken != nil {
					t.Errorf("got %v (class %d), and %v held", err, errs.ClassOf(err), own[1].taken)
				}
				return
			}
			if err != nil || own[0].taken.there || !own[1].taken.there || own[1].taken.tally.read != 6 {
				t.Fatalf("got %v, want the six rows of the last snapshot: %+v, %+v", err, own[0].taken, own[1].taken)
			}
			n := 0
			if err := rows.Each(own[1].taken.sorters, func([]byte) error { n++; return nil }); err != nil || n != 6 {
				t.Errorf("%d rows, %v", n, err)
			}
		})
	}
}
