package kubernetes

import (
	"debug/elf"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// imageUser is the user "nonroot" of the base image.
const imageUser = 65532

// instruction is a line of a Containerfile: its word and the rest.
type instruction struct{ word, rest string }

func instructions(t *testing.T) (all []instruction) {
	t.Helper()
	for _, line := range strings.Split(read(t, "Containerfile"), "\n") {
		if word, rest, ok := strings.Cut(line, " "); ok && !strings.HasPrefix(line, "#") {
			all = append(all, instruction{word, rest})
		}
	}
	return all
}

// No image is built here. What can be seen without one is what these tests look at.
func TestContainerfile(t *testing.T) {
	var stages, users, entries []string
	var last []instruction // of the stage that becomes the image
	for _, i := range instructions(t) {
		switch i.word {
		case "FROM":
			image, stage, _ := strings.Cut(i.rest, " AS ")
			if tag := tagOf(image); tag == "" || tag == "latest" {
				t.Errorf("FROM %s: no tag names what it is", image)
			}
			stages, last = append(stages, stage), nil
		case "COPY":
			checkCopied(t, i.rest, stages)
		case "USER":
			users = append(users, i.rest)
		case "ENTRYPOINT":
			entries = append(entries, i.rest)
		case "WORKDIR", "RUN":
		default:
			t.Errorf("%s: no test knows it", i.word)
		}
		last = append(last, i)
	}
	if len(stages) != 2 {
		t.Errorf("%d stages: one builds, one is the image", len(stages))
	}
	if !slices.Equal(users, []string{"65532:65532"}) {
		t.Errorf("USER %q: a number, so that runAsNonRoot can see that it is not root, and the one of the manifests", users)
	}
	if !slices.Equal(entries, []string{`["/usr/local/bin/vaultreport"]`}) {
		t.Errorf("ENTRYPOINT %q", entries)
	}
	if !slices.Contains(last, instruction{"COPY", "--from=build /out/vaultreport /usr/local/bin/vaultreport"}) {
		t.Error("the image does not get the binary that its ENTRYPOINT names")
	}
	if slices.ContainsFunc(last, func(i instruction) bool { return i.word == "RUN" }) {
		t.Error("the image has no shell to RUN anything in")
	}
}

func checkCopied(t *testing.T, rest string, stages []string) {
	t.Helper()
	words := strings.Fields(rest)
	if stage, found := strings.CutPrefix(words[0], "--from="); found {
		if !slices.Contains(stages[:len(stages)-1], stage) {
			t.Errorf("COPY %s: no stage before it has that name", rest)
		}
		return
	}
	for _, source := range words[:len(words)-1] {
		if _, err := os.Stat(filepath.Join("../..", source)); err != nil {
			t.Errorf("COPY %s: %v", rest, err)
		}
	}
}

// The toolchain of the image must be new enough for go.mod.
func TestImageOfGoFitsTheModule(t *testing.T) {
	module := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(read(t, "../../go.mod"))
	image := instructions(t)[0]
	if module == nil || !strings.HasPrefix(tagOf(strings.Fields(image.rest)[0]), module[1]+"-") {
		t.Errorf("go.mod says %v, the build stage is %s", module, image.rest)
	}
}

// The binary is built as in the Containerfile. It must know what the manifests tell it, and need no library that the image
// does not have.
func TestBinaryOfTheImage(t *testing.T) {
	binary := buildAsInTheImage(t)
	t.Run("the image has the libraries that it needs", func(t *testing.T) { checkLibraries(t, binary) })
	t.Run("it knows the flags of the manifests", func(t *testing.T) { checkFlags(t, binary) })
}

func buildAsInTheImage(t *testing.T) string {
	t.Helper()
	var command string
	for _, i := range instructions(t) {
		if i.word == "RUN" && strings.Contains(i.rest, "go build") {
			command = i.rest
		}
	}
	binary := filepath.Join(t.TempDir(), "vaultreport")
	if !strings.Contains(command, " -o /out/vaultreport ") {
		t.Fatalf("RUN %s: no go build that writes /out/vaultreport", command)
	}
	shell := exec.Command("sh", "-c", strings.Replace(command, "/out/vaultreport", "'"+binary+"'", 1))
	shell.Dir = "../.."
	if out, err := shell.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", command, err, out)
	}
	return binary
}

// checkLibraries compares what the dynamic linker will look for with the list in the Containerfile, which says by which
// package the image has each.
func checkLibraries(t *testing.T, binary string) {
	file, err := elf.Open(binary)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	needed, err := file.ImportedLibraries()
	if err != nil {
		t.Fatal(err)
	}
	// The linker itself is a part of libc6, under a name for each processor.
	needed = slices.DeleteFunc(needed, func(library string) bool { return strings.HasPrefix(library, "ld-linux") })
	slices.Sort(needed)

	listed := map[string]string{}
	for _, row := range regexp.MustCompile(`(?m)^#   (lib\S+)\s+(\S+)$`).FindAllStringSubmatch(read(t, "Containerfile"), -1) {
		listed[row[1]] = row[2]
	}
	if got := slices.Sorted(maps.Keys(listed)); !slices.Equal(got, needed) {
		t.Errorf("the binary needs %v, the Containerfile lists %v: is it in the image? then list it", needed, got)
	}
	// The packages of C and C++ that distroless/base-debian12 and distroless/cc-debian12 are made of.
	packages := []string{"libc6", "libssl3", "libgcc-s1", "libgomp1", "libstdc++6"}
	for library, name := range listed {
		if !slices.Contains(packages, name) {
			t.Errorf("%s is of %s, and the image has %v only", library, name, packages)
		}
	}
}

// checkFlags asks for help behind the flags of each manifest: an unknown flag or a bad value is an error before that.
func checkFlags(t *testing.T, binary string) {
	for name, d := range deployments(t) {
		help := exec.Command(binary, append(slices.Clone(container(d).Args), "--help")...)
		help.Env = []string{}
		out, err := help.CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v: %v\n%s", name, container(d).Args, err, out)
		}
		for _, e := range container(d).Env {
			twin, found := strings.CutPrefix(e.Name, "VAULTREPORT_")
			flag := "--" + strings.ReplaceAll(strings.ToLower(twin), "_", "-")
			if found && !strings.Contains(string(out), flag+" ") {
				t.Errorf("%s: %s stands for %s, which run does not have: it would do nothing", name, e.Name, flag)
			}
		}
	}
}
