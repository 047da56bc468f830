package staff_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"jiamenkou/model"
	"jiamenkou/model/fault"
	"jiamenkou/model/modeltest"
	"jiamenkou/service/staff"
	"jiamenkou/service/staff/stafftest"
)

// count tells how many ended with each code; "" is success.
func count(errs []error) map[string]int {
	codes := map[string]int{}
	for _, err := range errs {
		code := ""
		if f := fault.Of(err); f != nil {
			code = f.Code
		} else if err != nil {
			code = err.Error()
		}
		codes[code]++
	}
	return codes
}

func (h *house) want(got map[string]int, want map[string]int) {
	h.t.Helper()
	for code, n := range want {
		if got[code] != n {
			h.t.Errorf("%q came %d times, want %d: %v", code, got[code], n, got)
		}
	}
}

// However many wrong passwords come at once, exactly so many are judged before the account is locked, and the same for a
// name nobody has.
func TestWrongPasswordsLockExactly(t *testing.T) {
	h := realHouse(t)
	ctx, m := context.Background(), h.hire(model.RoleAuditor)
	for _, login := range []string{m.login, "niemand"} {
		got := count(modeltest.TogetherErrors(24, func(i int) error {
			_, _, err := h.SignIn(ctx, login, "wrong wrong wrong", at(i))
			return err
		}))
		h.want(got, map[string]int{"staff_password_wrong": 5, "staff_locked": 19})
	}
	if _, _, err := h.SignIn(ctx, m.login, password, at(50)); !errors.Is(err, model.ErrLocked) {
		t.Errorf("a locked account: %v", err)
	}
}

// However many wrong codes come at once, each with a ticket of its own and from an address of its own, exactly so many are
// judged, and then the right one is not.
func TestWrongCodesLockExactly(t *testing.T) {
	h := realHouse(t)
	ctx, m := context.Background(), h.hire(model.RoleAuditor)
	var tickets []string
	for i := range 25 {
		ticket, _, err := h.SignIn(ctx, m.login, password, at(i))
		h.must(err)
		tickets = append(tickets, ticket)
	}
	right := h.code(m)
	wrong := string('0'+('9'-right[0])) + right[1:]
	got := count(modeltest.TogetherErrors(24, func(i int) error {
		_, err := h.SecondFactor(ctx, tickets[i], wrong, at(i))
		return err
	}))
	h.want(got, map[string]int{"staff_code_wrong": 5, "staff_locked": 19})
	if _, err := h.SecondFactor(ctx, tickets[24], right, at(50)); !errors.Is(err, model.ErrLocked) {
		t.Errorf("the right code of a locked account: %v", err)
	}
}

// An address is locked however many names it tries, exactly.
func TestAddressesLockExactly(t *testing.T) {
	h := realHouse(t)
	h.Rules.Address.After = 7
	got := count(modeltest.TogetherErrors(24, func(i int) error {
		_, _, err := h.SignIn(context.Background(), strings.Repeat("x", i+3), "wrong wrong wrong", at(1))
		return err
	}))
	h.want(got, map[string]int{"staff_password_wrong": 7, "staff_locked": 17})
	if _, _, err := h.SignIn(context.Background(), "another", "wrong wrong wrong", at(2)); !errors.Is(err, staff.ErrPasswordWrong) {
		t.Errorf("another address: %v", err)
	}
}

// A right password among wrong ones takes nothing from the count, and nothing is added by it.
func TestRightPasswordsAreNotCounted(t *testing.T) {
	onBoth(t, func(h *house) {
		ctx, m := context.Background(), h.hire(model.RoleAuditor)
		try := func(password string, want error) {
			h.t.Helper()
			if _, _, err := h.SignIn(ctx, m.login, password, at(1)); !errors.Is(err, want) {
				h.t.Errorf("%q: %v, want %v", password, err, want)
			}
		}
		for range 4 {
			try("wrong wrong wrong", staff.ErrPasswordWrong)
			try(password, nil)
		}
		try(password, nil) // it would have been the last that is judged
		try("wrong wrong wrong", staff.ErrPasswordWrong)
		try(password, model.ErrLocked)
	})
}

