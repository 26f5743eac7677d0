package kubernetes

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
)

// wanted is what a job does with a pod that ended with a code. It repeats the sentence "For a scheduler" of
// docs/operators.md, because that page is for people; the list of codes itself is compared with the page and with the code.
var wanted = map[int32]batchv1.PodFailurePolicyAction{
	1:   batchv1.PodFailurePolicyActionCount,   // retried once: backoffLimit
	2:   batchv1.PodFailurePolicyActionFailJob, // a person corrects the configuration
	3:   batchv1.PodFailurePolicyActionFailJob, // a person looks at the data
	4:   batchv1.PodFailurePolicyActionFailJob, // published: there is nothing to do again
	5:   batchv1.PodFailurePolicyActionIgnore,  // retried with a pause until the deadline
	6:   batchv1.PodFailurePolicyActionIgnore,
	7:   batchv1.PodFailurePolicyActionIgnore,
	130: batchv1.PodFailurePolicyActionIgnore, // interrupted: the same command again
	143: batchv1.PodFailurePolicyActionIgnore,
	137: batchv1.PodFailurePolicyActionCount, // killed, most often for its memory: not one of ours
}

func TestEachExitCodeIsRetriedAsTheOperatorsPageSays(t *testing.T) {
	for name, d := range deployments(t) {
		policy := jobOf(d).PodFailurePolicy
		for code, want := range wanted {
			if got := actionOn(policy, container(d).Name, code); got != want {
				t.Errorf("%s: exit code %d: %s, want %s", name, code, got, want)
			}
		}
		if !is(jobOf(d).BackoffLimit, 1) {
			t.Errorf("%s: backoffLimit: exit code 1 is retried once", name)
		}
	}
}

func TestADisruptedPodIsReplaced(t *testing.T) {
	for name, d := range deployments(t) {
		found := slices.ContainsFunc(jobOf(d).PodFailurePolicy.Rules, func(r batchv1.PodFailurePolicyRule) bool {
			return r.Action == batchv1.PodFailurePolicyActionIgnore && slices.Contains(r.OnPodConditions,
				batchv1.PodFailurePolicyOnPodConditionsPattern{Type: corev1.DisruptionTarget, Status: corev1.ConditionTrue})
		})
		if !found {
			t.Errorf("%s: a drained node makes the job fail", name)
		}
	}
}

// The API server checks this, and no test here talks to one.
func TestRulesAreOnesThatTheAPIAccepts(t *testing.T) {
	for name, d := range deployments(t) {
		rules := jobOf(d).PodFailurePolicy.Rules
		if len(rules) > 20 {
			t.Errorf("%s: %d rules, at most 20", name, len(rules))
		}
		for i, r := range rules {
			if (r.OnExitCodes == nil) == (len(r.OnPodConditions) == 0) {
				t.Errorf("%s: rule %d: either exit codes or conditions", name, i)
			}
			if on := r.OnExitCodes; on != nil {
				sorted := slices.Compact(slices.Sorted(slices.Values(on.Values)))
				if !slices.Equal(sorted, on.Values) || slices.Contains(on.Values, 0) || !is(on.ContainerName, container(d).Name) {
					t.Errorf("%s: rule %d: exit codes are sorted, once each, without 0, and those of our container", name, i)
				}
			}
		}
	}
}

// actionOn is how a job controller treats an exit code: the first rule that fits, else it counts.
func actionOn(policy *batchv1.PodFailurePolicy, container string, code int32) batchv1.PodFailurePolicyAction {
	for _, r := range policy.Rules {
		on := r.OnExitCodes
		if on == nil || on.ContainerName != nil && *on.ContainerName != container {
			continue
		}
		if slices.Contains(on.Values, code) == (on.Operator == batchv1.PodFailurePolicyOnExitCodesOpIn) {
			return r.Action
		}
	}
	return batchv1.PodFailurePolicyActionCount
}

func TestEveryExitCodeHasARule(t *testing.T) {
	var ours []int
	for code := range wanted {
		if code != 128+int32(syscall.SIGKILL) {
			ours = append(ours, int(code))
		}
	}
	ours = append(ours, 0) // a pod that ends with it has not failed
	slices.Sort(ours)
	for where, codes := range map[string][]int{
		"docs/operators.md":             codesOfTable(t, "../../docs/operators.md"),
		"scheduler/kubernetes/README":   codesOfTable(t, "README.md"),
		"exitCode of cmd/vaultreport":   codesOfCode(t, "../../cmd/vaultreport/exit.go"),
		"docs/contract.md, the section": codesOfContract(t, "../../docs/contract.md"),
	} {
		if !slices.Equal(codes, ours) {
			t.Errorf("%s has the codes %v, the manifests are made for %v: decide in base/cronjob.yaml, here, and in the tables", where, codes, ours)
		}
	}
}

// codesOfTable reads the first column of the table whose head begins with "code".
func codesOfTable(t *testing.T, file string) (codes []int) {
	t.Helper()
	_, table, _ := strings.Cut(read(t, file), "\n| code |")
	table, _, _ = strings.Cut(table, "\n\n")
	for _, row := range regexp.MustCompile(`(?m)^\| ([0-9, ]+) \|`).FindAllStringSubmatch(table, -1) {
		codes = append(codes, numbers(t, row[1])...)
	}
	slices.Sort(codes)
	return codes
}

// codesOfContract reads "Exit codes: 0 done; 1 ...; 130/143 interrupted".
func codesOfContract(t *testing.T, file string) (codes []int) {
	t.Helper()
	_, sentence, _ := strings.Cut(read(t, file), "\nExit codes: ")
	sentence, _, _ = strings.Cut(sentence, "\n\n")
	for _, item := range regexp.MustCompile(`(?:^|[;)] ?)\s*([0-9/]+) [a-z]`).FindAllStringSubmatch(strings.ReplaceAll(sentence, "\n", " "), -1) {
		codes = append(codes, numbers(t, item[1])...)
	}
	slices.Sort(codes)
	return codes
}

// codesOfCode collects the numbers that the function exitCode returns, and those of the signals it knows.
func codesOfCode(t *testing.T, file string) (codes []int) {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	signals := map[string]syscall.Signal{"SIGINT": syscall.SIGINT, "SIGTERM": syscall.SIGTERM, "SIGHUP": syscall.SIGHUP, "SIGQUIT": syscall.SIGQUIT}
	for _, declaration := range parsed.Decls {
		function, ok := declaration.(*ast.FuncDecl)
		if !ok {
			continue
		}
		ast.Inspect(function, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ReturnStmt:
				if function.Name.Name != "exitCode" || len(n.Results) != 1 {
					break
				}
				if literal, ok := n.Results[0].(*ast.BasicLit); ok {
					codes = append(codes, numbers(t, literal.Value)...)
				}
			case *ast.SelectorExpr:
				if signal, known := signals[n.Sel.Name]; known {
					codes = append(codes, 128+int(signal))
				}
			}
			return true
		})
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}

func numbers(t *testing.T, text string) (all []int) {
	t.Helper()
	for _, number := range regexp.MustCompile(`[0-9]+`).FindAllString(text, -1) {
		n, err := strconv.Atoi(number)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, n)
	}
	return all
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
