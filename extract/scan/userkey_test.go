package scan

import (
	"math"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

func TestAUserHasOneKeyWhoeverCameBefore(t *testing.T) {
	key := testKey(t)
	users := userKeys{hasher: key.Hasher()}
	rapid.Check(t, func(t *rapid.T) {
		for _, id := range rapid.SliceOfN(rapid.OneOf(rapid.Int64Range(1, 3), rapid.Int64Range(1, math.MaxInt64)), 1, 50).Draw(t, "ids") {
			if got, want := users.of(id), key.Hasher().UserKey(strconv.AppendInt(nil, id, 10)); got != want {
				t.Fatalf("user %d has another key", id)
			}
		}
	})
}
