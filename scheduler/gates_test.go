package scheduler

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"
	"pgregory.net/rapid"

	"vaultreport/extract"
	"vaultreport/internal/bizday"
	"vaultreport/internal/duck"
	"vaultreport/internal/errs"
	"vaultreport/internal/pii"
	"vaultreport/sql"
	"vaultreport/transform"
	"vaultreport/warehouse"
)

func mustLiterals(t testing.TB, lines ...string) *pii.Literals {
	t.Helper()
	l, short := pii.ParseLiterals([]byte(strings.Join(lines, "\n")))
	if len(short) > 0 {
		t.Fatalf("lines %v are too short", short)
	}
	return l
}

// staged is a transaction that holds what a test stages.
type staged struct {
	t       testing.TB
	tx      *warehouse.Tx
	project *transform.Project
	day     bizday.Day
}

func newStaged(t testing.TB, w *world) staged {
	t.Helper()
	project, err := transform.Load(sql.FS)
	if err != nil {
		t.Fatal(err)
	}
	tx, err := begin(context.Background(), w.options, project)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tx.Close() })
	return staged{t, tx, project, mustDay(t, "2026-01-02")}
}

// rows stages a file of a table with rows of any struct type.
func rows[T any](s staged, table string, rows []T) {
	s.t.Helper()
	described, _ := s.project.Table(table)
	path, err := s.tx.StagePath(described, s.day)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := parquet.WriteFile(path, rows, parquet.Compression(&parquet.Zstd), parquet.KeyValueMetadata("note", "metadata of the file")); err != nil {
		s.t.Fatal(err)
	}
	if _, err := s.tx.Add(described, s.day, int64(len(rows)), ""); err != nil {
		s.t.Fatal(err)
	}
}

func (s staged) report(html string) {
	s.t.Helper()
	if _, err := s.tx.AddReport(s.day, []byte(html), ""); err != nil {
		s.t.Fatal(err)
	}
}

type plainCell struct {
	Segment *string `parquet:"segment,optional"`
}
type dictCell struct {
	Segment *string `parquet:"segment,optional,dict"`
}
type ledgerCell struct {
	Source string `parquet:"source,dict"`
	File   string `parquet:"file,dict"`
	Reason string `parquet:"reason,dict"`
}
type typedCell struct {
	Hash   []byte    `parquet:"hash"`
	ID     [16]byte  `parquet:"id,uuid"`
	Amount int64     `parquet:"amount"`
	Value  float64   `parquet:"value"`
	Opened int64     `parquet:"opened,timestamp(microsecond:local)"`
	Key    *[16]byte `parquet:"key,optional,dict"`
}

