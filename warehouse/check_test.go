package warehouse

import (
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"vaultreport/internal/errs"
	"vaultreport/internal/vfs"
	"vaultreport/internal/vfs/faultfs"
)

func TestCheckFindsWhatIsNotAsItWasPublished(t *testing.T) {
	const events, metrics, page = "lake/events/dt=2026-01-02/data.parquet", "marts/metric_daily/dt=2026-01-02/data.parquet", "reports/dt=2026-01-02/index.html"
	noLinks := faultfs.Every("link", faultfs.Fail)
	overwrite := func(t *testing.T, name string) {
		t.Helper()
		if err := os.WriteFile(name, []byte("other"), 0o640); err != nil {
			t.Fatal(err)
		}
	}
	replace := func(t *testing.T, name string) {
		t.Helper()
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
		overwrite(t, name)
	}
	const otherDigest = "d9298a10d1b0735837dc4bd85dac641b0f3cef27a47e5d53a54f2f3f5b2fcffa"
	for _, c := range []struct {
		name   string
		rule   faultfs.Rule
		damage func(t *testing.T, root, object string) // of metrics
		want   []Damage
	}{
		{"nothing", nil, func(*testing.T, string, string) {}, nil},
		{"nothing where links do not work", noLinks, func(*testing.T, string, string) {}, nil},
		{"an edit in place changes content and folder", nil, func(t *testing.T, root, _ string) { overwrite(t, filepath.Join(root, metrics)) },
			[]Damage{{metrics, true, otherBytes, otherDigest, 5}}},
		{"an edit of a copy", noLinks, func(t *testing.T, root, _ string) { overwrite(t, filepath.Join(root, metrics)) },
			[]Damage{{metrics, false, otherBytes, otherDigest, 5}}},
		{"an edit of content of which there is a copy", noLinks, func(t *testing.T, _, object string) { overwrite(t, object) },
			[]Damage{{metrics, true, otherBytes, otherDigest, 5}}},
		{"another file in the folder", nil, func(t *testing.T, root, _ string) { replace(t, filepath.Join(root, page)) },
			[]Damage{{page, false, otherBytes, otherDigest, 5}}},
		{"content and file are gone, and others are there", nil, func(t *testing.T, root, object string) {
			for _, name := range []string{object, filepath.Join(root, events)} {
				if err := os.Remove(name); err != nil {
					t.Fatal(err)
				}
			}
			overwrite(t, filepath.Join(root, "lake/events/more.parquet"))
			overwrite(t, filepath.Join(root, "lake/events/README"))
		}, []Damage{{metrics, true, isMissing, "", 0}, {events, false, isMissing, "", 0}, {Path: "lake/events/more.parquet", What: isStranger}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := prepare(t, c.rule)
			w := machine{root: root}.open(t)
			m, err := w.Latest()
			if err != nil {
				t.Fatal(err)
			}
			f, _ := m.File("metric_daily", day1)
			c.damage(t, root, w.ObjectPath(f))
			before := disk(t, root)
			var checked atomic.Int64
			got, err := w.Check(t.Context(), m, 2, func() { checked.Add(1) })
			if err != nil {
				t.Fatal(err)
			}
			equal(t, "damage", got, c.want)
			equal(t, "disk", disk(t, root), before)
			if want := int64(2*len(m.Files) - 1); checked.Load() != want { // the newest page has two names
				t.Errorf("told of %d files, want %d", checked.Load(), want)
			}
		})
	}
}

func TestCheckOfADiskThatDoesNotAnswer(t *testing.T) {
	root := prepare(t, nil)
	w := machine{root: root, fs: faultfs.New(vfs.OS(), faultfs.Every("read", faultfs.Fail))}.open(t)
	m, err := machine{root: root}.open(t).Latest()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Check(t.Context(), m, 1, func() {}); errs.ClassOf(err) != errs.Unreachable {
		t.Errorf("got %v", err)
	}
}
