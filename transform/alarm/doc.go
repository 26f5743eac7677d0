// Package alarm evaluates rules over the days of a store: alarm_evaluation says what each rule found on each day, alarm when
// it fired (docs/definitions.md section 6). Rules on rates compare numbers of a day; rules on event time look at every
// instant of it.
//
// Words: a rule is a level of an entry of alarms.yaml; a side is one of the two rates that a rule compares; a finding is what
// a rule on rates says about one day alone; a signal is a step function over a day, such as the depth of a queue or a
// quantile of a sliding window; a span is a stretch of time in which a condition holds on one; an evaluation is a row of
// alarm_evaluation; an episode is an alarm as far as the days tell that were looked at; an explanation splits a change into
// parts.
//
// Promises:
//  1. Conditions, peaks and explanations are exact: rationals from counts, and whole parts of a unit on event time, rounded
//     once, when written.
//  2. A rule on rates tells no number that metric_daily hides.
//  3. A night costs one day: alarm_span carries what is open at midnight, and alarm_evaluation what fires, with the peak so
//     far, so a day depends on its own inputs, the events that its windows reach back to, and the files of the extracted day
//     before, and of an alarm that fires still only its first day and the newest one are read. A day whose metrics change because a window of
//     theirs has matured does not read its events again.
//  4. A file is written again exactly when its key differs: rules, zone, content of the inputs.
//  5. Every extracted day has a file of each table, of zero rows where there is nothing to say.
//  6. Replay finds, under any rules and without writing, what Run would write; Try does so for many thresholds at once.
//  7. A Case is evaluated by the functions that evaluate a day: what a Rehearsal shows is what a night does.
//
// Begin with Run; then finder.go and finding.go, which are the rules' meaning, signal.go, and explain.go.
package alarm
