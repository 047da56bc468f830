package router

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"

	"jiamenkou/service/account"
)

// who may call an operation.
type who int

const (
	anyone   who = iota // signed in or not
	resident            // signed in with WeChat
)

type sessionKey struct{}

// sessionOf gives the caller's session; the operations that ask for it are the residents' own.
func sessionOf(ctx context.Context) account.Session {
	session, _ := ctx.Value(sessionKey{}).(account.Session)
	return session
}

// admit lets the right people in and counts the request against its limits: the resident's where somebody is signed
// in, and the address's.
func (a *API) admit(who who, limit string) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		c := humagin.Unwrap(ctx)
		enter := a.Account.Enter
		if who == anyone {
			enter = a.Account.Visit
		}
		session, err := enter(ctx.Context(), bearer(c.Request.Header), limit, c.ClientIP())
		if err != nil {
			refuse(c, err)
			return
		}
		next(huma.WithValue(ctx, sessionKey{}, session))
	}
}

func bearer(h http.Header) string {
	scheme, token, found := strings.Cut(h.Get("Authorization"), " ")
	if !found || !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}
