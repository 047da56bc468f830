package account_test

import (
	"context"
	"encoding/hex"
	"testing"

	"jiamenkou/model"
	"jiamenkou/model/modeltest"
	"jiamenkou/service/account"
)

func TestPickupPersonsAreNamedAndRemoved(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		_, resident := h.guardian()
		_, stranger := h.guardian()
		child := h.addChild(resident, "示例宝宝")
		form := account.PickupForm{Name: "PLAINNAME", Relation: model.RelationGrandparent, Phone: "13800138000"}
		added, err := h.AddPickupPerson(ctx, resident, child.ID, form)
		h.must(err)
		list, err := h.ListPickupPersons(ctx, resident, child.ID)
		if err != nil || len(list) != 1 || list[0].Name != form.Name || list[0].Phone != form.Phone || list[0].ID != added.ID {
			t.Errorf("listed %+v, %v", list, err)
		}
		if n := h.db.Count(t, "SELECT COUNT(*) FROM pickup_persons WHERE name_sealed LIKE '%PLAIN%' OR phone_sealed LIKE '%13800138000%'"); n != 0 {
			t.Error("they stand in plain text")
		}
		form.Relation, form.Phone = model.RelationOther, "13900139000"
		changed, err := h.RestatePickupPerson(ctx, resident, child.ID, added.ID, form)
		if err != nil || changed.ID != added.ID || changed.Phone != form.Phone {
			t.Errorf("changed to %+v, %v", changed, err)
		}
		form.Phone = "139"
		_, err = h.AddPickupPerson(ctx, resident, child.ID, form)
		h.want(err, account.ErrPhoneInvalid)
		form.Phone = "13800138000"
		for range h.MaxPickupPersons - 1 {
			_, err := h.AddPickupPerson(ctx, resident, child.ID, form)
			h.must(err)
		}
		_, err = h.AddPickupPerson(ctx, resident, child.ID, form)
		h.want(err, model.ErrTooManyPickupPersons)
		_, err = h.ListPickupPersons(ctx, stranger, child.ID)
		h.want(err, model.ErrChildNotFound)
		h.want(h.RemovePickupPerson(ctx, stranger, child.ID, added.ID), model.ErrChildNotFound)
		h.must(h.RemovePickupPerson(ctx, resident, child.ID, added.ID))
		h.want(h.RemovePickupPerson(ctx, resident, child.ID, added.ID), model.ErrPickupPersonNotFound)
		h.must(h.Close(ctx, resident))
		if n := h.db.Count(t, "SELECT COUNT(*) FROM pickup_persons WHERE name_sealed IS NOT NULL OR status = 'listed'"); n != 0 {
			t.Errorf("%d are left of a closed account", n)
		}
		h.world.Sound()
	})
}

// Of many who are named at once, no more than the limit are.
func TestPickupPersonsUnderARush(t *testing.T) {
	h := newHouse(t, modeltest.EmptyMariaDB(t), realRedis(t))
	_, resident := h.guardian()
	child := h.addChild(resident, "示例宝宝")
	form := account.PickupForm{Name: "示例", Relation: model.RelationOther, Phone: "13800138000"}
	errs := modeltest.TogetherErrors(12, func(int) error {
		_, err := h.AddPickupPerson(context.Background(), resident, child.ID, form)
		return err
	})
	named := 0
	for _, err := range errs {
		if err == nil {
			named++
		} else {
			h.want(err, model.ErrTooManyPickupPersons)
		}
	}
	if named != h.MaxPickupPersons {
		t.Errorf("%d were named", named)
	}
}

