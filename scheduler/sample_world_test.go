package scheduler

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"vaultreport/extract"
	"vaultreport/internal/pii"
	"vaultreport/internal/sample"
)

// writeSample writes a small sample: all that the real one has, in nine days. The quarter changes in it.
func writeSample(t testing.TB, dir string) (o sample.Options, span string) {
	t.Helper()
	o = sample.Default()
	o.Users, o.Days, o.End, o.Dir = 60, 9, "2026-04-04", dir
	result, err := sample.Write(context.Background(), o, func(int, int) {})
	if err != nil {
		t.Fatal(err)
	}
	return o, result.First + ".." + result.Last
}

// useSample makes the sample that lies in the world its sources.
func (w *world) useSample() {
	w.t.Helper()
	w.options.Sources = []extract.Source{{Name: "api", Path: filepath.Join(w.dir, "logs/{date}/*.jsonl.gz"), Lookback: 1, Lookahead: 1, MaxLine: 1 << 20}}
	w.options.Tables = []extract.TableSource{{Name: "vault-db", Env: "prod", Path: filepath.Join(w.dir, "dumps/{date}/{table}.csv")}}
	key, err := os.ReadFile(filepath.Join(w.dir, "secrets/user.key"))
	if err != nil {
		w.t.Fatal(err)
	}
	if w.options.Key, err = pii.ParseKey(key); err != nil {
		w.t.Fatal(err)
	}
	canaries, err := os.ReadFile(filepath.Join(w.dir, "canaries.txt"))
	if err != nil {
		w.t.Fatal(err)
	}
	var short []int
	if w.options.Canaries, short = pii.ParseLiterals(canaries); len(short) > 0 {
		w.t.Fatalf("canaries that are too short: lines %v", short)
	}
}

// sampleNight is what a run over all days of the sample left. Many tests begin there, and it takes long: it is run once.
type sampleNight struct {
	dir    string // in which the sample and the warehouse lie
	sample sample.Options
	span   string
	result Result
	log    string // all of it, debug too
}

var theSampleNight struct {
	once sync.Once
	sampleNight
}

// sampleAfterItsRun is a world of the sample after a run over all its days, a copy of its own for each test.
func sampleAfterItsRun(t *testing.T) (w *world, night sampleNight) {
	t.Helper()
	theSampleNight.once.Do(func() {
		var log bytes.Buffer
		lived := newWorld(t, "Asia/Seoul")
		lived.dir = filepath.Join(lasting, "sample")
		lived.options.Base, lived.options.Warehouse = lived.dir, filepath.Join(lived.dir, "warehouse")
		o, span := writeSample(t, lived.dir)
		lived.useSample()
		lived.options.Log = slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		result := lived.mustRun(span)
		theSampleNight.sampleNight = sampleNight{dir: lived.dir, sample: o, span: span, result: result, log: log.String()}
	})
	night = theSampleNight.sampleNight
	if night.dir == "" {
		t.Fatal("the run over the sample failed in another test")
	}
	w = newWorld(t, "Asia/Seoul")
	w.copyTree(night.dir, w.dir)
	w.useSample()
	clock := w.options.Now().Add(24 * time.Hour) // later than the run
	w.options.Now = func() time.Time { clock = clock.Add(time.Second); return clock }
	night.result.Report = strings.Replace(night.result.Report, night.dir, w.dir, 1)
	return w, night
}

// lasting is a folder that lasts as long as the tests of this package.
var lasting string

func TestMain(m *testing.M) { os.Exit(inLastingFolder(m.Run)) }

func inLastingFolder(run func() int) int {
	var err error
	if lasting, err = os.MkdirTemp("", "scheduler-tests"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(lasting)
	return run()
}

// copyTree keeps the hard links within the tree, and the times of files.
func (w *world) copyTree(from, to string) {
	w.t.Helper()
	if err := os.RemoveAll(to); err != nil {
		w.t.Fatal(err)
	}
	if out, err := exec.Command("cp", "-a", from, to).CombinedOutput(); err != nil {
		w.t.Fatalf("%v: %s", err, out)
	}
}
