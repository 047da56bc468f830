package account_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"jiamenkou/model"
	"jiamenkou/service/account"
	"jiamenkou/service/booking"
)

// furnished is a resident with everything one can have: profile, phone, two children, a live and a cancelled booking.
func (h *house) furnished() (token, resident string, live model.Booking) {
	h.t.Helper()
	ctx := context.Background()
	token, resident = h.guardian()
	name, place := "小满妈妈", "310104017"
	_, err := h.ChangeProfile(ctx, resident, account.ProfileChange{Nickname: &name, Subdistrict: &place})
	h.must(err)
	_, err = h.TypePhone(ctx, resident, "13800138000")
	h.must(err)
	first, second := h.addChild(resident, "示例宝宝"), h.addChild(resident, "别的宝宝")
	live = h.book(resident, first.ID, 3)
	late := h.bookSoon(resident, second.ID)
	_, err = h.booking.Cancel(ctx, resident, "cancel-late", late.ID, "unwell")
	h.must(err)
	return token, resident, live
}

// bookSoon books a session that starts in six hours: cancelling it is late.
func (h *house) bookSoon(resident, child string) model.Booking {
	h.t.Helper()
	start := h.clock.now().Add(6 * time.Hour)
	slot := h.world.AddSlot(0, 5, func(s *model.Slot) {
		s.Date = model.DateOf(start.In(h.Zone))
		s.StartAt, s.EndAt, s.CutoffAt = start, start.Add(time.Hour), start.Add(-time.Hour)
		s.ReleaseAt = h.clock.now().Add(-time.Hour)
	})
	b, err := h.booking.Book(context.Background(), resident, "soon-"+slot.ID, booking.Wish{SlotID: slot.ID, ChildID: child})
	h.must(err)
	return b
}

func TestExportHoldsEverything(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		_, resident, live := h.furnished()
		h.furnished() // a stranger, of whom nothing is told
		e, err := h.ExportOf(context.Background(), resident)
		h.must(err)
		if e.Profile.Nickname != "小满妈妈" || e.Profile.Phone != "13800138000" || e.Profile.Subdistrict.Code != "310104017" {
			t.Errorf("the profile is %+v", e.Profile)
		}
		got := fmt.Sprintf("%d children, %d allowances, %d marks, %d consents, %d bookings, %d notices",
			len(e.Children), len(e.Allowances), len(e.Marks), len(e.Consents), len(e.Bookings), len(e.Notices))
		if want := "2 children, 2 allowances, 1 marks, 3 consents, 2 bookings, 3 notices"; got != want {
			t.Errorf("it holds %s, want %s", got, want)
		}
		if e.Children[0].Name != "示例宝宝" || e.Children[1].Name != "别的宝宝" || e.Bookings[1].ID != live.ID {
			t.Errorf("it holds %+v", e)
		}
		for _, n := range e.Notices {
			if n.ResidentID != resident {
				t.Error("a stranger's notice")
			}
		}
	})
}

// More than a page of notices is still all of them, each once.
func TestExportReadsEveryPage(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		_, resident := h.signIn("oMother")
		notices := make([]model.Notice, 1001)
		for i := range notices {
			notices[i] = model.Notice{ResidentID: resident, Kind: model.NoticeBooked, Title: "预约成功", SubjectID: resident, CreatedAt: h.clock.now()}
		}
		h.must(h.Store.AddNotices(ctx, notices...))
		e, err := h.ExportOf(ctx, resident)
		h.must(err)
		seen := map[string]bool{}
		for _, n := range e.Notices {
			seen[n.ID] = true
		}
		if len(e.Notices) != 1001 || len(seen) != 1001 {
			t.Errorf("%d notices, %d of them different", len(e.Notices), len(seen))
		}
	})
}

func TestClose(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		token, resident, live := h.furnished()
		strangersToken, stranger := h.signIn("oStranger")
		h.must(h.Close(ctx, resident))
		h.wantGone(resident, token, live)
		h.must(h.Close(ctx, resident)) // again, and nothing changes
		h.wantGone(resident, token, live)
		if _, err := h.Enter(ctx, strangersToken, "", ""); err != nil {
			t.Errorf("a stranger's session: %v", err)
		}
		if _, err := h.Me(ctx, stranger); err != nil {
			t.Errorf("a stranger's profile: %v", err)
		}
	})
}

