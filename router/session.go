package router

import (
	"context"
	"net/http"
	"net/netip"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"

	"jiamenkou/model"
	"jiamenkou/service/account"
	"jiamenkou/service/staff"
)

// who may call an operation.
type who struct {
	kind       people
	permission model.Permission // of staff; empty: any
}

type people int

const (
	everybody people = iota
	residents
	staffMembers
	visitors
)

var (
	anyone   = who{}                   // signed in or not
	resident = who{kind: residents}    // signed in with WeChat
	anyStaff = who{kind: staffMembers} // signed in to the console
	visitor  = who{kind: visitors}     // on the way into the console
)

// staffWho are the members of staff who may do something, each within the scope of what allows it.
func staffWho(p model.Permission) who { return who{staffMembers, p} }

type sessionKey struct{}

// sessionOf gives the caller's session; the operations that ask for it are the residents' own.
func sessionOf(ctx context.Context) account.Session {
	session, _ := ctx.Value(sessionKey{}).(account.Session)
	return session
}

type dutyKey struct{}

type visitorKey struct{}

// visitorOf is where a request to the console comes from.
func visitorOf(ctx context.Context) staff.Visitor {
	from, _ := ctx.Value(visitorKey{}).(staff.Visitor)
	return from
}

// staffSessionOf gives the session of the member of staff who calls; its duty is narrowed to what allows the operation.
func staffSessionOf(ctx context.Context) staff.Session {
	session, _ := ctx.Value(dutyKey{}).(staff.Session)
	return session
}

// dutyOf gives the member of staff who calls, within the scope of what allows the operation.
func dutyOf(ctx context.Context) model.OnDuty { return staffSessionOf(ctx).Duty }

// admit lets the right people in and counts the request against its limits: the person's where somebody is signed in,
// and the address's.
func (a *API) admit(r row) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		c := humagin.Unwrap(ctx)
		if r.who.ofConsole() {
			if err := a.fromConsole(c.Request); err != nil {
				refuse(c, err)
				return
			}
			ctx = huma.WithValue(ctx, visitorKey{}, visitorFrom(c))
		}
		key, session, err := a.enter(ctx.Context(), r.who, r.limit, c.Request, standsFor(c.ClientIP()))
		if err != nil {
			a.trailRefused(ctx.Context(), c, r, session, err)
			refuse(c, err)
			return
		}
		ctx = huma.WithValue(ctx, key, session)
		if !r.trailed() {
			next(ctx)
			return
		}
		a.leaveTrail(c, ctx, r, staffSessionOf(ctx.Context()), next)
	}
}

// visitorFrom is where a request comes from; the note of it hears whose account is tried.
func visitorFrom(c *gin.Context) staff.Visitor {
	n := noteOf(c.Request.Context())
	return staff.Visitor{
		Address: standsFor(c.ClientIP()), Device: deviceOf(c.Request.UserAgent()), TriedAs: func(staffID string) { n.triedAs = staffID },
	}
}

func (w who) ofConsole() bool { return w.kind == staffMembers || w.kind == visitors }

func (a *API) enter(ctx context.Context, who who, limit string, r *http.Request, address string) (key, session any, err error) {
	switch who.kind {
	case staffMembers:
		session, err := a.enterStaff(ctx, who.permission, limit, staffToken(r), address)
		return dutyKey{}, session, err
	case visitors:
		return dutyKey{}, staff.Session{}, a.Staff.Admit(ctx, limit, address)
	case residents:
		session, err := a.Account.Enter(ctx, bearer(r.Header), limit, address)
		return sessionKey{}, session, err
	case everybody:
	}
	session, err = a.Account.Visit(ctx, bearer(r.Header), limit, address)
	return sessionKey{}, session, err
}

// enterStaff lets a member of staff in. Whoever has to choose a new password may do that, and nothing that takes a
// permission.
func (a *API) enterStaff(ctx context.Context, p model.Permission, limit, token, address string) (staff.Session, error) {
	session, err := a.Staff.Enter(ctx, token, limit, address)
	if err != nil || p == "" {
		return session, err
	}
	if session.PasswordDue {
		return session, staff.ErrPasswordDue
	}
	duty, err := session.Duty.For(p)
	if err != nil {
		return session, err
	}
	session.Duty = duty
	return session, nil
}

// standsFor is whom an address stands for in the limits. A home or a phone has a whole /64 of IPv6 to pick addresses
// from, so that counting each by itself would limit nobody.
func standsFor(address string) string {
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
