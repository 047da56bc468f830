package account_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"jiamenkou/model"
	"jiamenkou/service/booking"
)

// agreed lists the codes of the documents in force that the resident agrees to.
func (h *house) agreed(resident string) (codes []string) {
	h.t.Helper()
	list, err := h.Agreements(context.Background(), resident)
	h.must(err)
	for _, a := range list {
		if a.Consent != nil {
			codes = append(codes, a.Code)
		}
	}
	return codes
}

func TestAgreements(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		_, resident := h.signIn("oMother")
		_, stranger := h.signIn("oFather")
		notice := h.documentOf("health-notice")
		h.must(h.Agree(ctx, resident, notice.ID))
		h.must(h.Agree(ctx, resident, notice.ID))
		h.want(h.Agree(ctx, resident, h.Store.NewID()), model.ErrDocumentNotFound)
		if got := h.agreed(resident); !slices.Equal(got, []string{"health-notice"}) {
			t.Errorf("agreed to %v", got)
		}
		if got := h.agreed(stranger); got != nil {
			t.Errorf("a stranger agreed to %v", got)
		}
		h.must(h.WithdrawConsent(ctx, resident, notice.ID))
		h.want(h.WithdrawConsent(ctx, resident, notice.ID), model.ErrDocumentNotFound)
		if got := h.agreed(resident); got != nil {
			t.Errorf("after withdrawing agreed to %v", got)
		}
		h.must(h.Agree(ctx, resident, notice.ID))
		if got := h.agreed(resident); len(got) != 1 {
			t.Errorf("agreeing anew: %v", got)
		}
	})
}

// A new version asks everyone again: before the next child, before the next booking; what stands goes on standing.
func TestNewVersionAsksAgain(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		_, resident := h.guardian()
		child := h.addChild(resident, "示例宝宝")
		stands := h.book(resident, child.ID, 3)
		old := h.documentOf("pickup-agreement")
		h.publish("pickup-agreement", h.clock.now().Add(time.Hour))
		h.publish("child-privacy", h.clock.now().Add(time.Hour))
		h.book(resident, child.ID, 4) // not yet
		h.clock.move(time.Hour)

		if got := h.agreed(resident); !slices.Equal(got, []string{"health-notice"}) {
			t.Errorf("agreed to %v", got)
		}
		h.want(h.Agree(ctx, resident, old.ID), model.ErrDocumentOutdated)
		_, err := h.AddChild(ctx, resident, h.form("别的宝宝", 18))
		h.want(err, model.ErrConsentNeeded)
		slot := h.world.AddSlot(5, 5)
		_, err = h.booking.Book(ctx, resident, "key-of-v2", booking.Wish{SlotID: slot.ID, ChildID: child.ID})
		h.want(err, model.ErrConsentNeeded)
		if b, err := h.booking.FindOf(ctx, resident, stands.ID); err != nil || !b.Live() {
			t.Errorf("the earlier booking is %s, %v", b.Status, err)
		}
		h.agreeToAll(resident)
		_, err = h.booking.Book(ctx, resident, "key-of-v2", booking.Wish{SlotID: slot.ID, ChildID: child.ID})
		h.want(err, nil)
		_, err = h.AddChild(ctx, resident, h.form("别的宝宝", 18))
		h.want(err, nil)
	})
}

// What something rests on cannot be withdrawn.
func TestWithdrawingWhatIsInUse(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		_, resident := h.guardian()
		child := h.addChild(resident, "示例宝宝")
		b := h.book(resident, child.ID, 3)
		privacy, pickup := h.documentOf("child-privacy").ID, h.documentOf("pickup-agreement").ID
		h.want(h.WithdrawConsent(ctx, resident, privacy), model.ErrConsentInUse)
		h.want(h.WithdrawConsent(ctx, resident, pickup), model.ErrConsentInUse)
		_, err := h.booking.Cancel(ctx, resident, "cancel-1", b.ID, "plans_changed")
		h.must(err)
		h.book(resident, child.ID, 4)
		h.want(h.WithdrawConsent(ctx, resident, pickup), model.ErrConsentInUse)
		h.clock.move(5 * 24 * time.Hour) // what is over rests on nothing
		h.want(h.WithdrawConsent(ctx, resident, pickup), nil)
		h.want(h.WithdrawConsent(ctx, resident, privacy), model.ErrConsentInUse)
		h.must(h.RemoveChild(ctx, resident, child.ID))
		h.want(h.WithdrawConsent(ctx, resident, privacy), nil)
		if _, err := h.AddChild(ctx, resident, h.form("示例宝宝", 18)); !errors.Is(err, model.ErrConsentNeeded) {
			t.Errorf("a child without consent: %v", err)
		}
	})
}
