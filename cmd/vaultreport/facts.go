package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"vaultreport/internal/errs"
)

// fact is one line of a small result: "users  500".
type fact struct {
	key   string
	value any
}

// writeFacts writes a small result: one line a fact, one JSON object, or a header and a row of CSV.
func writeFacts(w io.Writer, form string, facts []fact) error {
	var b bytes.Buffer
	switch form {
	case formJSON:
		return writeObject(w, facts)
	case formCSV:
		keys, values := make([]string, len(facts)), make([]string, len(facts))
		for i, f := range facts {
			keys[i], values[i] = csvField(f.key), csvField(fmt.Sprint(f.value))
		}
		fmt.Fprintf(&b, "%s\r\n%s\r\n", strings.Join(keys, ","), strings.Join(values, ","))
	default:
		width := 0
		for _, f := range facts {
			width = max(width, len(f.key))
		}
		for _, f := range facts {
			fmt.Fprintf(&b, "%-*s  %v\n", width, strings.ReplaceAll(f.key, "_", " "), f.value)
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}

// writeObject writes an object whose keys are in the order of the facts.
func writeObject(w io.Writer, facts []fact) error {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, f := range facts {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "%q:", f.key)
		value, err := json.Marshal(f.value)
		if err != nil {
			return err
		}
		b.Write(value)
	}
	b.WriteString("}\n")
	_, err := w.Write(b.Bytes())
	return err
}

func csvField(text string) string {
	if text != "" && !strings.ContainsAny(text, "\",\r\n ") {
		return text
	}
	return `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
}

// usage returns an error about the words of the command line.
func usage(what, hint string) error { return errs.New(errs.Usage, what, hint) }
