package table

import (
	"errors"
	"runtime"

	"github.com/parquet-go/parquet-go"

	"vaultreport/internal/bizday"
)

// rowGroupRows is the length of a row group (docs/contract.md section 2).
const rowGroupRows = 122_880

// Writer writes Rows to a file of the lake, column by column: while rows of one row group come, others are encoded. What it
// writes depends on the rows and their order alone. It serves one goroutine.
type Writer struct {
	spec    *Spec
	to      *parquet.GenericWriter[any]
	day     bizday.Day
	rows    int         // of a row group
	filling *rowGroup   // nil: none
	encoded []*rowGroup // or about to be, in their order
	free    []*rowGroup
}

// NewWriter returns a Writer to a file of the Spec's Schema.
func NewWriter(s *Spec, to *parquet.GenericWriter[any], day bizday.Day) *Writer {
	return &Writer{spec: s, to: to, day: day, rows: rowGroupRows}
}

// Write takes a copy of a row.
func (w *Writer) Write(env string, r Row) error {
	if w.filling == nil {
		if err := w.begin(); err != nil {
			return err
		}
	}
	w.filling.add(env, r)
	if len(w.filling.ends) < w.rows {
		return nil
	}
	w.encode()
	return nil
}

// Close writes what is left, and not the end of the file.
func (w *Writer) Close() error {
	if w.filling != nil {
		w.encode()
	}
	var err error
	for len(w.encoded) > 0 {
		err = errors.Join(err, w.commit())
	}
	return err
}

// begin finds room for the next row group: where as many are encoded as there are processors, the first of them is waited for.
func (w *Writer) begin() error {
	if len(w.encoded) >= min(runtime.GOMAXPROCS(0), maxEncoders) {
		if err := w.commit(); err != nil {
			return err
		}
	}
	w.filling = &rowGroup{}
	if last := len(w.free) - 1; last >= 0 {
		w.filling, w.free = w.free[last], w.free[:last]
	}
	return nil
}

// maxEncoders bounds the row groups in memory, of some 20 MiB each.
const maxEncoders = 2

func (w *Writer) encode() {
	g := w.filling
	g.to, g.done = w.to.BeginRowGroup(), make(chan error, 1)
	w.filling, w.encoded = nil, append(w.encoded, g)
	go func() { g.done <- g.encode(w.spec, w.day) }()
}

// commit waits for the first row group and writes it to the file.
func (w *Writer) commit() error {
	g := w.encoded[0]
	w.encoded = w.encoded[1:]
	if err := <-g.done; err != nil {
		return err
	}
	if _, err := g.to.Commit(); err != nil {
		return err
	}
	g.rows, g.ends, g.envs, g.to = g.rows[:0], g.ends[:0], g.envs[:0], nil
	w.free = append(w.free, g)
	return nil
}

// rowGroup is the rows of a row group, one behind the other.
type rowGroup struct {
	rows []byte
	ends []int
	envs []envFrom
	to   *parquet.ConcurrentRowGroupWriter
	done chan error // of encoding
}

// envFrom says that the rows from the first on are of env.
type envFrom struct {
	first int
	env   []byte
}

func (g *rowGroup) add(env string, r Row) {
	if n := len(g.envs); n == 0 || string(g.envs[n-1].env) != env {
		g.envs = append(g.envs, envFrom{first: len(g.ends), env: []byte(env)})
	}
	g.rows = append(g.rows, r...)
	g.ends = append(g.ends, len(g.rows))
}

// encode writes the columns. Values are given on by the thousand: that many at once are cheap, and a page does not become much longer
// than it should.
func (g *rowGroup) encode(s *Spec, day bizday.Day) error {
	const batch = 1024
	values, places := make([]parquet.Value, batch), make([]int, batch) // of each row's next column
	start := 0
	for first := 0; first < len(g.ends); first += batch {
		n := min(batch, len(g.ends)-first)
		for i, end := range g.ends[first : first+n] {
			places[i], start = start, end
		}
		columns := g.to.ColumnWriters()
		for i := range n {
			values[i] = parquet.ByteArrayValue(g.env(first + i))
		}
		if _, err := columns[0].WriteRowValues(values[:n]); err != nil {
			return err
		}
		for at := range s.Columns {
			s.Columns[at].take(values[:n], g.rows, places[:n], at+1)
			if _, err := columns[at+1].WriteRowValues(values[:n]); err != nil {
				return err
			}
		}
		for i := range n {
			values[i] = parquet.Int32Value(int32(day))
		}
		if _, err := columns[len(columns)-1].WriteRowValues(values[:n]); err != nil {
			return err
		}
	}
	return g.to.Flush()
}

func (g *rowGroup) env(row int) []byte {
	i := len(g.envs) - 1
	for g.envs[i].first > row {
		i--
	}
	return g.envs[i].env
}

// take makes values of the columns that stand at the places, and moves these on.
func (c *Column) take(values []parquet.Value, rows []byte, places []int, number int) {
	level, null := 1, parquet.NullValue().Level(0, 0, number)
	if c.NotNull {
		level = 0
	}
	for i, at := range places {
		if rows[at] == nullMark {
			values[i], places[i] = null, at+1
			continue
		}
		end := at + 1 + c.width(rows[at+1:])
		values[i], places[i] = c.parquetValue(rows[at+1:end]).Level(0, level, number), end
	}
}
