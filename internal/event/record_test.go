package event

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestEnumerationsAreInByteOrder(t *testing.T) {
	for name, list := range map[string][]string{"kinds": kindNames, "vault types": VaultTypes, "statuses": Statuses, "reasons": ExtensionReasons, "outcomes": Outcomes} {
		if !slices.IsSorted(list) {
			t.Errorf("%s: %v is not sorted, so codes do not compare as texts", name, list)
		}
		for i, value := range list[1:] {
			if got := code(list, value); got != i+1 {
				t.Errorf("%s: code of %s is %d, want %d", name, value, got, i+1)
			}
		}
	}
	if KindOf("VAULT_CLAIMED") != VaultClaimed || KindOf("vault_claimed") != 0 || len(kindNames) != int(VaultUnlocked)+1 {
		t.Error("the names of the kinds do not match their constants")
	}
}

func TestEveryKindListsWhatItNeeds(t *testing.T) {
	for _, k := range Kinds() {
		if k.Lists()&k.Needs() != k.Needs() || !k.Needs().Has(TS) {
			t.Errorf("%s needs %b and lists %b", k, k.Needs(), k.Lists())
		}
		if listings[k].needs == 0 {
			t.Errorf("%s has no row in the listings", k)
		}
	}
}

// drawRecord draws from few values, so that equal columns, ties and duplicates are common.
func drawRecord(t *rapid.T, label string) Record {
	r := Record{Kind: rapid.SampledFrom([]Kind{AlertSent, VaultClaimed}).Draw(t, label+" kind"), TS: rapid.Int64Range(0, 2).Draw(t, label+" ts")}
	r.Present = Set(TS, Event, Env)
	r.Env = rapid.SampledFrom([]string{"dev", "prod"}).Draw(t, label+" env")
	maybe := func(c Column, set func(v int64)) {
		if v := rapid.Int64Range(0, 2).Draw(t, label+" "+c.String()); v > 0 {
			r.Present |= Set(c)
			set(v)
		}
	}
	maybe(UserKey, func(v int64) { r.UserKey[0] = byte(v) })
	maybe(VaultType, func(v int64) { r.VaultType = Enum(v) })
	maybe(ReqID, func(v int64) { r.ReqID[3] = byte(v) })
	maybe(TraceID, func(v int64) { r.TraceID[5] = byte(v) })
	maybe(StatusAfter, func(v int64) { r.StatusAfter = Enum(v) })
	maybe(Shadow, func(v int64) { r.Shadow = v == 2 })
	maybe(VariantID, func(v int64) { r.VariantID = fmt.Sprint("v", v) })
	maybe(Attempt, func(v int64) { r.Attempt = v })
	return r
}

func TestCompareIsATotalOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := drawRecord(t, "a"), drawRecord(t, "b"), drawRecord(t, "c")
		for name, compare := range map[string]func(a, b *Record) int{"Compare": Compare, "CompareIdentity": CompareIdentity} {
			if compare(&a, &b) != -compare(&b, &a) {
				t.Fatalf("%s is not antisymmetric", name)
			}
			if compare(&a, &b) <= 0 && compare(&b, &c) <= 0 && compare(&a, &c) > 0 {
				t.Fatalf("%s is not transitive", name)
			}
			if (compare(&a, &b) == 0) != reflect.DeepEqual(a, b) {
				t.Fatalf("%s is 0 for unequal records, or not for equal ones", name)
			}
		}
		if a.TS == b.TS && a.Present == b.Present && SameContent(&a, &b) && !SameIdentity(&a, &b) && a.Kind == b.Kind {
			t.Fatal("equal content at one instant is not one identity")
		}
	})
}

func TestOneIdentityIsNeighbours(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		records := make([]Record, rapid.IntRange(2, 60).Draw(t, "n"))
		for i := range records {
			records[i] = drawRecord(t, fmt.Sprint(i))
		}
		slices.SortFunc(records, func(a, b Record) int { return CompareIdentity(&a, &b) })
		for i := range records {
			for j := i + 2; j < len(records); j++ {
				if SameIdentity(&records[i], &records[j]) && !SameIdentity(&records[i], &records[i+1]) {
					t.Fatalf("records %d and %d are one identity, and %d between them is not", i, j, i+1)
				}
			}
		}
	})
}

func TestNullComesFirst(t *testing.T) {
	with := Record{Kind: AlertSent, Present: Set(TS, Event, Shadow)}
	without := Record{Kind: AlertSent, Present: Set(TS, Event)}
	if Compare(&without, &with) != -1 {
		t.Error("false comes before NULL")
	}
}

func TestRecordsWithoutReqIDSortApartFromThoseWithOne(t *testing.T) {
	// Compared by ts among themselves and by user_key with others, these three would go round in a circle.
	key := func(b byte) Key { return Key{b} }
	a := Record{Kind: AlertSent, Present: Set(TS, Event, UserKey), TS: 1, UserKey: key(3)}
	b := Record{Kind: AlertSent, Present: Set(TS, Event, UserKey), TS: 2, UserKey: key(1)}
	c := Record{Kind: AlertSent, Present: Set(TS, Event, UserKey, ReqID), TS: 0, UserKey: key(2)}
	if CompareIdentity(&a, &b) >= 0 || CompareIdentity(&b, &c) >= 0 || CompareIdentity(&a, &c) >= 0 {
		t.Error("the order is not transitive")
	}
}
