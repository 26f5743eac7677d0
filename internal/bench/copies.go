package main

import (
	"strings"

	"vaultreport/internal/duck"
)

// The statements of DuckDB that an extract is compared with. SOURCE and TARGET stand for files.
const (
	copyPlain        = `copy (select * from lines) to TARGET (format parquet, compression zstd)`
	copyHashed       = `copy (select ` + hashedIDs + ` from lines) to TARGET (format parquet, compression zstd)`
	copySorted       = `copy (select * from lines ` + eachOnce + ` order by event, user_id, ts) to TARGET (format parquet, compression zstd)`
	copyHashedSorted = `copy (select ` + hashedIDs + ` from lines ` + eachOnce + ` order by event, user_id, ts) to TARGET (format parquet, compression zstd)`

	readLines = `create temp view lines as select * from read_json(SOURCE, format = 'newline_delimited', columns = {
		ts: 'TIMESTAMP', event: 'VARCHAR', user_id: 'BIGINT', vault_type: 'VARCHAR', req_id: 'UUID', trace_id: 'VARCHAR', env: 'VARCHAR',
		status_before: 'VARCHAR', status_after: 'VARCHAR', expires_at: 'TIMESTAMP', variant_id: 'VARCHAR', notify_type: 'VARCHAR',
		attendance_day: 'BIGINT', tx_id: 'VARCHAR', amount: 'BIGINT', extension_reason: 'VARCHAR', shadow: 'BOOLEAN',
		compensation_id: 'VARCHAR', latency_ms: 'BIGINT', job: 'VARCHAR', outcome: 'VARCHAR', queue: 'VARCHAR', depth: 'BIGINT', attempt: 'BIGINT'});`

	// hashedIDs has what HMAC costs: a hash of a hash, each with a key.
	hashedIDs = `* replace (
		unhex(substr(sha256('outer-key-of-32-bytes-0123456789' || sha256('inner-key-of-32-bytes-0123456789' || user_id::VARCHAR)), 1, 32)) as user_id,
		unhex(substr(sha256('outer-key-of-32-bytes-0123456789' || sha256('inner-key-of-32-bytes-0123456789' || 'tx_id:' || tx_id)), 1, 32)) as tx_id,
		unhex(substr(sha256('outer-key-of-32-bytes-0123456789' || sha256('inner-key-of-32-bytes-0123456789' || 'compensation_id:' || compensation_id)), 1, 32)) as compensation_id)`

	// eachOnce is identity as docs/definitions.md section 2 has it, without conflicts.
	eachOnce = `qualify row_number() over (partition by env, event, user_id, vault_type, req_id, tx_id, compensation_id, attempt, attendance_day, job, queue order by ts) = 1`
)

// copyOf returns the text that reads source and writes target.
func copyOf(statement, source, target string) string {
	return strings.NewReplacer("SOURCE", duck.Quote(source), "TARGET", duck.Quote(target)).Replace(readLines + statement)
}
