package wechat

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// WeChat's errcodes that decide something here. Source: the error tables of the mini-program server API.
const (
	codeBusy           = -1
	codeBadSecretToken = 40001
	codeBadOpenID      = 40003
	codeBadAppID       = 40013
	codeBadToken       = 40014
	codeBadCode        = 40029
	codeBadTemplate    = 40037
	codeBadSecret      = 40125
	codeUsedCode       = 40163
	codeIPNotAllowed   = 40164
	codeBadScene       = 40169
	codeHighRisk       = 40226
	codeSecretFrozen   = 40243
	codeNoSecret       = 41004
	codeBadPage        = 41030
	codeTokenExpired   = 42001
	codeNoConsent      = 43101
	codeTooLong        = 45002
	codeQuota          = 45009
	codeTooOften       = 45011
	codeBadJSON        = 47001
	codeBadField       = 47003
	codeNotAllowed     = 48001
	codeNotVisited     = 61010
)

// Error is a WeChat call that did not succeed. Its text holds no AppSecret, token, login code or session key. Services
// classify it by its methods, through errors.As on an interface of their own.
type Error struct {
	// Errcode is WeChat's, or 0 when the failure is not WeChat's verdict (transport, or refused before sending).
	Errcode int
	// Call names what was tried: login, token, phone, send, check_text, check_media, qrcode.
	Call string
	// RID is WeChat's request id; their support asks for it.
	RID string
	// Message is WeChat's errmsg or our reason, redacted.
	Message string

	nature nature
	// unsent says that nothing went out to WeChat.
	unsent bool
	// cause is a context error or nil: nothing whose text could hold a secret.
	cause error
}

// nature classes what no errcode does.
type nature int

const (
	byErrcode nature = iota
	temporary
	misconfigured
	rejected
	invalid
)

// Error is "wechat: login: errcode 40029: invalid code (rid …)".
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "wechat: %s: ", e.Call)
	if e.Errcode != 0 {
		fmt.Fprintf(&b, "errcode %d: ", e.Errcode)
	}
	b.WriteString(e.Message)
	if e.RID != "" {
		fmt.Fprintf(&b, " (rid %s)", e.RID)
	}
	return b.String()
}

// Unwrap yields context.Canceled or context.DeadlineExceeded where one of them was the reason.
func (e *Error) Unwrap() error { return e.cause }

// Rejected: the caller's code is malformed, unknown, expired or used; he must fetch a new one.
func (e *Error) Rejected() bool { return e.nature == rejected || e.is(codeBadCode, codeUsedCode) }

// HighRisk: WeChat holds the person for a risk and refuses the login.
func (e *Error) HighRisk() bool { return e.is(codeHighRisk) }

// TooOften: a rate limit or a daily quota is used up; try later, not at once.
func (e *Error) TooOften() bool { return e.is(codeQuota, codeTooOften) }

// Misconfigured: AppID, secret, template, page, address or permission is wrong; an operator must act.
func (e *Error) Misconfigured() bool {
	return e.nature == misconfigured || e.Call == callToken && e.is(codeBadSecretToken) ||
		e.is(codeBadAppID, codeBadSecret, codeBadTemplate, codeIPNotAllowed, codeSecretFrozen, codeNoSecret,
			codeBadPage, codeNotAllowed)
}

// Temporary: busy, timed out, cut off or unreadable; the same call may succeed later. Whether it took effect is unknown.
func (e *Error) Temporary() bool {
	return e.nature == temporary || e.is(codeBusy) ||
		e.Call != callToken && e.is(codeBadSecretToken, codeBadToken, codeTokenExpired)
}

// NoConsent: the person refused the message, or no consent is left.
func (e *Error) NoConsent() bool { return e.is(codeNoConsent) }

// Invalid: what was to be sent is itself wrong and will never be taken.
func (e *Error) Invalid() bool {
	return e.nature == invalid || e.is(codeBadOpenID, codeBadScene, codeTooLong, codeBadJSON, codeBadField)
}

// Unsent: what was to be done surely was not. The request never went out, for want of a token above all, or WeChat would not
// have it. Where neither is certain it is false.
func (e *Error) Unsent() bool {
	return e.unsent || e.Call == callToken || e.TooOften() || e.NoConsent() || e.Misconfigured() || e.Invalid() ||
		e.is(codeBadSecretToken, codeBadToken, codeTokenExpired)
}

// NotVisited: the person has not opened the mini-program within two hours, so a content check cannot be made.
func (e *Error) NotVisited() bool { return e.is(codeNotVisited) }

func (e *Error) is(codes ...int) bool { return slices.Contains(codes, e.Errcode) }

func isBadToken(err error) bool {
	failed, ok := errors.AsType[*Error](err)
	return ok && failed.is(codeBadSecretToken, codeBadToken, codeTokenExpired)
}

// fault is a failure that WeChat did not put in an errcode.
func (c *Client) fault(name string, n nature, reason string, secrets ...string) *Error {
	return &Error{Call: name, Message: c.redact.clean(reason, secrets...), nature: n}
}

// unanswered is a call whose answer did not arrive.
func (c *Client) unanswered(name string, cause error, secrets ...string) *Error {
	failed := c.fault(name, temporary, cause.Error(), secrets...)
	for _, reason := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(cause, reason) {
			failed.cause = reason
		}
	}
	return failed
}

var ridAtEnd = regexp.MustCompile(`[,;]?\s*rid:?\s*([0-9A-Za-z-]{1,64})\s*$`)

// refusal is WeChat's own verdict; nil for errcode 0 or none.
func (c *Client) refusal(name string, errcode scalar, errmsg string, secrets ...string) error {
	if errcode == "" {
		return nil
	}
	code, err := strconv.Atoi(string(errcode))
	if err != nil {
		return c.fault(name, temporary, "the answer cannot be read")
	}
	if code == 0 {
		return nil
	}
	failed := &Error{Errcode: code, Call: name}
	if found := ridAtEnd.FindStringSubmatch(errmsg); found != nil {
		failed.RID, errmsg = found[1], strings.TrimSuffix(errmsg, found[0])
	}
	failed.Message = c.redact.clean(errmsg, secrets...)
	return failed
}

func textOf(err error) string {
	if err == nil {
		return "no reason given"
	}
	return err.Error()
}