// Each lock is twice as long as the one before, up to the longest; getting in begins anew.
func TestLocksGrow(t *testing.T) {
	onBoth(t, func(h *house) {
		ctx, m := context.Background(), h.hire(model.RoleAuditor)
		for _, want := range []time.Duration{5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 15 * time.Minute} {
			for i := range 5 {
				if _, _, err := h.SignIn(ctx, m.login, "wrong wrong wrong", at(i)); !errors.Is(err, staff.ErrPasswordWrong) {
					h.t.Fatal(err)
				}
			}
			_, _, err := h.SignIn(ctx, m.login, password, at(9))
			if f := fault.Of(err); f == nil || f.RetryAfter != want {
				h.t.Errorf("locked for %v, want %v", err, want)
			}
			h.pass(want)
		}
		ticket, _, err := h.SignIn(ctx, m.login, password, at(9))
		h.must(err)
		_, err = h.SecondFactor(ctx, ticket, h.code(m), at(9))
		h.must(err)
		for i := range 5 {
			_, _, _ = h.SignIn(ctx, m.login, "wrong wrong wrong", at(i))
		}
		_, _, err = h.SignIn(ctx, m.login, password, at(9))
		if f := fault.Of(err); f == nil || f.RetryAfter != 5*time.Minute {
			h.t.Errorf("after getting in: %v", err)
		}
	})
}

// Many hands with one code, each with a ticket of its own: one gets in.
func TestOneStepLetsOneIn(t *testing.T) {
	h := realHouse(t)
	h.Rules.Account.After = 1000
	ctx, m := context.Background(), h.hire(model.RoleAuditor)
	var tickets []string
	for range 16 {
		ticket, _, err := h.SignIn(ctx, m.login, password, at(1))
		h.must(err)
		tickets = append(tickets, ticket)
	}
	code := h.code(m)
	got := count(modeltest.TogetherErrors(16, func(i int) error {
		_, err := h.SecondFactor(ctx, tickets[i], code, at(i))
		return err
	}))
	h.want(got, map[string]int{"": 1, "totp_step_used": 15})
}

// Many hands with one ticket: one gets in, whatever the others are told.
func TestOneTicketLetsOneIn(t *testing.T) {
	h := realHouse(t)
	ctx, m := context.Background(), h.hire(model.RoleAuditor)
	ticket, _, err := h.SignIn(ctx, m.login, password, at(1))
	h.must(err)
	code := h.code(m)
	h.want(count(modeltest.TogetherErrors(16, func(i int) error {
		_, err := h.SecondFactor(ctx, ticket, code, at(i))
		return err
	})), map[string]int{"": 1, "staff_ticket_invalid": 15})
}

// One invitation, opened by many: one of them sets what to sign in with.
func TestOneInvitationIsUsedOnce(t *testing.T) {
	h := realHouse(t)
	ctx := context.Background()
	_, issued, err := h.Invite(ctx, staff.Operator, "示例甲", model.Grant{Role: model.RoleAuditor, Scope: model.ScopeDistrict})
	h.must(err)
	var opened []staff.Opened
	for range 8 {
		o, err := h.OpenInvitation(ctx, issued.Code)
		h.must(err)
		opened = append(opened, o)
	}
	got := count(modeltest.TogetherErrors(8, func(i int) error {
		_, err := h.CompleteInvitation(ctx, opened[i].Ticket, "muster-"+string(rune('a'+i)), password, h.code(member{secret: opened[i].Secret}), at(i))
		return err
	}))
	if got[""] != 1 {
		t.Errorf("%v", got)
	}
}

// One wish to invite, sent many times at once: one person.
func TestOneIsInvitedOnce(t *testing.T) {
	h := realHouse(t)
	ctx, boss := context.Background(), h.duty(h.hire(model.RoleAdministrator))
	h.want(count(modeltest.TogetherErrors(12, func(int) error {
		_, _, err := h.Invite(ctx, boss, "示例甲", model.Grant{Role: model.RoleAuditor, Scope: model.ScopeDistrict})
		return err
	})), map[string]int{"": 1, "already_invited": 11})
}

