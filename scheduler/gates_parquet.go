package scheduler

import (
	"context"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/encoding"
	"github.com/parquet-go/parquet-go/format"

	"vaultreport/internal/bizday"
)

// content is what a column holds, as far as a search goes.
type content int

const (
	nothing content = iota // instants, days, booleans: no form of theirs is personal
	texts
	names  // texts that say where lines came from
	splits // texts, among which may be names of sources
	ids    // keyed hashes and UUIDs
	numbers
)

// contentOf tells what is in a column from the file alone, not from the contract that its writer followed. The sources and
// files of the ledgers are names that whoever runs this chose, no data of events, and they may look like anything: a file
// app-20260102123456789.jsonl has the form of a card number. Such names must not stop every night; nor must those of sources as
// segments of source_age.
func contentOf(table, column string, t parquet.Type) content {
	switch t.Kind() {
	case parquet.ByteArray:
		if !isText(t) {
			return ids
		}
		switch table {
		case "quarantine", "row_ledger", "source_catalogue", "source_ledger", "source_newest":
			if column == "source" || column == "file" {
				return names
			}
		}
		if column == "segment" || column == "part" {
			return splits
		}
		return texts
	case parquet.FixedLenByteArray:
		return ids
	case parquet.Int32, parquet.Int64:
		if logical := t.LogicalType(); logical != nil {
			if _, isInteger := logical.Value.(*format.IntType); !isInteger {
				return nothing
			}
		}
		return numbers
	case parquet.Double:
		return numbers
	}
	return nothing
}

func isText(t parquet.Type) bool {
	if logical := t.LogicalType(); logical != nil {
		switch logical.Value.(type) {
		case *format.StringType, *format.EnumType, *format.JsonType:
			return true
		}
	}
	converted := t.ConvertedType()
	return converted != nil && (*converted == deprecated.UTF8 || *converted == deprecated.Enum || *converted == deprecated.Json)
}

// parquet searches every value of a Parquet file: texts for patterns and canaries, ids and numbers for canaries. It holds
// one page and one dictionary at a time.
func (s *search) parquet(ctx context.Context, file io.ReaderAt, size int64) error {
	opened, err := parquet.OpenFile(file, size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return err
	}
	paths := opened.Schema().Columns()
	for _, group := range opened.RowGroups() {
		for i, chunk := range group.ColumnChunks() {
			column := strings.Join(paths[i], ".")
			holds := contentOf(s.at.table, column, chunk.Type())
			switch {
			case holds == nothing,
				holds != texts && holds != splits && s.canaries.Len() == 0,
				holds == numbers && !s.canaries.HasInteger():
				continue
			}
			s.at.place = "column " + column
			err := eachPage(ctx, chunk, s.column(func(value []byte) bool {
				return holds == texts || holds == splits && !s.sources[string(value)]
			}))
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// column returns the search of the pages of one column chunk, of which there is one dictionary at most. What it holds is
// looked at once, and counted as often as rows refer to it. isText says of a value whether it may hold a pattern.
func (s *search) column(isText func(value []byte) bool) func(parquet.Page) {
	var inDictionary map[int32][]hit
	return func(page parquet.Page) {
		dictionary := page.Dictionary()
		if dictionary == nil {
			eachValue(page.Data(), func(_ int32, value []byte) {
				s.values++
				for _, h := range s.look(value, isText(value)) {
					s.add(h, 1)
				}
			})
			return
		}
		if inDictionary == nil {
			inDictionary = map[int32][]hit{}
			eachValue(dictionary.Page().Data(), func(index int32, value []byte) {
				s.values++
				if hits := s.look(value, isText(value)); len(hits) > 0 {
					inDictionary[index] = hits
				}
				for _, h := range inDictionary[index] {
					s.add(h, 0) // it is in the file, whether or not a row refers to it
				}
			})
		}
		if len(inDictionary) == 0 {
			return
		}
		data := page.Data()
		for _, index := range data.Int32() {
			for _, h := range inDictionary[index] {
				s.add(h, 1)
			}
		}
	}
}

// eachPage calls use with every page of a column chunk.
func eachPage(ctx context.Context, chunk parquet.ColumnChunk, use func(parquet.Page)) (err error) {
	pages := chunk.Pages()
	defer func() { err = errors.Join(err, pages.Close()) }()
	for {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		page, err := pages.ReadPage()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		use(page)
		parquet.Release(page)
	}
}

// eachValue calls use with every value that is not NULL, its bytes or, of a whole number, its decimal digits.
func eachValue(values encoding.Values, use func(index int32, value []byte)) {
	var digits [20]byte
	switch values.Kind() {
	case encoding.ByteArray:
		data, offsets := values.ByteArray()
		for i := range len(offsets) - 1 {
			use(int32(i), data[offsets[i]:offsets[i+1]])
		}
	case encoding.FixedLenByteArray:
		data, size := values.FixedLenByteArray()
		for i := range len(data) / max(size, 1) {
			use(int32(i), data[i*size:(i+1)*size])
		}
	case encoding.Int64:
		for i, n := range values.Int64() {
			use(int32(i), strconv.AppendInt(digits[:0], n, 10))
		}
	case encoding.Int32:
		for i, n := range values.Int32() {
			use(int32(i), strconv.AppendInt(digits[:0], int64(n), 10))
		}
	case encoding.Double:
		for i, x := range values.Double() {
			if x == math.Trunc(x) && math.Abs(x) < 1<<63 {
				use(int32(i), strconv.AppendInt(digits[:0], int64(x), 10))
			}
		}
	}
}

// namesOfLedger returns whether a text is the name of a source or file in a day's ledger, as its report shows them.
func namesOfLedger(ctx context.Context, from opener, dt bizday.Day) (func(text string) bool, error) {
	known := map[string]bool{}
	isName := func(text string) bool { return known[text] }
	ledger, exists := from.File("row_ledger", dt)
	if !exists {
		return isName, nil
	}
	file, err := from.Open(ledger)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	opened, err := parquet.OpenFile(file, ledger.Bytes, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return nil, err
	}
	paths := opened.Schema().Columns()
	for _, group := range opened.RowGroups() {
		for i, chunk := range group.ColumnChunks() {
			if contentOf(ledger.Table, strings.Join(paths[i], "."), chunk.Type()) != names {
				continue
			}
			err := eachPage(ctx, chunk, func(page parquet.Page) {
				data := page.Data()
				if d := page.Dictionary(); d != nil {
					data = d.Page().Data()
				}
				eachValue(data, func(_ int32, value []byte) { known[string(value)] = true })
			})
			if err != nil {
				return nil, err
			}
		}
	}
	return isName, nil
}
