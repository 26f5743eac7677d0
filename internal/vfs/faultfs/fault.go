package faultfs

import "errors"

// ErrInjected is the error of a call that a rule let fail.
var ErrInjected = errors.New("injected fault")

// Fault says what becomes of a call.
type Fault int

// What may become of a call.
const (
	None  Fault = iota // it is carried out
	Fail               // it fails and does nothing; a write writes the first half
	Late               // it is carried out and fails all the same
	Crash              // it fails as with Fail, and so does every later call
)

// Rule decides about the n-th call, n from 0, before it is carried out.
type Rule func(n int, c Call) Fault

// At lets the k-th call fail, k from 0.
func At(k int, fault Fault) Rule {
	return func(n int, _ Call) Fault {
		if n == k {
			return fault
		}
		return None
	}
}

// Every lets every call of the operation fail.
func Every(op string, fault Fault) Rule {
	return func(_ int, c Call) Fault {
		if c.Op == op {
			return fault
		}
		return None
	}
}

// Call is one call: an operation, the name it is about, and for link and rename the new name.
type Call struct{ Op, Name, To string }

// Changes says whether the operation changes anything on the disk, or makes a change durable or exclusive.
func (c Call) Changes() bool {
	switch c.Op {
	case "open", "read", "close", "readdir", "stat":
		return false
	}
	return true
}

// String returns the operation and its names.
func (c Call) String() string {
	if c.To == "" {
		return c.Op + " " + c.Name
	}
	return c.Op + " " + c.Name + " -> " + c.To
}
