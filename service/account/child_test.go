package account_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"jiamenkou/model"
	"jiamenkou/model/modeltest"
	"jiamenkou/service/account"
)

func TestChildIsStatedReadAndChanged(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		_, resident := h.guardian()
		_, stranger := h.guardian()
		form := h.form("示例宝宝", 18)
		form.Gender, form.HealthNote = model.GenderFemale, "花生过敏"
		added, err := h.AddChild(ctx, resident, form)
		h.must(err)
		found, err := h.FindChild(ctx, resident, added.ID)
		h.must(err)
		for _, c := range []account.Child{added, found} {
			if c.Name != "示例宝宝" || c.BirthDate != form.BirthDate || c.HealthNote != "花生过敏" || c.Gender != model.GenderFemale || c.AgeMonths != 18 {
				t.Errorf("it reads %+v", c)
			}
		}
		form = h.form("改名宝宝", 20)
		changed, err := h.ChangeChild(ctx, resident, added.ID, form)
		if err != nil || changed.ID != added.ID || changed.Name != "改名宝宝" || changed.AgeMonths != 20 || changed.HealthNote != "" {
			t.Errorf("changed to %+v, %v", changed, err)
		}
		if list, err := h.ListChildren(ctx, resident); err != nil || len(list) != 1 || list[0].Name != "改名宝宝" {
			t.Errorf("listed %+v, %v", list, err)
		}
		for what, try := range map[string]func() error{
			"read":   func() error { _, err := h.FindChild(ctx, stranger, added.ID); return err },
			"change": func() error { _, err := h.ChangeChild(ctx, stranger, added.ID, form); return err },
			"remove": func() error { return h.RemoveChild(ctx, stranger, added.ID) },
		} {
			if err := try(); !errors.Is(err, model.ErrChildNotFound) {
				t.Errorf("a stranger's %s: %v", what, err)
			}
		}
	})
}

func TestNothingOfAChildStandsInPlainText(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		_, resident := h.guardian()
		form := h.form("PLAINNAME", 18)
		form.HealthNote = "PLAINNOTE"
		_, err := h.AddChild(context.Background(), resident, form)
		h.must(err)
		for _, column := range []string{"name_sealed", "birth_date_sealed", "health_note_sealed", "fingerprint"} {
			if n := h.db.Count(t, fmt.Sprintf("SELECT COUNT(*) FROM children WHERE %s LIKE '%%PLAIN%%' OR %[1]s LIKE '%%%s%%'", column, form.BirthDate)); n != 0 {
				t.Errorf("%s is readable", column)
			}
		}
	})
}

func TestChildRefused(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		_, resident := h.guardian()
		child := h.addChild(resident, "示例宝宝")
		other := h.addChild(resident, "ＡＢ宝宝")
		today := h.world.Day(0)
		for name, birth := range map[string]model.Date{
			"born tomorrow": today.AddDays(1), "born nineteen years ago": today.AddDays(-19 * 366),
		} {
			form := account.ChildForm{Name: "别的宝宝", BirthDate: birth, Gender: model.GenderMale}
			if _, err := h.AddChild(ctx, resident, form); !errors.Is(err, model.ErrBirthDateInvalid) {
				t.Errorf("%s: %v", name, err)
			}
			if _, err := h.ChangeChild(ctx, resident, child.ID, form); !errors.Is(err, model.ErrBirthDateInvalid) {
				t.Errorf("changed, %s: %v", name, err)
			}
		}
		for _, same := range []string{"示例宝宝", "示例 宝宝", " 示例宝宝　", "AB宝宝"} {
			if _, err := h.AddChild(ctx, resident, h.form(same, 18)); !errors.Is(err, model.ErrChildExists) {
				t.Errorf("%q again: %v", same, err)
			}
		}
		_, err := h.ChangeChild(ctx, resident, other.ID, h.form("示例宝宝", 18))
		h.want(err, model.ErrChildExists)
		twin, err := h.AddChild(ctx, resident, h.form("示例宝宝", 17)) // another birth date is another child
		if err != nil || twin.ID == child.ID {
			t.Errorf("a sister of the same name: %v", err)
		}
		_, stranger := h.guardian()
		_, err = h.AddChild(ctx, stranger, h.form("示例宝宝", 18)) // both parents may state one child
		h.want(err, nil)
	})
}

func TestChildNeedsConsent(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		_, resident := h.signIn("oMother")
		_, err := h.AddChild(ctx, resident, h.form("示例宝宝", 18))
		h.want(err, model.ErrConsentNeeded)
		if n := h.db.Count(t, "SELECT COUNT(*) FROM children"); n != 0 {
			t.Errorf("%d children stand there without consent", n)
		}
		h.agreeToAll(resident)
		_, err = h.AddChild(ctx, resident, h.form("示例宝宝", 18))
		h.want(err, nil)
	})
}

// The consent is there when the child is: withdrawing it in the moment of adding leaves either both or neither.
func TestConsentIsWithdrawnWhileAChildIsAdded(t *testing.T) {
	h := newHouse(t, modeltest.EmptyMariaDB(t), realRedis(t))
	ctx := context.Background()
	privacy := h.documentOf("child-privacy").ID
	for range 3 {
		_, resident := h.guardian()
		added := make(chan error)
		h.must(h.Store.InTx(ctx, func(tx *model.Store) error {
			if _, err := tx.LockResident(ctx, resident); err != nil {
				return err
			}
			go func() {
				_, err := h.AddChild(ctx, resident, h.form("示例宝宝", 18))
				added <- err
			}()
			time.Sleep(100 * time.Millisecond) // long enough for it to stand at the lock; without, it is just refused
			return tx.WithdrawConsent(ctx, resident, privacy, h.clock.now())
		}))
		h.want(<-added, model.ErrConsentNeeded)
		if list, err := h.ListChildren(ctx, resident); err != nil || len(list) != 0 {
			t.Fatalf("%d children without consent, %v", len(list), err)
		}
	}
}

