package sample

import (
	"bufio"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// row writes CSV as PostgreSQL does: NULL is empty, a value is quoted only where it must be.
type row struct {
	w     *bufio.Writer
	fresh bool
	buf   []byte
}

func (w *row) cell(value []byte, quote bool) {
	if !w.fresh {
		w.w.WriteByte(',')
	}
	w.fresh = false
	if !quote {
		w.w.Write(value)
		return
	}
	fmt.Fprintf(w.w, `"%s"`, strings.ReplaceAll(string(value), `"`, `""`))
}

// text writes a text, or NULL for the empty one.
func (w *row) text(s string) { w.cell([]byte(s), strings.ContainsAny(s, ",\"\r\n")) }

func (w *row) integer(n int64) {
	w.buf = strconv.AppendInt(w.buf[:0], n, 10)
	w.cell(w.buf, false)
}

func (w *row) bool(is bool) { w.text([2]string{"f", "t"}[one(is)]) }

func (w *row) vault(t vaultType) {
	if t == untyped {
		w.text("")
		return
	}
	w.text(t.String())
}

// instant writes a timestamptz, or NULL for 0. PostgreSQL leaves out the zeros at the end of a fraction.
func (w *row) instant(at int64) {
	if at == 0 {
		w.text("")
		return
	}
	t := time.Unix(at/second+seoulOffset, at%second*1000).UTC()
	w.buf = t.AppendFormat(w.buf[:0], "2006-01-02 15:04:05.999999+09")
	w.cell(w.buf, false)
}

func (w *row) header(names ...string) {
	w.fresh = true
	for _, name := range names {
		w.text(name)
	}
	w.end()
}

func (w *row) end() {
	w.w.WriteByte('\n')
	w.fresh = true
}
