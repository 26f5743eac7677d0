package reports

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

func TestARealBrowserOpensThePageWithoutComplaint(t *testing.T) {
	browser := startBrowser(t)
	for _, name := range []string{"two_envs.en", "two_envs.ko", "every_state.en", "tables_only.en", "tables_only.ko", "every_metric.en", "every_metric.ko", "hostile.en", "many_files.en", "empty.en"} {
		t.Run(name, func(t *testing.T) {
			fixture, language, _ := strings.Cut(name, ".")
			tab := openTab(t, browser, built(t, fixture, language))
			if got := tab.complaints(t); len(got) > 0 {
				t.Errorf("the browser complained:\n%s", strings.Join(got, "\n"))
			}
			for _, width := range []int64{320, 360, 390, 800, 1200} {
				tab.do(t, chromedp.EmulateViewport(width, 800))
				overflow := evaluate[int](t, tab, `document.documentElement.scrollWidth - document.documentElement.clientWidth`)
				if overflow > 0 {
					t.Errorf("at %d pixels the page is %d pixels too wide", width, overflow)
				}
			}
			hidden := evaluate[int](t, tab, `[...document.querySelectorAll("h1, h2, h3, caption, td, th")].filter(e => e.offsetHeight === 0).length`)
			if hidden > 0 {
				t.Errorf("%d headings or cells are not shown", hidden)
			}
		})
	}
}

func TestTheStyleApplies(t *testing.T) {
	tab := openTab(t, startBrowser(t), built(t, "two_envs", "en"))
	for scheme, want := range map[string]string{"light": "rgb(255, 255, 255)", "dark": "rgb(18, 23, 30)"} {
		tab.do(t, preferring(scheme))
		ground := evaluate[string](t, tab, `getComputedStyle(document.documentElement).backgroundColor`)
		if ground != want {
			t.Errorf("%s: got ground %s, want %s", scheme, ground, want)
		}
	}
}

// A test that never sees a complaint must be able to.
func TestTheBrowserTestSeesWhatIsForbidden(t *testing.T) {
	page := built(t, "empty", "en")
	browser := startBrowser(t)
	for name, broken := range map[string]string{
		"a style that the policy does not name": strings.Replace(page, "</style>", " </style>", 1),
		"an inline style":                       strings.Replace(page, "<main>", `<main style="color: red">`, 1),
		"a script":                              strings.Replace(page, "<main>", `<main><script>1</script>`, 1),
		"a request":                             strings.Replace(policyPart.ReplaceAllString(page, ""), "<main>", `<main><img alt="" src="other.png">`, 1),
		"an exception":                          strings.Replace(policyPart.ReplaceAllString(page, ""), "<main>", `<main><script>throw 1</script>`, 1),
	} {
		t.Run(name, func(t *testing.T) {
			if got := openTab(t, browser, broken).complaints(t); len(got) == 0 {
				t.Error("the browser complained of nothing")
			}
		})
	}
}

// startBrowser starts a headless Chromium of its own, which ends with the test.
func startBrowser(t *testing.T) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal("chromium is not installed: apt-get install chromium, or make test, which installs it")
	}
	allocator, cancel := chromedp.NewExecAllocator(context.Background(),
		chromedp.ExecPath(path),
		chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("headless", "new"),
		chromedp.Flag("no-sandbox", true),
		chromedp.Flag("disable-gpu", true),
		chromedp.NoFirstRun,
		chromedp.NoDefaultBrowserCheck,
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-dev-shm-usage", true),
	)
	t.Cleanup(cancel)
	browser, cancelBrowser := chromedp.NewContext(allocator)
	t.Cleanup(cancelBrowser)
	if err := chromedp.Do(browser); err != nil {
		t.Fatalf("start %s: %v", path, err)
	}
	return browser
}

// browserTab collects everything that a user would not want a report to do.
type browserTab struct {
	ctx  context.Context
	mu   sync.Mutex
	seen []string
}

func openTab(t *testing.T, browser context.Context, page string) *browserTab {
	t.Helper()
	path := filepath.Join(t.TempDir(), "index.html")
	if err := os.WriteFile(path, []byte(page), 0o600); err != nil {
		t.Fatal(err)
	}
	address := (&url.URL{Scheme: "file", Path: path}).String()
	ctx, cancel := chromedp.NewContext(browser)
	t.Cleanup(cancel)
	tab := &browserTab{ctx: ctx}
	if err := chromedp.Listen(ctx, func(event any) { tab.listen(event, address) }); err != nil {
		t.Fatal(err)
	}
	tab.do(t, chromedp.Navigate(address))
	return tab
}

func preferring(scheme string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		return err
	})
}

// patience is how long a step in the browser may take before the test fails.
const patience = time.Minute

func (tab *browserTab) do(t *testing.T, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.Fatal(err)
	}
}

func evaluate[T any](t *testing.T, tab *browserTab, script string) T {
	t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, patience)
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// complaints waits until the page has been drawn once more, so that events of the opening are here.
func (tab *browserTab) complaints(t *testing.T) []string {
	t.Helper()
	evaluate[bool](t, tab, `new Promise(done => requestAnimationFrame(() => setTimeout(() => done(true))))`)
	tab.mu.Lock()
	defer tab.mu.Unlock()
	return slices.Clone(tab.seen)
}

func (tab *browserTab) listen(event any, address string) {
	complaint := ""
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		if e.Request.URL != address && !strings.HasPrefix(e.Request.URL, "data:") {
			complaint = "request of " + e.Request.URL
		}
	case *log.EventEntryAdded:
		complaint = fmt.Sprintf("%s %s: %s", e.Entry.Source, e.Entry.Level, e.Entry.Text)
	case *runtime.EventConsoleAPICalled:
		complaint = fmt.Sprintf("console %s", e.Type)
	case *runtime.EventExceptionThrown:
		complaint = "exception " + e.ExceptionDetails.Text
	}
	if complaint == "" {
		return
	}
	tab.mu.Lock()
	defer tab.mu.Unlock()
	tab.seen = append(tab.seen, complaint)
}
