package router

import (
	"context"
	"net/http"
	"net/netip"
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
		session, err := enter(ctx.Context(), bearer(c.Request.Header), limit, visitor(c.ClientIP()))
		if err != nil {
			refuse(c, err)
			return
		}
		next(huma.WithValue(ctx, sessionKey{}, session))
	}
}

// visitor is whom an address stands for in the limits. A home or a phone has a whole /64 of IPv6 to pick addresses
// from, so that counting each by itself would limit nobody.
func visitor(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	if ip = ip.Unmap(); ip.Is4() {
		return ip.String()
	}
	network, _ := ip.Prefix(64) // no error: every IPv6 address has as many bits
	return network.String()
}

func bearer(h http.Header) string {
	scheme, token, found := strings.Cut(h.Get("Authorization"), " ")
	if !found || !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}
