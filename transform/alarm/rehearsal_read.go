package alarm

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"vaultreport/internal/event"
	"vaultreport/internal/yamlschema"
)

// ParseRehearsal reads a file of cases. Problems are all errors of the text, in the order of its lines.
func ParseRehearsal(text string) (Rehearsal, []yamlschema.Problem) {
	r := rehearsalReader{}
	for i, line := range strings.Split(text, "\n") {
		words := strings.Fields(line)
		if at := slices.IndexFunc(words, func(w string) bool { return strings.HasPrefix(w, "#") }); at >= 0 {
			words = words[:at]
		}
		if len(words) == 0 {
			continue
		}
		if what, hint := r.readLine(i+1, words); what != "" {
			r.problems = append(r.problems, yamlschema.Problem{Line: i + 1, What: what, Hint: hint})
		}
	}
	if len(r.problems) > 0 {
		return r.found, r.problems
	}
	for _, c := range r.found.Cases {
		if len(c.expected) == 0 {
			r.problems = append(r.problems, yamlschema.Problem{Line: c.Line, What: "the case expects nothing", Hint: `end it with "expect states" or "expect alarms"`})
		}
	}
	if len(r.found.Cases) == 0 {
		r.problems = append(r.problems, yamlschema.Problem{Line: 1, What: "there is no case", Hint: `begin one with "case" and what it shows`})
	}
	return r.found, r.problems
}

// rehearsalReader reads one file. Its readers of a line return what is wrong with it, and a way out.
type rehearsalReader struct {
	found    Rehearsal
	problems []yamlschema.Problem
}

func (r *rehearsalReader) readLine(line int, words []string) (what, hint string) {
	const form = "a line begins with rules, case, given or expect"
	switch {
	case words[0] == "rules":
		if len(words) != 2 || r.found.Rules != "" || len(r.found.Cases) > 0 {
			return "rules names one file, once, before the first case", ""
		}
		r.found.Rules = words[1]
		return "", ""
	case words[0] == "case":
		if len(words) == 1 {
			return "the case has no name", "say in a sentence what it shows"
		}
		r.found.Cases = append(r.found.Cases, Case{Name: strings.Join(words[1:], " "), Line: line})
		return "", ""
	case words[0] != "given" && words[0] != "expect":
		return fmt.Sprintf("unknown word %q", words[0]), form
	case len(r.found.Cases) == 0:
		return words[0] + " stands before the first case", form
	}
	c := &r.found.Cases[len(r.found.Cases)-1]
	if words[0] == "expect" {
		return c.readExpectation(line, words[1:])
	}
	read := map[string]func([]string) (string, string){
		"rate": c.readRate, "variant": c.readVariant, "metric": c.readMetric, "events": c.readEvents, "depth": c.readDepth, "pending": c.readPending,
	}
	if len(words) < 2 || read[words[1]] == nil {
		return fmt.Sprintf("unknown words %q", strings.Join(words[:min(2, len(words))], " ")), "given is followed by " + strings.Join(slices.Sorted(maps.Keys(read)), ", ")
	}
	return read[words[1]](words[2:])
}

// mostTimes bounds what one word stands for.
const mostTimes = 100_000

// splitTimes takes xN off a word; without it N is 1.
func splitTimes(word string) (text string, times int, ok bool) {
	at := strings.LastIndexByte(word, 'x')
	if at <= 0 {
		return word, 1, true
	}
	times, err := strconv.Atoi(word[at+1:])
	if err != nil {
		return word, 1, true // an x of another word
	}
	return word[:at], times, times >= 1 && times <= mostTimes
}

// columnsOfEvents are what a rule on events may look at.
var columnsOfEvents = []string{"attempt", "depth", "job", "latency_ms", "notify_type", "outcome", "queue", "variant_id"}

// numbersOfEvents are the columns of which it may take a quantile.
var numbersOfEvents = []string{"attempt", "depth", "latency_ms"}

// readEvents reads "KIND [COLUMN=VALUE...] TIME[+STEP][xN]...".
func (c *Case) readEvents(words []string) (what, hint string) {
	if len(words) < 2 {
		return "events have a kind and times", "for example: given events BATCH_RUN_FINISHED outcome=failure 10:00"
	}
	var kinds []string
	for _, k := range event.Kinds() {
		kinds = append(kinds, k.String())
	}
	s := eventSeries{kind: words[0], columns: map[string]string{}}
	if !slices.Contains(kinds, s.kind) {
		return fmt.Sprintf("unknown kind of events %q", s.kind), yamlschema.Nearest("nearest: ", s.kind, kinds)
	}
	for _, word := range words[1:] {
		if column, value, is := strings.Cut(word, "="); is {
			if !slices.Contains(columnsOfEvents, column) {
				return fmt.Sprintf("unknown column %q", column), yamlschema.Nearest("nearest: ", column, columnsOfEvents)
			}
			if _, err := strconv.ParseUint(value, 10, 63); err != nil && slices.Contains(numbersOfEvents, column) {
				return fmt.Sprintf("%s of an event is no number: %q", column, value), ""
			}
			s.columns[column] = value
			continue
		}
		text, times, ok := splitTimes(word)
		first, step, hasStep := strings.Cut(text, "+")
		at, isTime := parseClock(first)
		by, err := ParseDuration(step)
		if !ok || !isTime || hasStep && err != nil || at+int64(times)*by.micros() > longestClock*3_600_000_000 {
			return fmt.Sprintf("%q is no time of events", word), "give H:MM, H:MM:SS or H:MM:SS.ffffff; 10:00x20 are 20 events, 10:00+30sx20 are 20 with 30 s between them"
		}
		for i := range times { // all at once without a step
			s.times = append(s.times, at+int64(i)*by.micros())
		}
	}
	if len(s.times) == 0 {
		return "the events have no time", "for example: given events BATCH_RUN_FINISHED outcome=failure 10:00"
	}
	c.events = append(c.events, s)
	return "", ""
}

// readDepth reads "QUEUE TIME=N...".
func (c *Case) readDepth(words []string) (what, hint string) {
	if len(words) < 2 {
		return "a depth has a queue and values", "for example: given depth pushes 10:00=101 11:00=0"
	}
	_, what, hint = readSteps(words[1:], func(at, n int64) { c.depths = append(c.depths, reading{words[0], at, n}) })
	return what, hint
}

// readPending reads "TIME=N...".
func (c *Case) readPending(words []string) (what, hint string) {
	var steps []moment
	_, what, hint = readSteps(words, func(at, n int64) { steps = append(steps, moment{at, n}) })
	for i, s := range steps {
		to := int64(open)
		if i+1 < len(steps) {
			to = steps[i+1].at
		}
		c.pending = append(c.pending, stretch{s.at, to, amountOf(s.value)})
	}
	return what, hint
}

// readSteps reads values that stay until the next one, in the order of time.
func readSteps(words []string, add func(at, n int64)) (last int64, what, hint string) {
	const form = "give TIME=NUMBER in the order of time, for example 10:00=101 11:00=0"
	if len(words) == 0 {
		return 0, "there is no value", form
	}
	last = -1
	for _, word := range words {
		clock, value, _ := strings.Cut(word, "=")
		at, isTime := parseClock(clock)
		n, err := strconv.ParseInt(value, 10, 64)
		if !isTime || err != nil || n < 0 || at <= last {
			return 0, fmt.Sprintf("%q is no value from a time on", word), form
		}
		add(at, n)
		last = at
	}
	return last, "", ""
}
