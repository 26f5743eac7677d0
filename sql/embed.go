// Package sql holds what an analyst edits: contracts of every table, models, their cases, and invariants across models.
// README.md says how they are written; transform runs them.
package sql

import "embed"

// FS holds lake/*.yaml (tables that extraction writes), models/*.yaml with *.sql and *.test, and tests/*.yaml with *.sql.
//
//go:embed lake models tests
var FS embed.FS
