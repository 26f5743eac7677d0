package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"time"

	gojson "github.com/go-json-experiment/json"

	"vaultreport/extract/scan"
	"vaultreport/internal/duck"
	"vaultreport/internal/event"
	"vaultreport/internal/pii"
)

// childWord makes this program one of the sides that are compared: each has a process of its own, measured as the program under test is.
const childWord = "child"

// What a child does.
const (
	childCopy  = "copy"  // SQL DIR: runs statements of DuckDB and prints how many rows the last one wrote
	childScan  = "scan"  // FILE: reads lines into records, drops them, and prints how many were good
	childParse = "parse" // PARSER FILE N: parses N lines that are held, and prints what that took
)

// Parsers of childParse.
const (
	parserOurs = "ours"
	parserJSON = "encoding/json/v2"
	parserNone = "none" // one keyed hash a line, which ours makes besides
)

const keyText = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f" // of tests

func childCommand(ctx context.Context, args ...string) *exec.Cmd {
	self, err := os.Executable()
	cmd := exec.CommandContext(ctx, self, append([]string{childWord}, args...)...)
	cmd.Err = err
	return cmd
}

// child carries out what childCommand asked for and returns the exit code.
func child(args []string, stdout, stderr io.Writer) int {
	var err error
	switch args[0] {
	case childCopy:
		err = runCopy(args[1], args[2], stdout)
	case childScan:
		err = runScan(args[1], stdout)
	case childParse:
		err = runParse(args[1], args[2], args[3], stdout)
	}
	if err != nil {
		fmt.Fprintln(stderr, err)
		return 1
	}
	return 0
}

func runCopy(statement, dir string, stdout io.Writer) error {
	ctx := context.Background()
	db, err := duck.Open(ctx, duck.Options{Threads: runtime.GOMAXPROCS(0), TempDir: dir})
	if err != nil {
		return err
	}
	defer db.Close()
	result, err := db.Conn().ExecContext(ctx, statement)
	if err != nil {
		return err
	}
	rows, err := result.RowsAffected()
	fmt.Fprintln(stdout, rows)
	return err
}

func newReader() (*scan.Reader, *pii.Hasher, error) {
	key, err := pii.ParseKey([]byte(keyText))
	if err != nil {
		return nil, nil, err
	}
	return scan.New(scan.Options{Key: key}), key.Hasher(), nil
}

func runScan(path string, stdout io.Writer) error {
	reader, _, err := newReader()
	if err != nil {
		return err
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	text, err := scan.Open(file)
	if err != nil {
		return err
	}
	defer text.Close()
	lines := scan.NewLines(text, scan.DefaultMaxLine)
	var rec event.Record
	good := 0
	for line, more := lines.Next(); more; line, more = lines.Next() {
		if result, _ := reader.Line(line, &rec); result.Reason == event.Accepted {
			good++
		}
	}
	fmt.Fprintln(stdout, good)
	return lines.Err()
}

// fields are those of every kind of event.
type fields struct {
	TS              time.Time `json:"ts"`
	Event           string    `json:"event"`
	UserID          int64     `json:"user_id"`
	VaultType       string    `json:"vault_type"`
	ReqID           string    `json:"req_id"`
	TraceID         string    `json:"trace_id"`
	Env             string    `json:"env"`
	StatusBefore    string    `json:"status_before"`
	StatusAfter     string    `json:"status_after"`
	ExpiresAt       time.Time `json:"expires_at"`
	VariantID       string    `json:"variant_id"`
	NotifyType      string    `json:"notify_type"`
	AttendanceDay   int64     `json:"attendance_day"`
	TxID            string    `json:"tx_id"`
	Amount          int64     `json:"amount"`
	ExtensionReason string    `json:"extension_reason"`
	Shadow          bool      `json:"shadow"`
	CompensationID  string    `json:"compensation_id"`
	LatencyMS       int64     `json:"latency_ms"`
	Job             string    `json:"job"`
	Outcome         string    `json:"outcome"`
	Queue           string    `json:"queue"`
	Depth           int64     `json:"depth"`
	Attempt         int64     `json:"attempt"`
}

func runParse(parser, path, count string, stdout io.Writer) error {
	n, err := strconv.Atoi(count)
	if err != nil {
		return err
	}
	lines, err := heldLines(path)
	if err != nil {
		return err
	}
	reader, hasher, err := newReader()
	if err != nil {
		return err
	}
	var rec event.Record
	parse := func(text []byte) error {
		if result, _ := reader.Line(scan.Line{Text: text, Size: int64(len(text))}, &rec); result.Reason != event.Accepted {
			return fmt.Errorf("a good line is refused: %s", result.Reason)
		}
		return nil
	}
	switch parser {
	case parserJSON:
		parse = func(text []byte) error {
			var f fields
			return gojson.Unmarshal(text, &f)
		}
	case parserNone:
		parse = func(text []byte) error {
			hasher.UserKey(text[:8])
			return nil
		}
	}
	before, err := ownCPU()
	if err != nil {
		return err
	}
	began := time.Now()
	for i := range n {
		if err := parse(lines[i%len(lines)]); err != nil {
			return err
		}
	}
	c := cost{Wall: time.Since(began)}
	after, err := ownCPU()
	if err != nil {
		return err
	}
	c.CPU = after - before
	return json.NewEncoder(stdout).Encode(c)
}

// heldLines returns the first lines of a file, some 64 MiB of them.
func heldLines(path string) ([][]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, 64<<20))
	if err != nil {
		return nil, err
	}
	lines := bytes.Split(text, []byte("\n"))
	return lines[:len(lines)-1], nil // what follows the last line end is cut
}
