package duck

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/duckdb/duckdb-go/v2"
)

// Options say how much of the machine the engine may use, and where it may write.
type Options struct {
	Threads      int      // at least 1
	Conns        int      // connections, at least 1
	MemoryBytes  int64    // budget of the whole process; 0 leaves the engine's own default
	TempDir      string   // where it spills; empty: it never does
	ReadOnlyDirs []string // when set, the only folders that SQL may open
}

// memoryShare is the part of the budget that becomes memory_limit: the limit does not cover all that the engine
// allocates (docs/security.md).
const memoryShare = 60

// DB is one DuckDB in memory. Each connection serves one statement at a time; they share the settings, the threads and the
// memory, and not their temporary tables.
type DB struct {
	db    *sql.DB
	conns []*sql.Conn
}

// Open starts an engine. The caller closes it.
func Open(ctx context.Context, o Options) (*DB, error) {
	connector, err := duckdb.NewConnector("", nil)
	if err != nil {
		return nil, fmt.Errorf("start DuckDB: %w", err)
	}
	d := &DB{db: sql.OpenDB(connector)}
	if err := d.prepare(ctx, o); err != nil {
		d.Close()
		return nil, fmt.Errorf("start DuckDB: %w", err)
	}
	return d, nil
}

// Conn returns the first connection; Close ends it.
func (d *DB) Conn() *sql.Conn { return d.conns[0] }

// Conns returns all connections, the first one first; Close ends them.
func (d *DB) Conns() []*sql.Conn { return d.conns }

// Close stops the engine. It is safe to call twice.
func (d *DB) Close() error {
	for _, conn := range d.conns {
		conn.Close()
	}
	return d.db.Close()
}

func (d *DB) prepare(ctx context.Context, o Options) error {
	for range max(o.Conns, 1) {
		conn, err := d.db.Conn(ctx)
		if err != nil {
			return err
		}
		d.conns = append(d.conns, conn)
		if _, err := conn.ExecContext(ctx, "set TimeZone = 'UTC'"); err != nil {
			return err
		}
	}
	conn := d.Conn()
	for _, statement := range slices.Concat(settings(o), macros, exactRatio) {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	if err := duckdb.RegisterScalarUDF(conn, "vr_two_proportion_p", &twoProportionP{}); err != nil {
		return err
	}
	if len(o.ReadOnlyDirs) > 0 {
		if _, err := conn.ExecContext(ctx, "set enable_external_access = false"); err != nil {
			return err
		}
	}
	_, err := conn.ExecContext(ctx, "set lock_configuration = true")
	return err
}

func settings(o Options) []string {
	list := []string{
		"set autoinstall_known_extensions = false",
		"set autoload_known_extensions = false",
		"set preserve_insertion_order = true",
		"set parquet_metadata_cache = true",      // a night opens the same small files many times
		"set enable_external_file_cache = false", // the kernel has the bytes already
		fmt.Sprintf("set threads = %d", max(o.Threads, 1)),
		"set temp_directory = " + Quote(o.TempDir),
	}
	if o.MemoryBytes > 0 {
		list = append(list, fmt.Sprintf("set memory_limit = '%dB'", o.MemoryBytes/100*memoryShare))
	}
	if len(o.ReadOnlyDirs) > 0 {
		quoted := make([]string, len(o.ReadOnlyDirs))
		for i, dir := range o.ReadOnlyDirs {
			quoted[i] = Quote(dir)
		}
		list = append(list, "set allowed_directories = ["+strings.Join(quoted, ", ")+"]")
	}
	return list
}

// Quote returns text as a string constant of SQL.
func Quote(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }
