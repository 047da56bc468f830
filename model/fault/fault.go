// Package fault is how the house says no: one error type with a kind that decides the HTTP status, a stable
// code that clients match, and a sentence a parent or a clerk understands. Faults are declared as package
// variables beside the record they guard; With… methods return copies.
package fault

import (
	"errors"
	"fmt"
	"time"
)

// Kind groups faults by what the caller can do about them.
type Kind string

const (
	Malformed       Kind = "malformed"       // the request cannot be read
	Invalid         Kind = "invalid"         // it can be read, and breaks a rule on its own
	Unauthenticated Kind = "unauthenticated" // nobody is signed in
	Forbidden       Kind = "forbidden"       // signed in, and still not allowed
	NotFound        Kind = "not_found"       // absent, or outside what the caller may see
	Conflict        Kind = "conflict"        // the state of things speaks against it
	TooLarge        Kind = "too_large"       // the body is over the limit
	TooMany         Kind = "too_many"        // come back after RetryAfter
	Unavailable     Kind = "unavailable"     // ours to mend; try again after RetryAfter
	Internal        Kind = "internal"        // ours to mend, unexpected
)

// TooOften is the sentence for residents and staff alike who ask more often than they may.
const TooOften = "操作太频繁，请稍后再试。"

// Error is a refusal. Message is Chinese and safe to show; Cause is for the log only and never shown.
type Error struct {
	Kind       Kind
	Code       string
	Message    string
	Fields     []Field
	RetryAfter time.Duration
	Cause      error
}

// Field says which part of the input is wrong. Name is the path as the client wrote it, such as body.birth_date.
type Field struct {
	Name    string
	Message string
}

// New declares a fault.
func New(kind Kind, code, message string) *Error {
	return &Error{Kind: kind, Code: code, Message: message}
}

// Error is for the log: code, then cause. It never holds what the caller sent.
func (e *Error) Error() string {
	if e.Cause == nil {
		return e.Code
	}
	return fmt.Sprintf("%s: %v", e.Code, e.Cause)
}

// Unwrap gives the cause to errors.Is and errors.As.
func (e *Error) Unwrap() error { return e.Cause }

// Is matches by code, so that a copy with a cause is still the declared fault.
func (e *Error) Is(target error) bool {
	var other *Error
	return errors.As(target, &other) && other.Code == e.Code
}

// WithCause returns a copy that remembers why, for the log.
func (e *Error) WithCause(cause error) *Error {
	c := *e
	c.Cause = cause
	return &c
}

// WithMessage returns a copy with a sentence that fits the case better, under the same code.
func (e *Error) WithMessage(format string, args ...any) *Error {
	c := *e
	c.Message = fmt.Sprintf(format, args...)
	return &c
}

// WithField returns a copy that also names one wrong field.
func (e *Error) WithField(name, message string) *Error {
	c := *e
	c.Fields = append(append([]Field(nil), e.Fields...), Field{Name: name, Message: message})
	return &c
}

// WithRetryAfter returns a copy that says when to come back.
func (e *Error) WithRetryAfter(wait time.Duration) *Error {
	c := *e
	c.RetryAfter = wait
	return &c
}

// Of finds the fault in err, or nil.
func Of(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}