// Sixteen children stated at once: exactly as many as allowed are listed.
func TestMostChildren(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		_, resident := h.guardian()
		added := 0
		for _, err := range modeltest.TogetherErrors(16, func(i int) error {
			_, err := h.AddChild(ctx, resident, h.form(fmt.Sprintf("示例宝宝%d", i), 18))
			return err
		}) {
			switch {
			case err == nil:
				added++
			case !errors.Is(err, model.ErrTooManyChildren):
				t.Error(err)
			}
		}
		if list, err := h.ListChildren(ctx, resident); err != nil || added != maxChildren || len(list) != maxChildren {
			t.Errorf("%d added, %d listed, %v", added, len(list), err)
		}
	})
}

// One child stated by eight taps at once is one child.
func TestTheSameChildAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		_, resident := h.guardian()
		added := 0
		for _, err := range modeltest.TogetherErrors(8, func(int) error {
			_, err := h.AddChild(context.Background(), resident, h.form("示例宝宝", 18))
			return err
		}) {
			switch {
			case err == nil:
				added++
			case !errors.Is(err, model.ErrChildExists):
				t.Error(err)
			}
		}
		if n := h.db.Count(t, "SELECT COUNT(*) FROM children"); added != 1 || n != 1 {
			t.Errorf("%d added, %d rows", added, n)
		}
	})
}

// A child that is removed and stated again is the same child, with what it has used of the year.
func TestRemovedChildKeepsItsAllowance(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		_, resident := h.guardian()
		child := h.addChild(resident, "示例宝宝")
		b := h.book(resident, child.ID, 3)
		h.want(h.RemoveChild(ctx, resident, child.ID), model.ErrChildHasBookings)
		h.clock.move(4 * 24 * time.Hour) // the session is over, the debit stays
		h.must(h.RemoveChild(ctx, resident, child.ID))
		h.want(h.RemoveChild(ctx, resident, child.ID), model.ErrChildNotFound)
		h.wantNone("children", "name_sealed", "birth_date_sealed", "health_note_sealed")

		again, err := h.AddChild(ctx, resident, h.form("示例宝宝", 18))
		h.must(err)
		if again.ID != child.ID || again.Name != "示例宝宝" {
			t.Errorf("it came back as %+v", again)
		}
		held, err := h.booking.AllowanceOf(ctx, resident, child.ID, model.DateOf(b.StartAt.In(h.Zone)))
		if err != nil || held.Used != 1 || held.Granted != 12 {
			t.Errorf("its allowance is %+v, %v", held.Allowance, err)
		}
		if n := h.db.Count(t, "SELECT COUNT(*) FROM allowances"); n != 1 {
			t.Errorf("%d allowances", n)
		}
		events, err := h.Store.ListEvents(ctx, child.ID)
		h.must(err)
		var states []string
		for _, e := range events {
			states = append(states, e.FromState+">"+e.ToState)
		}
		if fmt.Sprint(states) != "[>listed listed>removed removed>listed]" {
			t.Errorf("its history is %v", states)
		}
		h.world.Sound()
	})
}

// A child that is renamed and added again under its old name would be a second child with a second allowance.
func TestRenamedChildIsTheSameChild(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		_, resident := h.guardian()
		child := h.addChild(resident, "示例宝宝")
		_, err := h.ChangeChild(ctx, resident, child.ID, h.form("示例改名", 18))
		h.must(err)
		_, err = h.AddChild(ctx, resident, h.form("示例宝宝", 18))
		h.want(err, model.ErrChildExists)

		other := h.addChild(resident, "示例弟弟")
		_, err = h.ChangeChild(ctx, resident, other.ID, h.form("示例宝宝", 18))
		h.want(err, model.ErrChildExists)
		_, err = h.ChangeChild(ctx, resident, child.ID, h.form("示例宝宝", 18))
		h.must(err)

		h.must(h.RemoveChild(ctx, resident, child.ID))
		again, err := h.AddChild(ctx, resident, h.form("示例改名", 18))
		if err != nil || again.ID != child.ID || again.Name != "示例改名" {
			t.Errorf("under its other name it came back as %+v, %v", again, err)
		}
	})
}

// wantNone finds nothing left in the columns of a table.
func (h *house) wantNone(table string, columns ...string) {
	h.t.Helper()
	for _, column := range columns {
		if n := h.db.Count(h.t, "SELECT COUNT(*) FROM "+table+" WHERE "+column+" IS NOT NULL"); n != 0 {
			h.t.Errorf("%d cells left in %s.%s", n, table, column)
		}
	}
}

func (h *house) documentOf(code string) model.Document {
	h.t.Helper()
	documents, err := h.Documents(context.Background())
	h.must(err)
	for _, d := range documents {
		if d.Code == code {
			return d
		}
	}
	h.t.Fatalf("no document %s", code)
	return model.Document{}
}