func TestRegisteredAtTheDesk(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ctx, by := context.Background(), model.OnDuty{StaffID: h.Store.NewID()}
		met, err := h.RegisterByStaff(ctx, by, "13800138000")
		if err != nil || !met.AtDesk() {
			t.Fatalf("met %+v, %v", met, err)
		}
		if again, err := h.RegisterByStaff(ctx, by, "13800138000"); err != nil || again.ID != met.ID {
			t.Errorf("again %+v, %v", again, err)
		}
		_, err = h.RegisterByStaff(ctx, by, "10086")
		h.want(err, account.ErrPhoneInvalid)

		_, err = h.AddChildByStaff(ctx, by, met.ID, h.form("示例宝宝", 18))
		h.want(err, model.ErrConsentNeeded)
		documents, err := h.Documents(ctx)
		h.must(err)
		for _, d := range documents {
			h.must(h.AgreeOnPaper(ctx, by, met.ID, d.ID))
		}
		h.want(h.AgreeOnPaper(ctx, by, met.ID, h.Store.NewID()), model.ErrDocumentNotFound)
		child, err := h.AddChildByStaff(ctx, by, met.ID, h.form("示例宝宝", 18))
		h.must(err)
		_, err = h.AddChildByStaff(ctx, by, met.ID, h.form("示 例宝宝", 18))
		h.want(err, model.ErrChildExists)
		if list, err := h.ChildrenByStaff(ctx, by, met.ID); err != nil || len(list) != 1 || list[0] != (account.MaskedChild{ID: child.ID, Name: "示*", AgeMonths: 18}) {
			t.Errorf("children %+v, %v", list, err)
		}
		events, err := h.Store.ListEvents(ctx, child.ID)
		if err != nil || len(events) != 1 || events[0].Actor != model.ActorStaff || events[0].ActorID != by.StaffID {
			t.Errorf("events of the child %+v, %v", events, err)
		}
		if events, err = h.Store.ListEvents(ctx, met.ID); err != nil || len(events) != 1+len(documents) || events[1].Actor != model.ActorStaff {
			t.Errorf("events of the account %+v, %v", events, err)
		}
		h.book(met.ID, child.ID, 3)
		h.must(h.booking.CancelAll(ctx, met.ID, "", ""))
		h.must(h.RemoveChild(ctx, met.ID, child.ID))
		if back, err := h.AddChildByStaff(ctx, by, met.ID, h.form("示例宝宝", 18)); err != nil || back.ID != child.ID {
			t.Errorf("added again it is another: %+v, %v", back, err)
		}
		h.world.Sound()
	})
}

// A number that was only typed is anybody's: it is not found, and nothing is stated for those who sign in themselves.
func TestFoundByPhone(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ctx, by := context.Background(), model.OnDuty{StaffID: h.Store.NewID()}
		_, typed := h.guardian()
		_, err := h.TypePhone(ctx, typed, "13800138000")
		h.must(err)
		_, vouched := h.guardian()
		_, err = h.VerifyPhone(ctx, vouched, h.wechat.IssuePhoneCode("13800138000"))
		h.must(err)
		met, err := h.RegisterByStaff(ctx, by, "13800138000")
		h.must(err)
		found, err := h.FindByPhone(ctx, by, "13800138000")
		if err != nil || len(found) != 2 || found[0].ID != vouched || found[1].ID != met.ID || found[0].AtDesk() {
			t.Errorf("found %+v, %v", found, err)
		}
		if found, err := h.FindByPhone(ctx, by, "13900139000"); err != nil || len(found) != 0 {
			t.Errorf("found %+v, %v", found, err)
		}
		h.searchedFor(by.StaffID, "13900139000")
		_, err = h.AddChildByStaff(ctx, by, vouched, h.form("示例宝宝", 18))
		h.want(err, account.ErrUsesWeChat)
		documents, err := h.Documents(ctx)
		h.must(err)
		h.want(h.AgreeOnPaper(ctx, by, vouched, documents[0].ID), account.ErrUsesWeChat)
		if accesses, err := h.Store.ListAccesses(ctx, vouched); err != nil || len(accesses) != 1 {
			t.Errorf("accesses %+v, %v", accesses, err)
		}
		h.must(h.Block(ctx, met.ID, "示例", by.StaffID))
		_, err = h.RegisterByStaff(ctx, by, "13800138000")
		h.want(err, model.ErrAccountBlocked)
		_, err = h.AddChildByStaff(ctx, by, met.ID, h.form("示例宝宝", 18))
		h.want(err, model.ErrAccountBlocked)
		_, err = h.ChildrenByStaff(ctx, by, h.Store.NewID())
		h.want(err, model.ErrResidentNotFound)
	})
}

// searchedFor demands that looking for a number nobody has was written down, without the number.
func (h *house) searchedFor(staff, phone string) {
	h.t.Helper()
	index := hex.EncodeToString(h.Box.Index("data_accesses.search", []byte(phone)))[:26]
	list, err := h.Store.ListAccesses(context.Background(), index)
	if err != nil || len(list) != 1 || list[0].StaffID != staff || list[0].Subject != "search" {
		h.t.Errorf("accesses %+v, %v", list, err)
	}
}

// Keepers of two sites who register one number at the same moment have one account.
func TestRegisteredTwiceAtOnce(t *testing.T) {
	h := newHouse(t, modeltest.EmptyMariaDB(t), realRedis(t))
	ids := make([]string, 8)
	for _, err := range modeltest.TogetherErrors(len(ids), func(i int) error {
		met, err := h.RegisterByStaff(context.Background(), model.OnDuty{StaffID: h.Store.NewID()}, "13800138000")
		ids[i] = met.ID
		return err
	}) {
		h.must(err)
	}
	for _, id := range ids {
		if id != ids[0] {
			t.Errorf("accounts %v", ids)
		}
	}
}