// Two approvals at once of one reset: one invitation.
func TestOneResetIsApprovedOnce(t *testing.T) {
	h := realHouse(t)
	ctx, m, asker := context.Background(), h.hire(model.RoleAuditor), h.hire(model.RoleAdministrator)
	r, err := h.AskReset(ctx, h.duty(asker), m.id, model.InviteSecondFactor, "手机丢失")
	h.must(err)
	var hands []model.OnDuty
	for range 6 {
		hands = append(hands, h.duty(h.hire(model.RoleAdministrator)))
	}
	h.want(count(modeltest.TogetherErrors(6, func(i int) error {
		_, _, err := h.ApproveReset(ctx, hands[i], r.ID)
		return err
	})), map[string]int{"": 1, "reset_not_found": 5})
}

// A sign-in that is under way while the account is stopped or reset ends in nothing.
func TestTicketsDoNotOutliveWhatTheyProved(t *testing.T) {
	onBoth(t, func(h *house) {
		ctx, m := context.Background(), h.hire(model.RoleAuditor)
		ticket, _, err := h.SignIn(ctx, m.login, password, at(1))
		h.must(err)
		h.must(h.Disable(ctx, staff.Operator, m.id, "试"))
		h.must(h.Enable(ctx, staff.Operator, m.id, "试"))
		if _, err := h.SecondFactor(ctx, ticket, h.code(m), at(1)); !errors.Is(err, staff.ErrTicket) {
			h.t.Errorf("got %v", err)
		}
		if _, err := h.ResetAlone(ctx, m.id, model.InviteEverything, "试"); err != nil {
			h.t.Error(err)
		}
		if _, _, err := h.SignIn(ctx, m.login, password, at(1)); !errors.Is(err, staff.ErrPasswordWrong) {
			h.t.Errorf("the old password: %v", err)
		}
	})
}

// Sessions end with the epoch even when Redis cannot be told.
func TestSessionsEndWithoutRedis(t *testing.T) {
	h := realHouse(t)
	ctx, m := context.Background(), h.hire(model.RoleAuditor)
	ticket, _, err := h.SignIn(ctx, m.login, password, at(1))
	h.must(err)
	token, err := h.SecondFactor(ctx, ticket, h.code(m), at(1))
	h.must(err)
	_, err = h.Enter(ctx, token, "read", "")
	h.must(err)
	kept := h.Sessions
	h.Sessions = deaf{kept}
	h.must(h.Disable(ctx, staff.Operator, m.id, "试"))
	h.must(h.Enable(ctx, staff.Operator, m.id, "试"))
	if _, err := h.Enter(ctx, token, "read", ""); !errors.Is(err, staff.ErrSessionEnded) {
		t.Errorf("got %v", err)
	}
}

type deaf struct{ staff.Sessions }

func (deaf) EndAll(context.Context, string, string) (int, error) { return 0, errors.New("away") }

// What a manager sees of people is read the same by both engines: who is locked, who is invited, who came last when.
func TestMembersAreSeenAsTheyStand(t *testing.T) {
	onBoth(t, func(h *house) {
		ctx, m, boss := context.Background(), h.hire(model.RoleAuditor), h.hire(model.RoleAdministrator)
		for range 5 {
			_, _, _ = h.SignIn(ctx, m.login, "wrong wrong wrong", at(1))
		}
		who, _, err := h.Invite(ctx, staff.Operator, "示例甲", model.Grant{Role: model.RoleKeeper, Scope: model.ScopeSite, ScopeID: h.world.Site.ID})
		h.must(err)
		page, total, err := h.SearchMembers(ctx, h.duty(boss), staff.Wanted{Page: 1, PageSize: 20})
		h.must(err)
		if total != 3 || len(page) != 3 || page[0].ID != who.ID || page[2].ID != m.id {
			h.t.Fatalf("%d are %+v", total, page)
		}
		if open := page[0]; open.State() != staff.MemberInvited || open.InvitedUntil == nil || open.LastSignIn != nil || open.LockedUntil != nil {
			h.t.Errorf("invited: %+v", open)
		}
		if locked := page[2]; locked.State() != staff.MemberActive || locked.LockedUntil == nil || !locked.LockedUntil.Equal(h.now().Add(5*time.Minute)) || locked.LastSignIn == nil {
			h.t.Errorf("locked: %+v", locked)
		}
		h.pass(5 * time.Minute)
		later, err := h.FindMember(ctx, h.duty(boss), m.id)
		h.must(err)
		if later.LockedUntil != nil {
			h.t.Errorf("still locked until %v", later.LockedUntil)
		}
		there := staff.Wanted{Scope: model.ScopeSubdistrict, ScopeID: h.world.Site.SubdistrictCode, Page: 1, PageSize: 20}
		if page, _, err = h.SearchMembers(ctx, h.duty(boss), there); err != nil || len(page) != 1 || page[0].ID != who.ID {
			h.t.Errorf("in the subdistrict: %v, %v", page, err)
		}
	})
}

