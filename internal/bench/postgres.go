package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/dustin/go-humanize"

	"vaultreport/extract/table"
	"vaultreport/internal/pgtest"
)

// postgres measures section B: a live table of 20 columns, of which the lake has 18, beside psql that drops the same 18.
func (b *bench) postgres(ctx context.Context) error {
	rows := int64(b.options.rows)
	b.say("a table of %d rows in PostgreSQL", rows)
	dsn, err := pgtest.Serve("reader", fmt.Sprintf(vaultStatus, rows), "vacuum analyze vault_status", "grant select on vault_status to reader")
	if err != nil {
		return err
	}
	dir := filepath.Join(b.dir, "postgres")
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "user.key"), []byte(keyText), 0o600); err != nil {
		return err
	}
	var configs [2]string // for so many connections and one more
	for i := range configs {
		configs[i] = filepath.Join(dir, fmt.Sprintf("connections-%d.yaml", i+1))
		text := fmt.Sprintf("tables:\n  - {name: vault-db, env: prod, dsn: %q, connections: %d}\nprivacy: {key_file: user.key}\n", dsn, i+1)
		if err := os.WriteFile(configs[i], []byte(text), 0o600); err != nil {
			return err
		}
	}
	b.tell("B: vault_status of %s rows and 20 columns in PostgreSQL on the same machine, 18 of them selected; CPU is that of the clients", humanize.Comma(rows))
	b.say("psql, one connection, two connections")
	c, err := alternate(b.options.pairs,
		func() (cost, error) {
			return took(exec.CommandContext(ctx, "psql", dsn, "-X", "-q", "-c", copyBinary()))
		},
		func() (cost, error) { return b.takeTable(ctx, dir, configs[0], rows) },
		func() (cost, error) { return b.takeTable(ctx, dir, configs[1], rows) })
	if err != nil {
		return err
	}
	const bar = "PostgreSQL -> Parquet against the psql COPY BINARY limit: <= 1.5x (1 connection), <= 1.25x (2)"
	b.add(atMostWall(bar, "whole process of `extract`, connections: 1", c[1], c[0], 1.5))
	b.add(atMostWall(bar, "whole process of `extract`, connections: 2", c[2], c[0], 1.25))
	return os.RemoveAll(dir)
}

// takeTable runs `extract` for yesterday, which gets live tables, into a new warehouse.
func (b *bench) takeTable(ctx context.Context, dir, config string, want int64) (cost, error) {
	warehouse := filepath.Join(dir, "warehouse")
	c, err := b.program.call(ctx, "extract", "--config", config, "--warehouse", warehouse)
	if err != nil {
		return cost{}, err
	}
	if rows, err := rowsOf(warehouse, "vault_status"); err != nil || rows != want {
		return cost{}, fmt.Errorf("the lake has %d rows, not %d: %w", rows, want, err)
	}
	return c, os.RemoveAll(warehouse)
}

// copyBinary is what PostgreSQL can give at most: the columns that the lake has, all rows, to nowhere.
func copyBinary() string {
	var columns []string
	for _, c := range table.SpecOf("vault_status").Columns {
		columns = append(columns, c.Source)
	}
	return "copy (select " + strings.Join(columns, ", ") + " from vault_status) to stdout (format binary)"
}

// vaultStatus makes a table of so many rows, users in no order, each column with as many values and NULLs as one may expect of it.
const vaultStatus = `create table vault_status as
	select
		(u * 7919) %% 1000000007 + 1 as user_id,
		'nickname ' || u as nickname,
		(array['LOCKED', 'LOCKED', 'UNLOCKED', 'CLAIMED', 'EXPIRED'])[1 + u %% 5] as gold_status,
		(array['LOCKED', 'LOCKED', 'UNLOCKED', 'CLAIMED', 'EXPIRED'])[1 + u / 5 %% 5] as platinum_status,
		(array['LOCKED', 'LOCKED', 'UNLOCKED', 'CLAIMED', 'EXPIRED'])[1 + u / 25 %% 5] as diamond_status,
		t + interval '60 days' as expires_at,
		t + interval '30 days' as expires_initial_at,
		(u %% 4)::int as expiry_extend_count,
		case when u %% 4 > 0 then (array['OPS', 'PROMO', 'REFERRAL', 'ADMIN'])[1 + u / 4 %% 4] end as last_extension_reason,
		case when u %% 4 > 0 then t + interval '10 days' end as last_extension_at,
		(u %% 31)::int as platinum_attendance_days,
		u %% 3 = 0 as platinum_deposit_done,
		u * 104729 %% 500 * 1000 as diamond_deposit_current,
		case when u %% 5 = 3 then t + interval '12 days' end as gold_claimed_at,
		case when u / 5 %% 5 = 3 then t + interval '15 days' end as platinum_claimed_at,
		case when u / 25 %% 5 = 3 then t + interval '20 days' end as diamond_claimed_at,
		t + interval '21 days' as last_attended_at,
		t as created_at,
		t + interval '21 days' as updated_at,
		'a note of some length that no one reads' as memo
	from (
		select u, timestamptz '2026-01-01 00:00:00+09' + u * 7919 %% 2000000011 * interval '1 millisecond' as t
		from generate_series(1, %d::bigint) as u
	) as users`
