package duck

import (
	"context"
	"testing"
)

func TestRowsAreAppendedAsTheyAre(t *testing.T) {
	db := open(t, Options{Threads: 1})
	ctx := context.Background()
	if _, err := db.Conn().ExecContext(ctx, "create temp table some_rows (n BIGINT, x DOUBLE, text VARCHAR)"); err != nil {
		t.Fatal(err)
	}
	if err := Append(db.Conn(), "some_rows", [][]any{{int64(1), 0.1, "it's"}, {nil, nil, nil}}); err != nil {
		t.Fatal(err)
	}
	if got, want := value(t, db, "select string_agg(concat_ws('|', n, x, text), ';' order by n) || count(*) from some_rows"), "1|0.1|it's;2"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for _, wrong := range [][]any{{"one", 0.1, "a"}, {int64(1), 0.1}} {
		if err := Append(db.Conn(), "some_rows", [][]any{wrong}); err == nil {
			t.Errorf("%v: got no error", wrong)
		}
	}
	if err := Append(db.Conn(), "no_such_table", nil); err == nil {
		t.Error("no table: got no error")
	}
}
