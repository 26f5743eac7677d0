// Package sql holds what an analyst edits: contracts of every table, models, their cases, and invariants across models.
// README.md says how they are written; transform runs them.
package sql

import "embed"

// FS holds lake/*.yaml (tables that extraction writes), models/*.yaml with *.sql and *.test, tests/*.yaml with *.sql, and
// alarms.yaml and alarms_more.yaml with their schema, metrics.yaml with its schema, explain/*.yaml with *.sql, and
// contracts.lock.yaml, the columns of every table.
//
//go:embed lake models tests explain alarms.yaml alarms_more.yaml alarms.schema.json metrics.yaml metrics.schema.json
//go:embed contracts.lock.yaml
var FS embed.FS
