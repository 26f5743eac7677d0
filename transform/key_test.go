package transform

import (
	"testing"

	"vaultreport/internal/bizday"
	"vaultreport/warehouse"
)

func TestKeysOfOtherLinesAreOthers(t *testing.T) {
	digest := func(lines ...[]string) string {
		k := newKeyHash()
		for _, texts := range lines {
			k.write(texts...)
		}
		return k.sum()
	}
	seen := map[string]int{}
	for i, lines := range [][][]string{
		{{"ab", "c"}}, {{"a", "bc"}}, {{"abc"}}, {{"ab"}, {"c"}}, {{"ab", "c"}, {}}, {{"ab", "c", ""}}, {{"2:ab1:c"}}, {{"ab1:c"}}, {{"ab", "c\n"}}, {},
	} {
		d := digest(lines...)
		if j, is := seen[d]; is {
			t.Errorf("lines %d and %d have one digest", i, j)
		}
		seen[d] = i
	}
}

// A file's key is that of its inputs one after the other, and asking for it changes no later one.
func TestKeysGoOn(t *testing.T) {
	w := &Writer{runner: &runner{project: project(t), options: Options{Zone: zone(t, "Asia/Seoul")}}}
	file := func(dt bizday.Day) warehouse.File {
		return warehouse.File{Table: "alarm_span", Dt: dt, SHA256: dt.String()}
	}
	c := Computed{Table: "alarm", Dt: 1, Inputs: []warehouse.File{file(1)}}
	keys := w.Keys(c)
	for dt := bizday.Day(2); dt < 5; dt++ {
		keys.Key("ended")
		keys.Add(file(dt))
		c.Inputs, c.Extra = append(c.Inputs, file(dt)), []string{"newest"}
		if got, want := keys.Key("newest"), w.Key(c); got != want {
			t.Errorf("with %d inputs the key is %s instead of %s", len(c.Inputs), got, want)
		}
	}
}
