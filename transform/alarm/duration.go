package alarm

import (
	"encoding/json"
	"fmt"
	"regexp"
	"time"
)

// Duration is a length of elapsed time in whole seconds.
type Duration time.Duration

var durationForm = regexp.MustCompile(`^([0-9]{1,4}h)?([0-9]{1,5}m)?([0-9]{1,6}s)?$`)

// ParseDuration reads a length such as 90s, 10m or 1h30m.
func ParseDuration(text string) (Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil || !durationForm.MatchString(text) {
		return 0, fmt.Errorf("%q is no length of time: give hours, minutes and seconds such as 10m or 1h30m", text)
	}
	return Duration(d), nil
}

// longestWindow bounds how far a window reaches into the days before.
const longestWindow = Duration(24 * time.Hour)

// parseWindow reads the width of a window.
func parseWindow(text string) (Duration, error) {
	d, err := ParseDuration(text)
	if err == nil && (d <= 0 || d > longestWindow) {
		err = fmt.Errorf("%q is no width of a window: give more than 0s and up to 24h", text)
	}
	return d, err
}

func (d Duration) micros() int64 { return time.Duration(d).Microseconds() }

// String returns the length as 10m or 1h30m.
func (d Duration) String() string {
	text := ""
	for _, unit := range []struct {
		length time.Duration
		name   string
	}{{time.Hour, "h"}, {time.Minute, "m"}, {time.Second, "s"}} {
		if n := time.Duration(d) / unit.length; n > 0 {
			text += fmt.Sprint(int64(n)) + unit.name
			d -= Duration(n * unit.length)
		}
	}
	if text == "" {
		return "0s"
	}
	return text
}

// MarshalJSON writes the length as text.
func (d Duration) MarshalJSON() ([]byte, error) { return json.Marshal(d.String()) }

// UnmarshalJSON reads a text.
func (d *Duration) UnmarshalJSON(data []byte) (err error) {
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return err
	}
	*d, err = ParseDuration(text)
	return err
}