func (h *house) wantGone(resident, token string, live model.Booking) {
	h.t.Helper()
	ctx := context.Background()
	_, err := h.Enter(ctx, token, "", "")
	h.want(err, account.ErrSessionEnded)
	_, err = h.Me(ctx, resident)
	h.want(err, account.ErrSessionEnded)
	who, err := h.Store.FindResident(ctx, resident)
	h.must(err)
	if who.Status != model.ResidentClosed || who.Nickname != "" || who.SubdistrictCode != "" || who.OpenIDIndex != nil ||
		who.PhoneIndex != nil || who.PhoneVerifiedAt != nil || !who.OpenIDSealed.IsZero() || !who.PhoneSealed.IsZero() || who.ClosedAt == nil {
		h.t.Errorf("left of the person: %+v", who)
	}
	h.wantNone("children", "name_sealed", "birth_date_sealed", "health_note_sealed")
	b, err := h.Store.FindBookingOf(ctx, resident, live.ID)
	if err != nil || b.Status != model.BookingCancelled {
		h.t.Errorf("the booking is %s, %v", b.Status, err)
	}
	slot, err := h.Store.FindSlot(ctx, live.SlotID)
	if err != nil || slot.Booked != 0 {
		h.t.Errorf("its place is taken by %d, %v", slot.Booked, err)
	}
	if used := h.db.Count(h.t, "SELECT SUM(used) FROM allowances WHERE child_id = ?", live.ChildID); used != 0 {
		h.t.Errorf("%d units used", used)
	}
	events, err := h.Store.ListEvents(ctx, resident)
	if err != nil || len(events) != 2 || events[1].ToState != "closed" {
		h.t.Errorf("the history is %+v, %v", events, err)
	}
	h.world.Sound()
}

// Who comes back after closing is a new person to us, and the child still has only one allowance a year.
func TestComingBack(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		_, resident := h.signIn("oMother")
		h.agreeToAll(resident)
		child := h.addChild(resident, "示例宝宝")
		b := h.book(resident, child.ID, 3)
		h.clock.move(4 * 24 * time.Hour)
		h.must(h.Close(ctx, resident))
		_, anew := h.signIn("oMother")
		if anew == resident {
			t.Error("the old account is back")
		}
		_, err := h.AddChild(ctx, anew, h.form("示例宝宝", 18))
		h.want(err, model.ErrConsentNeeded)
		h.agreeToAll(anew)
		again := h.addChild(anew, "示例宝宝")
		held, err := h.booking.AllowanceOf(ctx, anew, again.ID, model.DateOf(b.StartAt.In(h.Zone)))
		if err != nil || held.Used != 1 || again.ID != child.ID {
			t.Errorf("the allowance is %+v of %s, was %s, %v", held.Allowance, again.ID, child.ID, err)
		}
		if _, err := h.Store.FindBookingOf(ctx, anew, b.ID); !errors.Is(err, model.ErrBookingNotFound) {
			t.Errorf("the old account's booking: %v", err)
		}
		h.world.Sound()
	})
}

// While a child is in the house the account stays; it can be closed when the session is over.
func TestCloseDuringASession(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		token, resident := h.guardian()
		b := h.bookSoon(resident, h.addChild(resident, "示例宝宝").ID)
		h.clock.move(6*time.Hour + time.Minute)
		h.want(h.Close(ctx, resident), model.ErrChildHasBookings)
		h.wantEntries(map[string]bool{token: true})
		if list, err := h.ListChildren(ctx, resident); err != nil || len(list) != 1 || list[0].Name != "示例宝宝" {
			t.Errorf("half closed: %+v, %v", list, err)
		}
		h.clock.move(time.Hour)
		h.must(h.Close(ctx, resident))
		if got, err := h.Store.FindBookingOf(ctx, resident, b.ID); err != nil || got.Status != model.BookingConfirmed {
			t.Errorf("the past booking is %s, %v", got.Status, err)
		}
		h.world.Sound()
	})
}

// A closing that is stopped half-way is finished by asking again.
func TestCloseIsFinishedByAskingAgain(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		token, resident, live := h.furnished()
		bookings, sessions := h.Bookings, h.Sessions
		h.Bookings = stops{bookings}
		if err := h.Close(ctx, resident); !errors.Is(err, errStopped) {
			t.Fatalf("it went on: %v", err)
		}
		h.wantEntries(map[string]bool{token: true})
		h.Bookings, h.Sessions = bookings, deaf{sessions}
		h.want(h.Close(ctx, resident), account.ErrSessionsDown)
		h.Sessions = sessions
		h.must(h.Close(ctx, resident))
		h.wantGone(resident, token, live)
	})
}

var errStopped = errors.New("the power went off")

// stops gives the places back and then fails.
type stops struct{ account.Bookings }

func (s stops) CancelAll(ctx context.Context, resident, staff, reason string) error {
	return errors.Join(s.Bookings.CancelAll(ctx, resident, staff, reason), errStopped)
}

// deaf cannot end sessions.
type deaf struct{ account.Sessions }

func (deaf) EndAll(context.Context, string, string) (int, error) { return 0, errStopped }