// asMap is what a browser gets to see.
func (h *house) asMap(value any) (m map[string]any) {
	h.t.Helper()
	text, err := json.Marshal(value)
	h.must(err)
	h.must(json.Unmarshal(text, &m))
	return m
}

func (h *house) asJSON(value any) []byte {
	h.t.Helper()
	text, err := json.Marshal(value)
	h.must(err)
	return text
}

// addKey registers a passkey for somebody.
func (h *house) addKey(m member, key *stafftest.Key) model.Passkey {
	h.t.Helper()
	by := staff.Session{Duty: h.duty(m)}
	ticket, options, err := h.AskNewPasskey(context.Background(), by)
	h.must(err)
	added, err := h.AddPasskey(context.Background(), by, ticket, h.asJSON(key.Make(h.t, h.asMap(options))), "示例手机")
	h.must(err)
	return added
}

func (h *house) byKey(key *stafftest.Key) error {
	h.t.Helper()
	ticket, options, err := h.AskPasskey(context.Background())
	h.must(err)
	_, err = h.SignInByPasskey(context.Background(), ticket, h.asJSON(key.Use(h.t, h.asMap(options))), at(1))
	return err
}

// A passkey that is refused for an account stands in its list of sign-ins, however it was wrong; it locks nothing, since
// nobody guesses passkeys and anybody could send wrong ones.
func TestRefusedPasskeysAreWrittenDown(t *testing.T) {
	onBoth(t, func(h *house) {
		ctx, m := context.Background(), h.hire(model.RoleAuditor)
		const origin, host = "http://localhost:8080", "localhost"
		key, copied, gone := &stafftest.Key{Origin: origin, Host: host}, &stafftest.Key{}, &stafftest.Key{Origin: origin, Host: host}
		h.addKey(m, key)
		removed := h.addKey(m, gone)
		h.must(h.DropPasskey(ctx, staff.Session{Duty: h.duty(m)}, removed.ID))
		h.must(h.byKey(key))
		lax, elsewhere, forged := *key, *key, *key
		lax.Lax, elsewhere.Origin = true, "https://evil.example"
		forged.Forge(h.t)
		*copied = *key
		copied.Counter = 0
		for name, one := range map[string]*stafftest.Key{"unverified": &lax, "elsewhere": &elsewhere, "forged": &forged, "removed": gone, "copied": copied} {
			if err := h.byKey(one); !errors.Is(err, staff.ErrPasskeyRefused) {
				h.t.Errorf("%s: %v", name, err)
			}
		}
		for range 3 { // more than wrong passwords would lock after
			_ = h.byKey(&forged)
		}
		tries, err := h.Store.ListSignIns(ctx, m.id, 9)
		h.must(err)
		outcomes := map[model.SignInOutcome]int{}
		for _, one := range tries {
			outcomes[one.Outcome]++
			if one.Method != "passkey" && one.Method != "invitation" || one.Outcome == model.SignInKeyWrong && one.Address != at(1).Address {
				h.t.Errorf("written is %+v", one)
			}
		}
		if outcomes[model.SignInKeyWrong] != 7 || outcomes[model.SignInKeyRepeated] != 1 || outcomes[model.SignedIn] != 1 {
			h.t.Errorf("written is %v", outcomes)
		}
		if _, _, err := h.SignIn(ctx, m.login, password, at(1)); err != nil {
			h.t.Errorf("the password after refused passkeys: %v", err)
		}
		h.must(h.byKey(key))
	})
}
