package event

import (
	"slices"
	"testing"
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
