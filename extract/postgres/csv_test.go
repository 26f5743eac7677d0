package postgres

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vaultreport/extract/table"
	"vaultreport/internal/bizday"
	"vaultreport/internal/errs"
	"vaultreport/internal/pgtest"
	"vaultreport/internal/pii"
	"vaultreport/internal/vfs"
)

// fourTables makes the tables of docs/sources.md section 2 with the rows of n users, of which some hold values outside their domains.
const fourTables = `
	create type vault_state as enum ('LOCKED', 'ACTIVE', 'CLAIMED', 'EXPIRED', 'UNLOCKED', 'FROZEN');
	create table vault_status (
		user_id integer, gold_status vault_state, platinum_status varchar(10), diamond_status text, expires_at timestamptz, expires_initial_at timestamp,
		expiry_extend_count smallint, last_extension_reason text, last_extension_at timestamptz, platinum_attendance_days integer, platinum_deposit_done boolean,
		diamond_deposit_total bigint, gold_claimed_at timestamptz, platinum_claimed_at timestamptz, diamond_claimed_at timestamptz, last_attended_at timestamptz,
		created_at timestamptz, updated_at timestamptz, nickname text
	);
	insert into vault_status
	select n, (enum_range(null::vault_state))[1 + n %% 6], (array['LOCKED', 'ACTIVE', 'CLAIMED', null])[1 + n %% 4],
		case when n %% 997 = 0 then 'VOID' when n %% 991 = 0 then '' else 'LOCKED' end,
		case when n %% 101 = 0 then 'infinity' when n %% 103 = 0 then null else '2026-01-01 00:00:00+00'::timestamptz + n * interval '61.000007 s' end,
		case when n %% 107 = 0 then '-infinity' else '2026-01-01'::timestamp + n * interval '1 minute' end,
		n %% 7, (array['OPS', 'PROMO', null, 'REFERRAL', 'ADMIN', 'OTHER'])[1 + n / 6 %% 6 %% (5 + (n %% 1009 = 0)::int)], '1969-12-31 23:59:59.5+00'::timestamptz + n * interval '1 ms',
		n %% 31 - (n %% 1013 = 0)::int * 100, (array[true, false, null])[1 + n %% 3], n * 1000, null, null, '0001-01-01 00:00:00+00'::timestamptz + greatest(n, 0) * interval '1 day',
		'2026-01-02 00:00:00+09'::timestamptz, '2025-12-31 15:00:00.000001+00'::timestamptz, now(), E'이름, "' || n || E'"\n'
	from generate_series(-3, %[1]d) as n;
	create table compensation_queue (
		id bigint, user_id bigint, vault_type text, request_id text, external_service text, status text, retry_count integer, next_retry_at timestamptz, created_at timestamptz, payload jsonb
	);
	insert into compensation_queue
	select n, n * 7919, (array['GOLD', 'PLATINUM', 'DIAMOND', 'BONUS', 'gold'])[1 + n %% (4 + (n %% 1009 = 0)::int)],
		case n %% 5 when 0 then md5(n::text) when 1 then '보상 "' || n || '", 2' when 2 then null when 3 then repeat('x', 120 + n %% 11) else E'a\nb' end,
		(array['toss', 'pay.v2', null, '010-1234-5678', 'untagged'])[1 + n %% (3 + 2 * (n %% 1009 = 0)::int)], (array['PENDING', 'DONE', 'DLQ', 'bad'])[1 + n %% (3 + (n %% 1009 = 0)::int)],
		n %% 9, case when n %% 3 = 0 then '2026-01-02 23:59:59.999999+09'::timestamptz end, '2026-01-02'::timestamptz, '{"a": "b"}'
	from generate_series(1, %[1]d) as n;
	create table notifications_queue (id bigint, user_id bigint, type text, vault_type text, variant_id text, status text, retry_count integer, scheduled_at timestamp, created_at timestamptz);
	insert into notifications_queue
	select n, n, (array['EXPIRY_D1', 'a:b-c.d', '', null])[1 + n %% 4], 'GOLD', (array['A', 'B', null, 'ALL', '한'])[1 + n %% (3 + 2 * (n %% 1009 = 0)::int)], 'SENT', 0,
		'2026-01-02 10:00:00', '2026-01-01 14:59:59.999999+00'::timestamptz + (n %% 2000) * interval '1 minute'
	from generate_series(1, %[1]d) as n;
	create table vault_expiry_extension_log (id bigint, user_id bigint, prev_expires_at timestamptz, new_expires_at timestamptz, reason text, shadow boolean, created_at timestamp);
	insert into vault_expiry_extension_log
	select n, n, now(), 'infinity', (array['OPS', 'PROMO'])[1 + n %% 2], n %% 2 = 0, case when n %% 5 = 0 then null else '2026-01-01 15:00:00'::timestamp + (n %% 3000) * interval '1 minute' end
	from generate_series(1, %[1]d) as n;
	grant select on all tables in schema public to reader;`

