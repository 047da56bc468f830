package account_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"jiamenkou/model/fault"
	"jiamenkou/service/account"
)

func TestSessionsOfAResident(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		var tokens []string
		var resident string
		for _, device := range []string{"手机", "平板", "电脑"} {
			token, who, err := h.SignIn(ctx, h.wechat.IssueLoginCode("oMother"), device)
			h.must(err)
			tokens, resident = append(tokens, token), who.ID
			h.clock.move(time.Minute)
		}
		strangersToken, stranger := h.signIn("oFather")

		list, err := h.ListSessions(ctx, resident)
		h.must(err)
		var devices []string
		for _, s := range list {
			devices = append(devices, s.Device)
		}
		if !slices.Equal(devices, []string{"电脑", "平板", "手机"}) {
			t.Errorf("listed %v", devices)
		}
		inUse, err := h.Enter(ctx, tokens[1], "", "")
		h.must(err)
		if inUse.ID != list[1].ID || inUse.Resident != resident || inUse.Device != "平板" || !inUse.CreatedAt.Equal(list[1].CreatedAt) {
			t.Errorf("entered %+v, listed %+v", inUse, list[1])
		}

		h.want(h.EndSession(ctx, stranger, list[0].ID), account.ErrSessionNotFound)
		h.must(h.EndSession(ctx, resident, list[0].ID))
		h.want(h.EndSession(ctx, resident, list[0].ID), account.ErrSessionNotFound)
		h.wantEntries(map[string]bool{tokens[0]: true, tokens[1]: true, tokens[2]: false, strangersToken: true})

		n, err := h.EndSessions(ctx, resident, inUse.ID)
		h.must(err)
		if n != 1 {
			t.Errorf("%d others ended", n)
		}
		h.wantEntries(map[string]bool{tokens[0]: false, tokens[1]: true, strangersToken: true})

		_, err = h.EndSessions(ctx, resident, "")
		h.must(err)
		h.wantEntries(map[string]bool{tokens[1]: false, strangersToken: true})
	})
}

func (h *house) wantEntries(open map[string]bool) {
	h.t.Helper()
	for token, want := range open {
		_, err := h.Enter(context.Background(), token, "", "")
		if want && err != nil || !want && !errors.Is(err, account.ErrSessionEnded) {
			h.t.Errorf("entering: %v, want open %v", err, want)
		}
	}
}

// A session ends a week after its last use and a month after its beginning.
func TestSessionsEndByThemselves(t *testing.T) {
	const day = 24 * time.Hour
	onBoth(t, func(t *testing.T, h *house) {
		unused, _ := h.signIn("oMother")
		used, _ := h.signIn("oMother")
		for age := 6 * day; age <= 30*day; age += 6 * day {
			h.clock.move(6 * day)
			h.wantEntries(map[string]bool{used: age < 30*day})
		}
		h.wantEntries(map[string]bool{unused: false})
	})
}

func TestEnterRefusesWhatIsNoToken(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		token, resident := h.signIn("oMother")
		_, other := h.signIn("oFather")
		secret := strings.TrimPrefix(token, resident+".")
		_, err := h.Enter(context.Background(), "", "read", "192.0.2.1")
		h.want(err, account.ErrSignInNeeded)
		for _, forged := range []string{
			".", resident, resident + ".", secret, "." + secret, other + "." + secret, resident + "." + secret[:42], resident + "." + secret + "A",
			resident + "." + strings.ToUpper(secret), resident + "." + secret + "=", "Bearer " + token, token + "." + secret, resident[:25] + "." + secret,
			strings.ToLower(resident) + "." + secret, resident + "\x00." + secret,
		} {
			if _, err := h.Enter(context.Background(), forged, "read", "192.0.2.1"); !errors.Is(err, account.ErrSessionEnded) {
				t.Errorf("%q: %v", forged, err)
			}
		}
	})
}

func TestLimits(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		token, _ := h.signIn("oMother")
		other, _ := h.signIn("oFather")
		wantTooMany := func(err error) {
			t.Helper()
			if f := fault.Of(err); !errors.Is(err, account.ErrTooManyRequests) || f.RetryAfter <= 0 {
				t.Errorf("over the limit: %v", err)
			}
		}
		for range 2 {
			_, err := h.Enter(ctx, token, "few", "")
			h.must(err)
		}
		_, err := h.Enter(ctx, token, "few", "")
		wantTooMany(err)
		_, err = h.Enter(ctx, token, "read", "")
		h.want(err, nil) // another limit
		_, err = h.Enter(ctx, other, "few", "192.0.2.7")
		h.want(err, nil) // another person
		h.must(h.Admit(ctx, "few", "192.0.2.7"))
		wantTooMany(h.Admit(ctx, "few", "192.0.2.7"))
		h.must(h.Admit(ctx, "few", "192.0.2.8"))
	})
}
