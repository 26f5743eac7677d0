package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"vaultreport/internal/event"
	"vaultreport/internal/yamlschema"
	"vaultreport/scheduler"
)

// byteSize is a number of bytes: 1048576, 1MiB, 10GiB.
type byteSize int64

// memory is a share of what the cgroup or the machine has, in percent, or a number of bytes; one of the two is zero.
type memory struct {
	Percent int
	Bytes   byteSize
}

// quarantineLimit is a number of lines or a share of them: 100, 5%.
type quarantineLimit struct{ scheduler.Limit }

// timeSpan is a duration as Go writes it: 30m, 1h30m.
type timeSpan time.Duration

// eventKind is a kind of events by its name.
type eventKind event.Kind

func parseEventKind(text string) (eventKind, error) {
	kind := event.KindOf(text)
	if kind == 0 {
		var known []string
		for _, k := range event.Kinds() {
			known = append(known, k.String())
		}
		return 0, fmt.Errorf("%q is no kind of event, %s", text, yamlschema.Nearest("nearest kind: ", text, known))
	}
	return eventKind(kind), nil
}

func parseByteSize(text string) (byteSize, error) {
	text = strings.TrimSpace(text)
	digits := strings.TrimRight(text, "BKMGTikmb ")
	unit, known := byteUnits()[strings.TrimSpace(text[len(digits):])]
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || !known || n < 0 {
		return 0, fmt.Errorf("%q is no size: give a whole number of bytes or one with KiB, MiB, GiB or TiB, such as 512MiB", text)
	}
	if n > math.MaxInt64/unit {
		return 0, fmt.Errorf("%q is too large a size", text)
	}
	return byteSize(n * unit), nil
}

func byteUnits() map[string]int64 {
	return map[string]int64{
		"": 1, "B": 1,
		"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40,
		"kB": 1e3, "KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12,
	}
}

func parseMemory(text string) (memory, error) {
	if number, isShare := strings.CutSuffix(strings.TrimSpace(text), "%"); isShare {
		percent, err := strconv.Atoi(strings.TrimSpace(number))
		if err != nil || percent < 1 || percent > 100 {
			return memory{}, fmt.Errorf("%q is no share of the memory: give 1%% to 100%%", text)
		}
		return memory{Percent: percent}, nil
	}
	size, err := parseByteSize(text)
	if err != nil {
		return memory{}, err
	}
	if size < 64<<20 {
		return memory{}, fmt.Errorf("%q is too little memory: give 64MiB or more", text)
	}
	return memory{Bytes: size}, nil
}

func parseQuarantineLimit(text string) (quarantineLimit, error) {
	limit, err := scheduler.ParseLimit(text)
	return quarantineLimit{limit}, err
}

func parseTimeSpan(text string) (timeSpan, error) {
	d, err := time.ParseDuration(strings.TrimSpace(text))
	if err != nil || d < 0 {
		return 0, fmt.Errorf("%q is no duration: give one such as 30s, 10m or 2h", text)
	}
	return timeSpan(d), nil
}

// UnmarshalJSON reads a text or a whole number.
func (s *byteSize) UnmarshalJSON(data []byte) (err error) {
	*s, err = parseTextOrNumber(data, parseByteSize)
	return err
}

// UnmarshalJSON reads a text or a whole number.
func (m *memory) UnmarshalJSON(data []byte) (err error) {
	*m, err = parseTextOrNumber(data, parseMemory)
	return err
}

// UnmarshalJSON reads a text or a whole number.
func (l *quarantineLimit) UnmarshalJSON(data []byte) (err error) {
	*l, err = parseTextOrNumber(data, parseQuarantineLimit)
	return err
}

// UnmarshalJSON reads a text.
func (s *timeSpan) UnmarshalJSON(data []byte) (err error) {
	*s, err = parseTextOrNumber(data, parseTimeSpan)
	return err
}

// UnmarshalJSON reads a text.
func (k *eventKind) UnmarshalJSON(data []byte) (err error) {
	*k, err = parseTextOrNumber(data, parseEventKind)
	return err
}

func parseTextOrNumber[T any](data []byte, parse func(string) (T, error)) (T, error) {
	var text string
	if json.Unmarshal(data, &text) == nil {
		return parse(text)
	}
	return parse(string(data))
}

// parseLineSize is the check of max_line: a line must fit into the memory of a run many times.
func parseLineSize(text string) (byteSize, error) {
	size, err := parseByteSize(text)
	if err == nil && (size < 1<<10 || size > 64<<20) {
		err = errors.New("a line limit lies between 1KiB and 64MiB")
	}
	return size, err
}
