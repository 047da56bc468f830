package account_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"jiamenkou/model"
	"jiamenkou/model/modeltest"
	"jiamenkou/service/account"
	"jiamenkou/service/booking"
)

func (h *house) boss() model.OnDuty {
	return model.OnDuty{StaffID: h.Store.NewID(), Grants: []model.Grant{{Role: model.RoleAdministrator, Scope: model.ScopeDistrict}}}
}

func (h *house) bossOf(subdistrict string) model.OnDuty {
	return model.OnDuty{StaffID: h.Store.NewID(), Grants: []model.Grant{{Role: model.RoleAdministrator, Scope: model.ScopeSubdistrict, ScopeID: subdistrict}}}
}

func (h *house) wantFound(by model.OnDuty, wanted account.Wanted, residents ...string) {
	h.t.Helper()
	found, total, err := h.Search(context.Background(), by, wanted, 1, 10)
	h.must(err)
	same := len(found) == len(residents) && int(total) == len(residents)
	for i := range residents {
		same = same && found[i].ID == residents[i]
	}
	if !same {
		h.t.Errorf("%+v finds %d: %+v, want %v", wanted, total, found, residents)
	}
}

func TestFamiliesAreFoundByWhatTheyTell(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		_, resident, live := h.furnished()
		for _, wanted := range []account.Wanted{
			{Phone: "13800138000"}, {PhoneTail: "8000"}, {Name: "示例宝宝"}, {Name: " 示例 宝宝 "}, {Name: "别的宝宝"},
			{ID: resident}, {ID: live.ChildID}, {ID: live.ID},
		} {
			h.wantFound(h.boss(), wanted, resident)
			h.wantFound(h.bossOf("310104003"), wanted) // never came there, lives elsewhere
		}
		for _, wanted := range []account.Wanted{{Name: "示例"}, {Name: "宝宝"}, {PhoneTail: "1380"}, {ID: "none"}} {
			h.wantFound(h.boss(), wanted)
		}
		_, err := h.ChangeChild(ctx, resident, live.ChildID, h.form("示例小满", 18))
		h.must(err)
		h.wantFound(h.boss(), account.Wanted{Name: "示例小满"}, resident)
		h.wantFound(h.boss(), account.Wanted{Name: "示例宝宝"})
		h.must(h.Close(ctx, resident))
		for _, wanted := range []account.Wanted{{Phone: "13800138000"}, {PhoneTail: "8000"}, {Name: "示例小满"}, {Name: "别的宝宝"}} {
			h.wantFound(h.boss(), wanted)
		}
		h.wantFound(h.boss(), account.Wanted{ID: resident}, resident)
		h.wantNone("children", "name_index")
		h.wantNone("residents", "phone_index", "phone_tail_index")
	})
}

// What was stored before there was an index is found once the program has started; what was changed or erased meanwhile
// is left alone.
func TestWhatIsThereAlreadyIsIndexed(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		_, resident, _ := h.furnished()
		h.db.Exec(t, "UPDATE residents SET phone_tail_index = NULL")
		h.db.Exec(t, "UPDATE children SET name_index = NULL")
		tail, name := account.Wanted{PhoneTail: "8000"}, account.Wanted{Name: "别的宝宝"}
		h.wantFound(h.boss(), tail)
		h.wantFound(h.boss(), name)
		for range 2 {
			h.must(h.IndexForSearch(ctx))
			h.wantFound(h.boss(), tail, resident)
			h.wantFound(h.boss(), name, resident)
		}
		children, err := h.Store.ListChildrenOf(ctx, resident)
		h.must(err)
		old := children[0]
		h.clock.move(time.Minute)
		h.must(h.Close(ctx, resident))
		h.must(h.Store.SaveChildName(ctx, old)) // read before the account was closed
		h.wantNone("children", "name_index")
	})
}

