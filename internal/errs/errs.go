// Package errs gives every error that reaches the user a class (which becomes the exit code), a place and a way out.
//
// The message says what was attempted, where, and why; the hint says what to do. No error holds a user id, the text of
// a line, a key or a connection string.
package errs

import "errors"

// Class says what kind of trouble an error is. The table from class to exit code is in cmd/vaultreport; the codes are
// those of docs/contract.md section 1.
type Class int

// The classes of docs/contract.md section 1.
const (
	Unexpected  Class = iota // anything not foreseen
	Usage                    // command line or configuration
	Gate                     // a data test, contract, ledger or PII gate said no
	Alarm                    // published, and an alarm is firing
	NotReady                 // a source is not there yet
	Leased                   // another run holds the lease
	Unreachable              // a source or store does not answer
)

// Error is an error for people. Hint and Err may be empty.
type Error struct {
	Class Class
	What  string // what was attempted and where: "read logs/2026-01-02/prod.jsonl"
	Hint  string // what to do about it
	Err   error  // why
}

// New returns an Error without a cause.
func New(class Class, what, hint string) *Error { return &Error{Class: class, What: what, Hint: hint} }

// Wrap returns an Error with a cause.
func Wrap(class Class, what string, err error) *Error {
	return &Error{Class: class, What: what, Err: err}
}

func (e *Error) Error() string {
	if e.Err == nil {
		return e.What
	}
	return e.What + ": " + e.Err.Error()
}

func (e *Error) Unwrap() error { return e.Err }

// ClassOf returns the class of the outermost Error in err's chain, Unexpected if there is none.
func ClassOf(err error) Class {
	var e *Error
	if errors.As(err, &e) {
		return e.Class
	}
	return Unexpected
}

// HintOf returns the first hint in err's chain, "" if there is none.
func HintOf(err error) string {
	for err != nil {
		var e *Error
		if !errors.As(err, &e) {
			return ""
		}
		if e.Hint != "" {
			return e.Hint
		}
		err = e.Err
	}
	return ""
}
