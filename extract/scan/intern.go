package scan

// internLimit is how many texts an interned keeps; past it all are forgotten, so that hostile lines cost time and no
// memory.
const internLimit = 4096

// internLength is the longest text that is kept.
const internLength = 64

// interned keeps what was made of a text, so that the few texts that a file repeats on every line are allocated and
// judged once.
type interned[V any] struct {
	made map[string]V
	make func(text string) V
}

func newInterned[V any](make func(text string) V) *interned[V] {
	return &interned[V]{map[string]V{}, make}
}

func (i *interned[V]) of(text []byte) V {
	if v, ok := i.made[string(text)]; ok {
		return v
	}
	s := string(text)
	v := i.make(s)
	if len(s) > internLength {
		return v
	}
	if len(i.made) >= internLimit {
		clear(i.made)
	}
	i.made[s] = v
	return v
}