func TestOneFieldIsOpened(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ctx, boss := context.Background(), h.boss()
		_, resident, live := h.furnished()
		shown, err := h.Reveal(ctx, boss, resident, account.Opening{
			Field: account.FieldChildName, Of: live.ChildID, Reason: account.RevealAppeal, Note: " 核对申诉 ",
		})
		if err != nil || shown.Value != "示例宝宝" || !shown.Until.Equal(h.clock.now().Add(time.Minute)) {
			t.Errorf("opened %+v, %v", shown, err)
		}
		accesses, err := h.Store.ListAccesses(ctx, live.ChildID)
		if err != nil || len(accesses) != 1 || accesses[0].StaffID != boss.StaffID || accesses[0].Fields != "children.name" || accesses[0].Reason != "appeal: 核对申诉" {
			t.Errorf("written %+v, %v", accesses, err)
		}
		_, err = h.Reveal(ctx, h.bossOf("310104003"), resident, account.Opening{Field: account.FieldPhone, Reason: account.RevealVerify, Note: "核实"})
		h.want(err, model.ErrResidentNotFound)
		_, err = h.Reveal(ctx, boss, resident, account.Opening{Field: account.FieldHealthNote, Of: live.ChildID, Reason: account.RevealVerify, Note: "核实"})
		h.want(err, model.ErrNothingHeld)
		if n := h.db.Count(t, "SELECT COUNT(*) FROM data_accesses"); n != 1 {
			t.Errorf("%d openings are written", n)
		}
		h.db.Exec(t, "UPDATE children SET name_sealed = birth_date_sealed WHERE id = ?", live.ChildID)
		if shown, err := h.Reveal(ctx, boss, resident, account.Opening{
			Field: account.FieldChildName, Of: live.ChildID, Reason: account.RevealVerify, Note: "核实",
		}); err == nil {
			t.Errorf("a cell of another column gives %+v", shown)
		}
		if n := h.db.Count(t, "SELECT COUNT(*) FROM data_accesses"); n != 2 {
			t.Errorf("%d openings are written: first it is written, then opened", n)
		}
	})
}

func TestClosingOnRequestSaysBeforeWhatItDoes(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ctx, boss := context.Background(), h.boss()
		token, resident, live := h.furnished()
		closing, err := h.PreviewClosing(ctx, boss, resident)
		want := account.Closing{LivePlaces: model.LivePlaces{Bookings: 1}, Children: 2}
		if err != nil || closing != want {
			t.Errorf("closing would do %+v, %v", closing, err)
		}
		paper := account.Paper{Reference: "档案室第12号", Phone: "13800138000"}
		sessions := h.Sessions
		h.Sessions = deaf{sessions}
		_, err = h.CloseOnRequest(ctx, boss, resident, paper)
		h.want(err, account.ErrSessionsDown)
		h.Sessions = sessions
		who, err := h.CloseOnRequest(ctx, boss, resident, paper) // ends the sessions that were left
		if err != nil || who.Status != model.ResidentClosed {
			t.Errorf("closed %+v, %v", who, err)
		}
		h.wantGone(resident, token, live)
		events, err := h.Store.ListEvents(ctx, live.ID)
		if last := events[len(events)-1]; err != nil || last.Actor != model.ActorStaff || last.ActorID != boss.StaffID {
			t.Errorf("the booking's history is %+v, %v", events, err)
		}
		closing, err = h.PreviewClosing(ctx, boss, resident)
		if err != nil || closing != (account.Closing{}) {
			t.Errorf("closing again would do %+v, %v", closing, err)
		}
	})
}

// Whoever books while staff close the account either is refused or loses the place: nothing stays taken by nobody.
func TestClosingOnRequestWhileBooking(t *testing.T) {
	h := newHouse(t, modeltest.EmptyMariaDB(t), realRedis(t))
	ctx, boss := context.Background(), h.boss()
	for round := range 4 {
		_, resident := h.guardian()
		child := h.addChild(resident, "示例宝宝")
		var slots []model.Slot
		for day := range 6 {
			slots = append(slots, h.world.AddSlot(day+1, 5))
		}
		var booked atomic.Int64
		errs := modeltest.TogetherErrors(len(slots)+2, func(i int) error {
			if i >= len(slots) {
				_, err := h.CloseOnRequest(ctx, boss, resident, account.Paper{Reference: "档案室第12号"})
				return err
			}
			_, err := h.booking.Book(ctx, resident, "race-"+slots[i].ID, booking.Wish{SlotID: slots[i].ID, ChildID: child.ID})
			if err == nil {
				booked.Add(1)
			}
			return err
		})
		for _, err := range errs {
			if err != nil && !errors.Is(err, model.ErrChildHasBookings) && !errors.Is(err, model.ErrChildNotFound) {
				t.Errorf("round %d: %v", round, err)
			}
		}
		_, err := h.CloseOnRequest(ctx, boss, resident, account.Paper{Reference: "档案室第12号"})
		h.must(err)
		if n := h.db.Count(t, "SELECT COUNT(*) FROM bookings WHERE resident_id = ? AND status IN ('confirmed', 'checked_in')", resident); n != 0 {
			t.Errorf("round %d: %d of %d bookings are live", round, n, booked.Load())
		}
		h.world.Sound()
	}
}