// outcome is what an extraction of 2026-01-02 makes of a table.
type outcome struct {
	rows       [][]byte
	refused    []string
	outOfRange int
	missing    []string
}

func (o *outcome) take(t *testing.T, spec *table.Spec, r table.Reader) {
	t.Helper()
	zone, err := bizday.LoadZone("Asia/Seoul")
	if err != nil {
		t.Fatal(err)
	}
	key, err := pii.ParseKey([]byte(strings.Repeat("0f", 32)))
	if err != nil {
		t.Fatal(err)
	}
	match, err := spec.MatchColumns(r.Attributes(), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	o.missing = match.Missing
	start, end := zone.Bounds(bizday.Of(2026, 1, 2))
	checker := table.NewChecker(spec, key, start, end)
	checker.Use(match)
	err = r.Rows(t.Context(), match.Names, func(values []table.Value) error {
		switch result := checker.Check(values); result.Fate {
		case table.OutOfRange:
			o.outOfRange++
		case table.Refused:
			o.refused = append(o.refused, result.Field+" "+result.Masked)
		default:
			o.rows = append(o.rows, slices.Clone(result.Row))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (o *outcome) sort() {
	slices.SortFunc(o.rows, bytes.Compare)
	slices.Sort(o.refused)
}

// dump writes a table as psql's \copy ... csv header does, in the time zone of the service.
func dump(t *testing.T, server *pgtest.Server, name string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), name+".csv")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	conn := superuserOf(t, server)
	if _, err := conn.Exec(t.Context(), "set timezone = 'Asia/Seoul'"); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.PgConn().CopyTo(context.Background(), file, "copy "+name+" to stdout (format csv, header)"); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestATableOfAServerAndItsDumpGiveTheSameRows(t *testing.T) {
	server := pgtest.Start(t)
	dsn := server.DSN("reader")
	const users = 100_000
	server.Exec(fmt.Sprintf(fourTables, users))
	s := snapshotOf(t, Options{DSN: dsn, Connections: 3})
	for _, spec := range table.Specs() {
		t.Run(spec.Name, func(t *testing.T) {
			var live, dumped outcome
			for _, p := range foundTable(t, s, spec.Name).Parts() {
				live.take(t, spec, p)
			}
			csv, err := table.Open(vfs.OS(), dump(t, server, spec.Name))
			if err != nil {
				t.Fatal(err)
			}
			defer csv.Close()
			dumped.take(t, spec, csv)
			live.sort()
			dumped.sort()
			if len(live.rows)+len(live.refused)+live.outOfRange < users || len(live.rows) < users/10 {
				t.Errorf("%d rows, %d refused, %d out of range of %d", len(live.rows), len(live.refused), live.outOfRange, users)
			}
			if !slices.EqualFunc(live.rows, dumped.rows, bytes.Equal) {
				t.Errorf("%d rows of the server, %d of the dump, which differ", len(live.rows), len(dumped.rows))
			}
			if live.outOfRange != dumped.outOfRange || !slices.Equal(live.missing, dumped.missing) {
				t.Errorf("of the server %d are out of range and %v missing, of the dump %d and %v", live.outOfRange, live.missing, dumped.outOfRange, dumped.missing)
			}
			if diff := cmp.Diff(dumped.refused, live.refused); diff != "" {
				t.Errorf("refused, of the dump and of the server:\n%.3000s", diff)
			}
			t.Logf("%d rows, %d refused, %d out of range", len(live.rows), len(live.refused), live.outOfRange)
		})
	}
}

// A required column of another type stops the run with the table's and the column's name, whatever reads it.
func TestARequiredColumnOfAnotherTypeIsNamed(t *testing.T) {
	server := pgtest.Start(t)
	dsn := server.DSN("reader")
	server.Exec("create table vault_status (user_id numeric, gold_status text, platinum_status text, diamond_status text, expires_at timestamp); grant select on vault_status to reader")
	s := snapshotOf(t, Options{DSN: dsn})
	spec := table.SpecOf("vault_status")
	_, err := spec.MatchColumns(foundTable(t, s, "vault_status").Parts()[0].Attributes(), nil, nil)
	if errs.ClassOf(err) != errs.Gate || !strings.Contains(err.Error(), "vault_status") || !strings.Contains(err.Error(), "user_id is of type numeric") {
		t.Errorf("%v", err)
	}
}
