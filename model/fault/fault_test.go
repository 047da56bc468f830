package fault_test

import (
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"jiamenkou/model/fault"
)

var errFull = fault.New(fault.Conflict, "slot_full", "这个时段的名额已经约满。")

func TestCopiesLeaveTheDeclaredFaultAlone(t *testing.T) {
	before := *errFull
	told := errFull.WithCause(io.EOF).WithMessage("还有%d个名额。", 0).WithField("body.slot", "满了").WithRetryAfter(time.Second)
	if fmt.Sprintf("%+v", before) != fmt.Sprintf("%+v", *errFull) {
		t.Errorf("the declared fault is now %+v", *errFull)
	}
	want := fault.Error{
		Kind: fault.Conflict, Code: "slot_full", Message: "还有0个名额。",
		Fields: []fault.Field{{Name: "body.slot", Message: "满了"}}, RetryAfter: time.Second, Cause: io.EOF,
	}
	if fmt.Sprintf("%+v", *told) != fmt.Sprintf("%+v", want) {
		t.Errorf("the copy is %+v", *told)
	}
}

// Two copies made from one never share a list of fields.
func TestFieldsAreNotShared(t *testing.T) {
	one := errFull.WithField("a", "1").WithField("b", "2").WithField("c", "3")
	left, right := one.WithField("left", ""), one.WithField("right", "")
	if left.Fields[3].Name != "left" || right.Fields[3].Name != "right" || len(one.Fields) != 3 {
		t.Errorf("left %v, right %v", left.Fields, right.Fields)
	}
}

func TestFaultsMatchByCode(t *testing.T) {
	other := fault.New(fault.Conflict, "slot_closed", "")
	wrapped := fmt.Errorf("book: %w", errFull.WithCause(io.EOF))
	for name, c := range map[string]struct {
		err, target error
		is          bool
	}{
		"a copy":                    {errFull.WithMessage("x"), errFull, true},
		"a wrapped copy":            {wrapped, errFull, true},
		"its cause":                 {wrapped, io.EOF, true},
		"another code":              {wrapped, other, false},
		"no fault":                  {io.EOF, errFull, false},
		"a fault caused by a fault": {other.WithCause(errFull), errFull, true},
	} {
		if got := errors.Is(c.err, c.target); got != c.is {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestOf(t *testing.T) {
	if got := fault.Of(fmt.Errorf("book: %w", errFull)); got != errFull {
		t.Errorf("found %v", got)
	}
	if got := fault.Of(errors.Join(io.EOF, errFull)); got != errFull {
		t.Errorf("found %v among joined ones", got)
	}
	if fault.Of(nil) != nil || fault.Of(io.EOF) != nil {
		t.Error("found a fault where there is none")
	}
}

func TestErrorIsForTheLog(t *testing.T) {
	if got := errFull.Error(); got != "slot_full" {
		t.Errorf("it says %q", got)
	}
	if got := errFull.WithCause(io.EOF).Error(); got != "slot_full: EOF" {
		t.Errorf("it says %q", got)
	}
	if got := errFull.WithMessage("%s想约", "示例宝宝").Error(); got != "slot_full" {
		t.Errorf("the log would show what the person sees: %q", got)
	}
}