func TestWhatStopsAPublication(t *testing.T) {
	texts := func(values ...string) (cells []*string) {
		for _, v := range values {
			cells = append(cells, &v)
		}
		return append(cells, nil)
	}
	plain := func(values ...string) func(staged) {
		return func(s staged) {
			var cells []plainCell
			for _, v := range texts(values...) {
				cells = append(cells, plainCell{v})
			}
			rows(s, "metric_daily", cells)
		}
	}
	dict := func(values ...string) func(staged) {
		return func(s staged) {
			var cells []dictCell
			for _, v := range texts(values...) {
				cells = append(cells, dictCell{v})
			}
			rows(s, "metric_daily", cells)
		}
	}
	page := func(html string) func(staged) { return func(s staged) { s.report(html) } }
	ledger := func(s staged) {
		rows(s, "row_ledger", []ledgerCell{{"010-1234-5678", "logs/app-4111111111111111.jsonl", "kept"}})
	}
	typed := func(s staged) {
		rows(s, "vault_state", []typedCell{{
			Hash: []byte("\x00a secret word\xff"), ID: [16]byte{0x6d, 0x1c, 0x9a, 0x3e, 0x0b, 0x7f, 0x4c, 0x1d, 0x9e, 0x2a, 1, 2, 3, 4, 5, 6},
			Amount: 1234567890, Value: 1234567891, Opened: 1767312000123456, Key: &[16]byte{1, 'm', '@', 'e', '.', 'c', 'o', 'm'},
		}})
	}
	for _, c := range []struct {
		name     string
		canaries []string
		stage    func(staged)
		want     string // what the error names, "" if the files may be published
	}{
		{"an address", nil, plain("GOLD", "minsu@example.com"), "metric_daily of 2026-01-02: column segment: email, once"},
		{"a phone number, as often as it stands there", nil, plain("010-1234-5678", "GOLD", "010-1234-5678"), "metric_daily of 2026-01-02: column segment: phone, 2 times"},
		{"a value of a dictionary, as often as rows refer to it", nil, dict("010-1234-5678", "GOLD", "010-1234-5678"), "metric_daily of 2026-01-02: column segment: phone, 2 times"},
		{"a registration number", nil, dict("900101-1234567"), "metric_daily of 2026-01-02: column segment: rrn, once"},
		{"a card number", nil, plain("4111 1111 1111 1111"), "metric_daily of 2026-01-02: column segment: card, once"},
		{"a token", nil, plain("eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0"), "metric_daily of 2026-01-02: column segment: jwt, once"},
		{"a secret", nil, dict("password=hunter2"), "metric_daily of 2026-01-02: column segment: secret, once"},
		{"all places are named", nil, plain("minsu@example.com", "password=hunter2"), "column segment: email, once; metric_daily of 2026-01-02: column segment: secret, once"},
		{"ordinary text is none", []string{"something else"}, plain("GOLD", "expire-vaults.v2", "2026-01-02"), ""},

		{"a canary in text", []string{"a nickname", "달토끼왕자"}, plain("GOLD", "나는 달토끼왕자다"), "metric_daily of 2026-01-02: column segment: canary number 2, once"},
		{"a canary in a dictionary", []string{"a nickname"}, dict("GOLD", "a nickname"), "metric_daily of 2026-01-02: column segment: canary number 1, once"},
		{"a canary in the bytes of a hash", []string{"a secret word"}, typed, "vault_state of 2026-01-02: column hash: canary number 1, once"},
		{"a canary that is an id", []string{"6d1c9a3e-0b7f-4c1d-9e2a-010203040506"}, typed, "vault_state of 2026-01-02: column id: canary number 1, once"},
		{"a canary that is an integer", []string{"23456789"}, typed, "vault_state of 2026-01-02: column amount: canary number 1, once; vault_state of 2026-01-02: column value: canary number 1, once"},
		{"an instant is no integer, and bytes of a hash are no text", []string{"73120001"}, typed, ""},
		{"a canary in the bytes that no value holds", []string{"metadata of the file"}, plain("GOLD"), "metric_daily of 2026-01-02: bytes of the file: canary number 1, once"},

		{"names of sources and files may look like anything", nil, ledger, ""},
		{"in every table that names them", nil, func(s staged) {
			rows(s, "source_catalogue", []struct {
				Source string `parquet:"source"`
			}{{"010-1234-5678"}})
		}, ""},
		{"also as a split of metrics", nil, plain("010-9876-5432"), ""},
		{"but for canaries", []string{"app-4111111111111111"}, ledger, "row_ledger of 2026-01-02: column file: canary number 1, once"},

		{"text of the page", nil, page("<p>call 010-1234-5678</p>"), "report of 2026-01-02: text: phone, once"},
		{"text with escapes", nil, page("<p>minsu&#64;example.com</p>"), "report of 2026-01-02: text: email, once"},
		{"cells do not join", nil, page("<td>4111</td> <td>1111</td> <td>1111</td> <td>1111</td>"), ""},
		{"coordinates are no text", nil, page(`<svg><path d="4111 1111 1111 1111"/></svg>`), ""},
		{"a canary in the page", []string{"a nickname"}, page("<p>a nickname</p>"), "publication: report of 2026-01-02: text: canary number 1, once"},
		{"a canary behind escapes", []string{"tom & jerry's"}, page(`<p id="x">tom &amp; jerry&#39;s</p><p title="tom &amp; jerry&#39;s">`), "report of 2026-01-02: attributes: canary number 1, once; report of 2026-01-02: text: canary number 1, once"},
		{"a canary in a comment", []string{"a nickname"}, page("<!-- a nickname -->"), "report of 2026-01-02: bytes of the file: canary number 1, once"},
		{"names of the day's sources and files on the page", nil, func(s staged) {
			ledger(s)
			s.report("<th> logs/app-4111111111111111.jsonl </th><td>010-1234-5678</td>")
		}, ""},
		{"a source of which there is no line", nil, page("<th>010-9876-5432</th>"), ""},
		{"but no others", nil, func(s staged) {
			ledger(s)
			s.report("<th>app-4111111111111111.jsonl</th>")
		}, "report of 2026-01-02: text: card, once"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "Asia/Seoul")
			w.options.Canaries = mustLiterals(t, c.canaries...)
			w.options.Tables = []extract.TableSource{{Name: "010-9876-5432"}}
			s := newStaged(t, w)
			c.stage(s)
			err := scan(context.Background(), s.tx, w.options)
			if c.want == "" {
				if err != nil {
					t.Fatalf("got %v, want none", err)
				}
				return
			}
			if errs.ClassOf(err) != errs.Gate || !strings.HasPrefix(err.Error(), "scan before publication: ") || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v, want one of class Gate with\n%s", err, c.want)
			}
			for _, secret := range append([]string{"minsu", "1234", "hunter", "eyJ"}, c.canaries...) {
				if strings.Contains(err.Error(), secret) || strings.Contains(errs.HintOf(err), secret) {
					t.Errorf("the error shows the value: %v", err)
				}
			}
		})
	}
}

