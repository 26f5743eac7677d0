package alarm

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"math"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"vaultreport/internal/bizday"
	"vaultreport/internal/duck"
	"vaultreport/internal/event"
	"vaultreport/sql"
	"vaultreport/transform"
)

// lakeDay is a day of the lake.
type lakeDay struct {
	dt    bizday.Day
	zone  bizday.Zone
	emits []string
	rows  []string // SELECTs
	users int
}

func (l *lakeDay) add(t *testing.T, words []string) {
	if len(words) == 0 {
		return
	}
	env := "prod"
	if name, other := strings.CutPrefix(words[0], "env="); other {
		env, words = name, words[1:]
	}
	at := l.zone.Start(l.dt).Add(elapsed(t, words[0]))
	put := func(at time.Time, kind, columns string) {
		l.rows = append(l.rows, fmt.Sprintf("select date '%s' as dt, timestamp '%s' as ts, '%s' as env, '%s' as event, %s",
			l.dt, at.UTC().Format("2006-01-02 15:04:05.000000"), env, kind, columns))
	}
	id := func(text string) string {
		sum := sha256.Sum256([]byte(text))
		return fmt.Sprintf("unhex('%x')", sum[:16])
	}
	words = words[1:]
	switch {
	case words[0] == "fail":
		put(at, "BATCH_RUN_FINISHED", "'"+words[1]+"' as job, 'failure' as outcome")
	case words[0] == "succeed":
		put(at, "BATCH_RUN_FINISHED", "'"+words[1]+"' as job, 'success' as outcome")
	case words[0] == "latency":
		times := 1
		if len(words) > 2 {
			fmt.Sscanf(words[2], "x%d", &times)
		}
		for range times {
			put(at, "NOTIFY_ENQUEUED", words[1]+" as latency_ms")
		}
	case words[0] == "depth":
		put(at, "DLQ_DEPTH_SAMPLED", "'"+words[1]+"' as queue, "+words[2]+" as depth")
	case words[0] == "enqueue":
		put(at, "COMPENSATION_ENQUEUED", id(words[1])+" as compensation_id")
	case words[0] == "settle":
		put(at, "COMPENSATION_RETRIED", id(words[1])+" as compensation_id, 1 as attempt, 'success' as outcome")
	case words[0] == "give-up":
		put(at, "COMPENSATION_RETRIED", id(words[1])+" as compensation_id, 1 as attempt, 'gave_up' as outcome")
	case words[0] == "alerts":
		var sent, claimed int
		fmt.Sscanf(words[2]+" "+words[3], "%d %d", &sent, &claimed)
		variant := "'" + words[1] + "'"
		if words[1] == "untagged" {
			variant = "null"
		}
		for i := range sent {
			l.users++
			user := id(fmt.Sprint(l.dt, env, l.users)) + " as user_key, 'GOLD' as vault_type"
			put(at, "ALERT_SENT", user+", "+variant+" as variant_id")
			if i < claimed {
				put(at.Add(time.Minute), "VAULT_CLAIMED", user)
			}
		}
	default:
		t.Fatalf("unknown event %v", words)
	}
}

func elapsed(t *testing.T, text string) time.Duration {
	clock := strings.Split(text, ":")
	total := time.Duration(0)
	for i, unit := range []time.Duration{time.Hour, time.Minute, time.Second} {
		if i == len(clock) {
			break
		}
		n, err := strconv.ParseFloat(clock[i], 64)
		if err != nil {
			t.Fatalf("time %q: %v", text, err)
		}
		total += time.Duration(math.Round(n*1e6)) * (unit / 1e6)
	}
	return total
}

// putLake writes the lake files of a day.
func (n *night) putLake(t testing.TB, l lakeDay) {
	t.Helper()
	var catalogue []string
	for _, kind := range l.emits {
		catalogue = append(catalogue, fmt.Sprintf("select date '%s' as dt, 'logs' as source, 'event' as kind, '%s' as name", l.dt, kind))
	}
	for _, env := range []string{"prod"} { // an env is there on every day, also without a line
		catalogue = append(catalogue, fmt.Sprintf("select date '%s' as dt, 'logs' as source, 'table' as kind, 'compensation_queue' as name, '%s' as env", l.dt, env))
	}
	for table, rows := range map[string][]string{"events": l.rows, "source_catalogue": catalogue} {
		of, _ := n.project.Table(table)
		path, err := n.StagePath(of, l.dt)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Join(append([]string{of.Empty()}, rows...), " union all by name ")
		if _, err := n.db.Conn().ExecContext(context.Background(), fmt.Sprintf("copy (%s) to %s (format parquet, write_bloom_filter false)", text, duck.Quote(path))); err != nil {
			t.Fatal(err)
		}
		if _, err := n.Add(of, l.dt, int64(len(rows)), "given"); err != nil {
			t.Fatal(err)
		}
	}
}

// madeOf is what a contract tells of tables that are not there.
var madeOf = regexp.MustCompile(`(?m)^made_of:.*\n`)

// fewModels is the project without what rules on event time do not read.
func fewModels(t testing.TB) *transform.Project {
	t.Helper()
	files := fstest.MapFS{}
	err := fs.WalkDir(sql.FS, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		folder, base := path.Split(name)
		model, _, _ := strings.Cut(base, ".")
		needed := []string{"env_seen", "queue_depth", "compensation_move", "compensation_open", "alarm", "alarm_span", "alarm_evaluation"}
		if folder != "lake/" && !slices.Contains(needed, model) && base != "metric_daily.yaml" {
			return nil
		}
		text, err := fs.ReadFile(sql.FS, name)
		if base == "metric_daily.yaml" {
			_, columns, _ := strings.Cut(string(text), "\ncolumns:")
			text = []byte("description: no model\ngrain: none\nkey: [dt]\nversion: 1\nwritten_by: alarms\ncolumns:" + columns)
		}
		files[name] = &fstest.MapFile{Data: madeOf.ReplaceAll(text, nil)}
		return err
	})
	files["metrics.yaml"] = &fstest.MapFile{Data: []byte("metrics: []\n")}
	if err != nil {
		t.Fatal(err)
	}
	project, err := transform.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	return project
}

func kindNames() []string {
	var names []string
	for _, kind := range event.Kinds() {
		names = append(names, kind.String())
	}
	slices.Sort(names)
	return names
}

func mustZone(t testing.TB, name string) bizday.Zone {
	t.Helper()
	zone, err := bizday.LoadZone(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}
