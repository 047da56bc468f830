package router_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"jiamenkou/model"
	"jiamenkou/service/staff"
	"jiamenkou/service/staff/stafftest"
)

const (
	testOrigin   = "http://localhost:8080"
	testPassword = "grauer kiesel im bach"
)

// testHasher is cheap: what hashing costs in earnest is proved in service/staff.
var testHasher = staff.NewHasher(staff.Cost{Memory: 64, Passes: 1, Lanes: 1}, 4)

func testPasskeys(t *testing.T) *staff.Passkeys {
	t.Helper()
	p, err := staff.NewPasskeys(testOrigin)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// staffKit is what a member of staff signs in with.
type staffKit struct{ login, password, secret string }

// staff signs somebody new on the staff in, with a role in the district, or in what scope and id name.
func (h *house) staff(role model.Role, where ...string) *person {
	h.t.Helper()
	grant := model.Grant{Role: role, Scope: model.ScopeDistrict}
	if len(where) == 2 {
		grant.Scope, grant.ScopeID = model.Scope(where[0]), where[1]
	}
	who, issued, err := h.api.Staff.Invite(context.Background(), staff.Operator, "示例工作人员", grant)
	h.must(err)
	return h.welcome(who.ID, issued.Code)
}

// opened is an invitation that has been opened.
type opened struct {
	Ticket, Kind, Name, Login string
	TOTP                      struct{ Secret, URI string }
}

func (h *house) openInvitation(code string) (o opened) {
	h.t.Helper()
	h.ask("POST", "/console/api/v1/invitations/opening", body(`{"code":%q}`, code)).is(200).read(&o)
	return o
}

// welcome completes somebody's invitation with a login name of their own.
func (h *house) welcome(id, code string) *person {
	h.t.Helper()
	o := h.openInvitation(code)
	p := &person{h: h, id: id, staff: &staffKit{fmt.Sprintf("muster%d", h.people.Add(1)), testPassword, o.TOTP.Secret}}
	p.token = cookieOf(p.complete(o).is(204))
	return p
}

func (p *person) complete(o opened) answer {
	p.h.t.Helper()
	return p.h.ask("POST", "/console/api/v1/invitations/completion",
		body(`{"ticket":%q,"login":%q,"password":%q,"code":%q}`, o.Ticket, p.staff.login, p.staff.password, p.code()))
}

func (p *person) code() string { return stafftest.Code(p.h.t, p.staff.secret, p.h.clock.Now()) }

// cookieOf gives the session a browser keeps.
func cookieOf(a answer) string {
	a.t.Helper()
	response := http.Response{Header: a.header}
	for _, c := range response.Cookies() {
		if c.Name == "__Host-jmk-staff" {
			if !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || c.Domain != "" {
				a.t.Errorf("the cookie is %s", c)
			}
			return c.Value
		}
	}
	a.t.Fatal("no cookie")
	return ""
}

func (p *person) askTicket() string {
	p.h.t.Helper()
	var out struct{ Ticket string }
	p.signInWith(p.staff.password).is(200).read(&out)
	return out.Ticket
}

func (p *person) signInWith(password string) answer {
	p.h.t.Helper()
	return p.h.ask("POST", "/console/api/v1/sessions", body(`{"login":%q,"password":%q}`, p.staff.login, password))
}

func (p *person) secondFactor(ticket, code string) answer {
	p.h.t.Helper()
	return p.h.ask("POST", "/console/api/v1/sessions/second-factor", body(`{"ticket":%q,"code":%q}`, ticket, code))
}

// again signs a member of staff in once more, half a minute later: no step is used twice.
func (p *person) again() {
	p.h.t.Helper()
	p.h.clock.pass(30 * time.Second)
	p.token = cookieOf(p.secondFactor(p.askTicket(), p.code()).is(204))
}

// wrongCode is a code that no clock shows now.
func (p *person) wrongCode() string {
	right := p.code()
	return string('0'+('9'-right[0])) + strings.Repeat("7", 5)
}

func (h *house) inviteKeeper() issuedCode {
	h.t.Helper()
	grant := model.Grant{Role: model.RoleKeeper, Scope: model.ScopeSite, ScopeID: h.world.Site.ID}
	who, issued, err := h.api.Staff.Invite(context.Background(), staff.Operator, "示例工作人员", grant)
	h.must(err)
	return issuedCode{Staff: who.ID, Code: issued.Code}
}
