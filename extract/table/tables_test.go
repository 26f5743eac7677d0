package table

import (
	"context"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"vaultreport/extract/rows"
	"vaultreport/internal/bizday"
	"vaultreport/internal/pii"
	"vaultreport/internal/vfs"
)

var testKey = func() *pii.Key {
	key, err := pii.ParseKey([]byte(strings.Repeat("0f", 32)))
	if err != nil {
		panic(err)
	}
	return key
}()

// hashedNames are the hashes of what tests hash, by name.
func hashedNames() map[string]string {
	names := make(map[string]string)
	hasher := testKey.Hasher()
	for id := range int64(1000) {
		key := hasher.UserKey(strconv.AppendInt(nil, id, 10))
		names[string(key[:])] = fmt.Sprintf("user(%d)", id)
	}
	largest := hasher.UserKey([]byte("9223372036854775807"))
	names[string(largest[:])] = "user(2^63-1)"
	for _, text := range []string{"r-1", "r-2", "보상", "6fa459ea-ee8a-3ca4-894e-db77e160355e"} {
		key := hasher.Text(pii.CompensationID, []byte(text))
		names[string(key[:])] = "request(" + text + ")"
	}
	return names
}

// judge reads a table as an extraction of 2026-01-02 does and says, in the order of the lake, what becomes of its rows.
func judge(t testing.TB, spec *Spec, reader Reader, rename map[string]string) string {
	t.Helper()
	zone, err := bizday.LoadZone("Asia/Seoul")
	if err != nil {
		t.Fatal(err)
	}
	match, err := spec.MatchColumns(reader.Attributes(), rename, nil)
	if err != nil {
		return "error: " + err.Error() + "\n"
	}
	start, end := zone.Bounds(bizday.Of(2026, 1, 2))
	checker := NewChecker(spec, testKey, start, end)
	checker.Use(match)
	sorter := rows.NewSorter(vfs.OS(), t.TempDir(), 1<<20)
	defer sorter.Close()
	var refused []string
	outOfRange := 0
	err = reader.Rows(context.Background(), match.Names, func(values []Value) error {
		switch r := checker.Check(values); r.Fate {
		case OutOfRange:
			outOfRange++
		case Refused:
			refused = append(refused, fmt.Sprintf("bad_field %s %s\n", r.Field, r.Masked))
		default:
			return sorter.Add(r.Row)
		}
		return nil
	})
	if err != nil {
		return "error: " + err.Error() + "\n"
	}
	var out strings.Builder
	if len(match.Missing) > 0 {
		fmt.Fprintf(&out, "missing: %s\n", strings.Join(match.Missing, ", "))
	}
	if unread := checker.Unread(); len(unread) > 0 {
		fmt.Fprintf(&out, "of another type: %s\n", strings.Join(unread, ", "))
	}
	names := hashedNames()
	if err := rows.Each([]*rows.Sorter{sorter}, func(row []byte) error {
		fmt.Fprintln(&out, show(spec, row, match.Missing, names))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	slices.Sort(refused)
	out.WriteString(strings.Join(refused, ""))
	if outOfRange > 0 {
		fmt.Fprintf(&out, "out of range: %d\n", outOfRange)
	}
	return out.String()
}

func show(spec *Spec, row rows.Row, missing []string, names map[string]string) string {
	var cells []string
	spec.cells(row, func(_ int, c *Column, cell []byte) {
		text := "NULL"
		switch {
		case slices.Contains(missing, c.Source):
			return
		case rows.IsNull(cell):
		case c.privacy != asIs:
			if text = names[string(cell[1:])]; text == "" {
				text = hex.EncodeToString(cell[1:])
			}
		case c.Type == TextType:
			text = string(rows.TextOf(cell))
		case c.Type == BooleanType:
			text = strconv.FormatBool(rows.TruthOf(cell))
		case c.Type == InstantType:
			text = instantText(rows.NumberOf(cell))
		default:
			text = strconv.FormatInt(rows.NumberOf(cell), 10)
		}
		cells = append(cells, c.Name+"="+text)
	})
	return strings.Join(cells, " ")
}

// csvOf opens text as Open does a file.
func csvOf(t testing.TB, text string) (Reader, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "dump.csv")
	if err := os.WriteFile(path, []byte(text), 0o640); err != nil {
		t.Fatal(err)
	}
	return Open(vfs.OS(), path)
}

// TestTables runs the cases of testdata/tables. The command names a table; `rename=(from,to)` stands for the
// configuration's. The input is CSV, in which \r stands for a carriage return and \N at the end for no line end.
func TestTables(t *testing.T) {
	datadriven.Walk(t, "testdata/tables", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			spec := SpecOf(d.Cmd)
			if spec == nil {
				d.Fatalf(t, "no table %s", d.Cmd)
			}
			rename := map[string]string{}
			for _, arg := range d.CmdArgs {
				rename[arg.Vals[0]] = arg.Vals[1]
			}
			text := d.Input + "\n"
			text = strings.ReplaceAll(strings.ReplaceAll(text, `\r`, "\r"), `\t`, "\t")
			text = strings.ReplaceAll(text, "\\N\n", "")
			reader, err := csvOf(t, text)
			if err != nil {
				return "error: " + err.Error() + "\n"
			}
			defer reader.Close()
			return judge(t, spec, reader, rename)
		})
	})
}
