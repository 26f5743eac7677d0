package postgres

import (
	"strings"
	"testing"

	"vaultreport/internal/checkup"
	"vaultreport/internal/pgtest"
)

const smallTables = `
	create table vault_status (user_id bigint, nickname text, gold_status text, platinum_status text, diamond_status text, expires_at timestamptz, created_at timestamptz);
	create table compensation_queue (id bigint, user_id bigint, status text, metadata text);
	create table notifications_queue (id bigint, user_id bigint, status text, created_at timestamptz);
	create table vault_expiry_extension_log (id bigint, user_id bigint, reason text, shadow boolean, created_at timestamptz);`

func TestWhatADatabaseLacksIsFoundWithItsGrant(t *testing.T) {
	const everything = "grant select on all tables in schema public to reader;"
	for _, c := range []struct {
		name, change string
		rename       map[string]map[string]string
		line         string // its check, and what follows
		status       checkup.Status
		what, fix    string
	}{
		{"the table is as it should be, less the columns that installations may lack", everything, nil, "db vault_expiry_extension_log", checkup.Warning, "5 columns may be read, missing or of another type: prev_expires_at, new_expires_at", "rename"},
		{"the role has no right at all", "", nil, "db vault_status", checkup.Fails, "role reader may not read user_id, gold_status, platinum_status, diamond_status, expires_at, created_at",
			"GRANT SELECT (ctid, user_id, gold_status, platinum_status, diamond_status, expires_at, created_at) ON public.vault_status TO reader"},
		{"a required column may not be read", "grant select (user_id, gold_status, platinum_status, expires_at, created_at) on vault_status to reader", nil, "db vault_status", checkup.Fails,
			"role reader may not read diamond_status", "GRANT SELECT (diamond_status) ON public.vault_status TO reader"},
		{"another column may not be read", "grant select (user_id, gold_status, platinum_status, diamond_status, expires_at) on vault_status to reader", nil, "db vault_status", checkup.Warning,
			"role reader may not read created_at", "GRANT SELECT (created_at) ON public.vault_status TO reader"},
		{"a renamed column may not be read", "alter table vault_status rename gold_status to first; grant select (user_id, platinum_status, diamond_status, expires_at, created_at) on vault_status to reader",
			map[string]map[string]string{"vault_status": {"first": "gold_status"}}, "db vault_status", checkup.Fails, "role reader may not read first", "GRANT SELECT (first) ON public.vault_status TO reader"},
		{"a required column is missing", "alter table vault_status drop gold_status;" + everything, nil, "db vault_status", checkup.Fails, "required column gold_status is missing", "rename"},
		{"a table is missing", "drop table compensation_queue;" + everything, nil, "db compensation_queue", checkup.Warning, "there is no such table", "search_path"},
		{"the role may write", everything + "grant insert on notifications_queue to reader; alter table notifications_queue add type text, add vault_type text, add variant_id text, add retry_count int, add scheduled_at timestamptz",
			nil, "db notifications_queue", checkup.Warning, "the role may write the table", `REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON "public"."notifications_queue" FROM "reader"`},
		{"nobody may use the schema", "alter table vault_status set schema private; " + everything, nil, "db vault_status", checkup.Fails, "may not use schema private", `grant usage on schema "private" to "reader"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			server := pgtest.Start(t)
			dsn := server.DSN("reader")
			if strings.Contains(c.change, "schema private") {
				server.Exec("create schema private")
				dsn += "&search_path=private,public"
			}
			server.Exec(smallTables + c.change)
			lines := Checkup(t.Context(), Options{DSN: dsn}, c.rename, "db")
			if len(lines) != 5 || lines[0].Check != "db" || lines[0].Status != checkup.OK || !strings.Contains(lines[0].What, "role reader, read only") {
				t.Errorf("%d lines, the first is %+v", len(lines), lines[0])
			}
			for _, l := range lines {
				if l.Check == c.line && (l.Status != c.status || !strings.Contains(l.What, c.what) || !strings.Contains(l.Fix, c.fix)) {
					t.Errorf("got %+v\nwant %s: %s; fix: %s", l, c.status, c.what, c.fix)
				}
				if strings.Contains(l.What+l.Fix, pgtest.Password) {
					t.Errorf("a secret is shown: %+v", l)
				}
			}
			if grant := c.fix; strings.HasPrefix(grant, "GRANT") {
				server.Exec(grant)
				for _, l := range Checkup(t.Context(), Options{DSN: dsn}, c.rename, "db") {
					if l.Check == c.line && (l.Status == checkup.Fails || strings.Contains(l.What, "may not read")) {
						t.Errorf("after the grant: %+v", l)
					}
				}
			}
		})
	}
}

func TestADatabaseThatLetsNobodyInIsOneFailingLine(t *testing.T) {
	server := pgtest.Start(t)
	for name, c := range map[string]struct{ dsn, what string }{
		"a wrong password": {strings.Replace(server.DSN("reader"), pgtest.Password, "wrong", 1), "password authentication failed"},
		"a superuser":      {server.DSN(pgtest.Superuser), "is a superuser"},
		"no such form":     {"postgres://:" + pgtest.Password + "@[", "libpq knows no such form"},
	} {
		lines := Checkup(t.Context(), Options{DSN: c.dsn}, nil, "db")
		if len(lines) != 1 || lines[0].Status != checkup.Fails || !strings.Contains(lines[0].What, c.what) || lines[0].Fix == "" || strings.Contains(lines[0].What, pgtest.Password) {
			t.Errorf("%s: %+v", name, lines)
		}
	}
}
