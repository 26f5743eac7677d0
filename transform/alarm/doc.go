// Package alarm evaluates rules over metric_daily: alarm_evaluation says what each rule found on each day, alarm which runs
// of days fired (docs/definitions.md section 6).
//
// Words: a rule is an entry of alarms.yaml; a side is one of the two rates that it compares, current or baseline; a finding is
// what a rule says about one day alone; an evaluation is a finding that knows what came before; an episode is a run of
// consecutive days in state firing; an explanation splits the change of a rate into parts.
//
// Promises:
//  1. Conditions and explanations are exact: they are computed in rationals, from counts, and rounded once, when written.
//  2. A rule sees metric_daily and nothing else, so it knows no number that metric_daily hides.
//  3. A day's evaluation depends on the metrics that it compares and on the evaluation of the extracted day before: the cost
//     of a night does not grow with history.
//  4. A file is written again exactly when its key differs: rules, zone, content of the inputs.
//  5. Every extracted day has a file of both tables, of zero rows where there is nothing to say.
//
// Begin with Run; then evaluate.go, which is the rules' meaning, and explain.go.
package alarm