// A literal is found in every cell of every table as the engine writes it, whatever the encoding it chooses.
func TestALiteralPlantedInAnyCellIsFound(t *testing.T) {
	t.Parallel()
	project, err := transform.Load(sql.FS)
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	db, err := duck.Open(ctx, duck.Options{Threads: 1, MemoryBytes: 1 << 30, TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var tables []warehouse.Table
	for _, table := range project.Tables() {
		if len(plantable(table)) > 0 {
			tables = append(tables, table)
		}
	}
	path := filepath.Join(t.TempDir(), "planted")
	rapid.Check(t, func(t *rapid.T) {
		table := rapid.SampledFrom(tables).Draw(t, "table")
		column := rapid.SampledFrom(plantable(table)).Draw(t, "column")
		n := rapid.IntRange(1, 3000).Draw(t, "rows")
		distinct := rapid.IntRange(1, n).Draw(t, "distinct")
		row := rapid.IntRange(0, n-1).Draw(t, "row")
		literal, cell := drawLiteral(t, column.Type)
		statement := "copy (select "
		for i, c := range table.Columns {
			value := fmt.Sprintf("case when i %% 7 <> %d then %s end", i%7, filler(c.Type, distinct))
			if c == column {
				value = fmt.Sprintf("case when i = %d then %s else %s end", row, cell, value)
			}
			statement += value + " as " + c.Name + ", "
		}
		statement += fmt.Sprintf("from range(%d) r(i)) to %s (format parquet, compression zstd)", n, duck.Quote(path))
		if _, err := db.Conn().ExecContext(ctx, statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
		want := map[hit]int64{{table: table.Name, place: "column " + column.Name, canary: 2}: 1}
		if diff := cmp.Diff(want, hitsOf(t, table.Name, path, "another literal", literal), cmp.AllowUnexported(hit{})); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
}

// plantable are the columns of a table that can hold a literal.
func plantable(table warehouse.Table) (columns []warehouse.Column) {
	for _, c := range table.Columns {
		switch c.Type {
		case "VARCHAR", "BLOB", "UUID", "BIGINT", "DOUBLE":
			columns = append(columns, c)
		}
	}
	return columns
}

// drawLiteral returns a literal and the SQL of a cell that holds it.
func drawLiteral(t *rapid.T, columnType string) (literal, cell string) {
	around := func(literal string) string {
		return duck.Quote(rapid.SampledFrom([]string{"", "x", "금고 "}).Draw(t, "before") + literal + rapid.SampledFrom([]string{"", "x", " 금고"}).Draw(t, "after"))
	}
	switch columnType {
	case "UUID":
		literal = rapid.StringMatching(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`).Draw(t, "literal")
		return literal, duck.Quote(literal) + "::uuid"
	case "BIGINT":
		literal = rapid.StringMatching(`[1-9][0-9]{7,14}`).Draw(t, "literal")
		return literal, rapid.SampledFrom([]string{"", "-", "77"}).Draw(t, "before") + literal
	case "DOUBLE":
		literal = rapid.StringMatching(`[1-9][0-9]{7,14}`).Draw(t, "literal")
		return literal, literal + "::double"
	}
	literal = rapid.StringMatching(`[가-힣A-Za-z<>&'] [가-힣A-Za-z0-9 ]{6,20}[A-Za-z]`).Draw(t, "literal")
	if columnType == "BLOB" {
		return literal, "encode(" + around(literal) + ")"
	}
	return literal, around(literal)
}

// filler is the SQL of other values of a type, of which a number are distinct.
func filler(columnType string, distinct int) string {
	k := fmt.Sprintf("(i %% %d)", distinct)
	switch columnType {
	case "VARCHAR":
		return "'value ' || " + k
	case "BLOB":
		return "unhex(md5(" + k + "::varchar))"
	case "UUID":
		return "md5(" + k + "::varchar)::uuid"
	}
	return "null::" + columnType
}

// hitsOf returns what a search finds in the columns of a file.
func hitsOf(t rapid.TB, table, path string, canaries ...string) map[hit]int64 {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	literals, _ := pii.ParseLiterals([]byte(strings.Join(canaries, "\n")))
	s := search{canaries: literals, at: hit{table: table}, found: map[hit]int64{}}
	if err := s.parquet(context.Background(), file, info.Size()); err != nil {
		t.Fatal(err)
	}
	return s.found
}

// The same for the encodings of the lake's writer and of others.
func TestALiteralIsFoundInEveryEncoding(t *testing.T) {
	t.Parallel()
	encodings := map[string]parquet.Node{
		"plain":               parquet.Encoded(parquet.String(), &parquet.Plain),
		"dictionary":          parquet.Encoded(parquet.String(), &parquet.RLEDictionary),
		"delta":               parquet.Encoded(parquet.String(), &parquet.DeltaByteArray),
		"delta length":        parquet.Encoded(parquet.String(), &parquet.DeltaLengthByteArray),
		"fixed":               parquet.Leaf(parquet.FixedLenByteArrayType(16)),
		"fixed, dictionary":   parquet.Encoded(parquet.Leaf(parquet.FixedLenByteArrayType(16)), &parquet.RLEDictionary),
		"fixed, delta":        parquet.Encoded(parquet.Leaf(parquet.FixedLenByteArrayType(16)), &parquet.DeltaByteArray),
		"uuid":                parquet.UUID(),
		"uuid, dictionary":    parquet.Encoded(parquet.UUID(), &parquet.RLEDictionary),
		"text of JSON":        parquet.JSON(),
		"text of an enum":     parquet.Enum(),
		"integer":             parquet.Int(64),
		"integer, 32 bits":    parquet.Int(32),
		"integer, unsigned":   parquet.Uint(64),
		"integer, delta":      parquet.Encoded(parquet.Int(64), &parquet.DeltaBinaryPacked),
		"integer, dictionary": parquet.Encoded(parquet.Int(64), &parquet.RLEDictionary),
		"integer, no type":    parquet.Leaf(parquet.Int64Type),
		"number":              parquet.Leaf(parquet.DoubleType),
		"number, dictionary":  parquet.Encoded(parquet.Leaf(parquet.DoubleType), &parquet.RLEDictionary),
	}
	for name, node := range encodings {
		for _, optional := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, optional %v", name, optional), func(t *testing.T) {
				node, level := node, 0
				if optional {
					node, level = parquet.Optional(node), 1
				}
				path := filepath.Join(t.TempDir(), "planted")
				file, err := os.Create(path)
				if err != nil {
					t.Fatal(err)
				}
				defer file.Close()
				const n, planted = 5000, 3210
				writer := parquet.NewWriter(file, parquet.NewSchema("x", parquet.Group{"cell": node}), parquet.PageBufferSize(1<<12), parquet.MaxRowsPerRowGroup(2000))
				for i := range n {
					value := cellOf(node.Type().Kind(), i, i == planted).Level(0, level, 0)
					if optional && i%3 == 1 {
						value = parquet.NullValue().Level(0, 0, 0)
					}
					if _, err := writer.WriteRows([]parquet.Row{{value}}); err != nil {
						t.Fatal(err)
					}
				}
				if err := writer.Close(); err != nil {
					t.Fatal(err)
				}
				want := map[hit]int64{{table: "events", place: "column cell", canary: 1}: 1}
				if diff := cmp.Diff(want, hitsOf(t, "events", path, "47340000"), cmp.AllowUnexported(hit{})); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
			})
		}
	}
}

// cellOf returns a value of a type in 16 bytes at most, with or without the literal 47340000.
func cellOf(kind parquet.Kind, i int, holds bool) parquet.Value {
	text := fmt.Sprintf("%16d", i)
	if holds {
		i, text = 47340000, "is 47340000 here"
	}
	switch kind {
	case parquet.ByteArray:
		return parquet.ByteArrayValue([]byte(text))
	case parquet.FixedLenByteArray:
		return parquet.FixedLenByteArrayValue([]byte(text))
	case parquet.Int32:
		return parquet.Int32Value(int32(i))
	case parquet.Double:
		return parquet.DoubleValue(float64(i))
	}
	return parquet.Int64Value(int64(i))
}
