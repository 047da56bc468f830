package notice_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"jiamenkou/adapter/wechat/fake"
	"jiamenkou/model"
	"jiamenkou/service/notice"
)

const freshID = "example-template-from-the-console"

// setter may set what holds in the whole district.
var setter = model.OnDuty{StaffID: "01SETTEREXAMPLEEXAMPLE0000", Grants: []model.Grant{{Role: model.RoleAdministrator, Scope: model.ScopeDistrict}}}

// fresh is a template of the console, for the kind that house.tell writes.
func fresh(seen int) notice.TemplateWish {
	return notice.TemplateWish{
		Kind: model.NoticeSiteCancelled, Seen: seen, Source: model.TemplateOfConsole, Reason: "示例：换模板",
		Template: model.Template{
			TemplateID: freshID, Page: "pages/notices/index",
			Fields: model.TemplateFields{{Type: "thing", Number: 5, Fact: model.FactNote}, {Type: "time", Number: 8, Fact: model.FactSession}},
		},
	}
}

func turned(seen int, source model.TemplateSource) notice.TemplateWish {
	return notice.TemplateWish{Kind: model.NoticeSiteCancelled, Seen: seen, Source: source, Reason: "示例"}
}

// agreed gives the resident so many consents to the console's template, here and at WeChat.
func (h *house) agreed(resident, openID string, n int) {
	h.t.Helper()
	h.fake.Consent(openID, freshID, n)
	for range n {
		must(h.t, h.Store.AddMessageConsent(context.Background(), resident, freshID, h.now()))
	}
}

// What is in force when a message goes out is what it goes out under: also one that was owed before.
func TestMessagesFollowTheConsole(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		resident, openID := h.person(2)
		last := func(id string, status model.DeliveryStatus, sent int) fake.Message {
			t.Helper()
			must(t, h.deliver())
			h.stands(id, status)
			h.sent(sent)
			all := h.fake.Sent()
			return all[len(all)-1]
		}
		if m := last(h.tell(resident), model.DeliverySent, 1); m.Template != templateID {
			t.Errorf("the settings' first: %+v", m)
		}
		owed := h.tell(resident)
		must(t, h.SetTemplate(ctx, setter, fresh(0)))
		last(owed, model.DeliveryNoConsent, 1) // nobody has agreed to the new one yet
		h.agreed(resident, openID, 1)
		if m := last(h.tell(resident), model.DeliverySent, 2); m.Template != freshID || m.Page != "pages/notices/index" || m.Data["thing5"] != "示例说明" || len(m.Data) != 2 {
			t.Errorf("then the console's: %+v", m)
		}
		must(t, h.SetTemplate(ctx, setter, turned(1, model.TemplateOff)))
		last(h.tell(resident), "", 2)
		must(t, h.SetTemplate(ctx, setter, turned(2, model.TemplateOfSettings)))
		if m := last(h.tell(resident), model.DeliverySent, 3); m.Template != templateID {
			t.Errorf("the settings' again: %+v", m)
		}
		h.w.Sound()
	})
}

// A message that WeChat refused for its template goes out under the mended one when it is tried again.
func TestAMendedTemplate(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		resident, openID := h.person(1)
		wish := fresh(0)
		wish.Template.Fields[0] = model.TemplateField{Type: "phrase", Number: 5, Fact: model.FactResult} // nothing says it of this kind
		must(t, h.Store.AddMessageTemplate(ctx, model.MessageTemplate{
			ID: h.Store.NewID(), Kind: wish.Kind, Version: 1, Source: wish.Source, Template: wish.Template, CreatedAt: h.now(),
		}))
		h.agreed(resident, openID, 1)
		id := h.tell(resident)
		must(t, h.deliver())
		h.stands(id, model.DeliveryRefused)
		must(t, h.SetTemplate(ctx, setter, fresh(1)))
		h.d.Exec(t, "UPDATE owed_work SET status = 'owed' WHERE subject_id = ?", id)
		must(t, h.deliver())
		h.stands(id, model.DeliverySent)
		h.sent(1)
		h.w.Sound()
	})
}

func TestConsentsFollowTheConsole(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		resident, _ := h.person(3)
		must(t, h.SetTemplate(ctx, setter, fresh(0)))
		asked := func() string {
			list, err := h.QuestionsFor(ctx, resident)
			must(t, err)
			var said []string
			for _, q := range list {
				said = append(said, fmt.Sprintf("%s %s %d", q.Kind, strings.TrimPrefix(q.TemplateID, "example-template-"), q.Remaining))
			}
			return strings.Join(said, "; ")
		}
		const t3 = " template-of-the-test 3"
		if got := asked(); got != "booked"+t3+"; reminder"+t3+"; place_offered"+t3+"; site_cancelled from-the-console 0; strike"+t3 {
			t.Errorf("asked %s", got)
		}
		if got, err := h.Agree(ctx, resident, "agree-0001", []string{freshID}); err != nil || got[3].Remaining != 1 {
			t.Errorf("agreed: %+v, %v", got, err)
		}
		must(t, h.SetTemplate(ctx, setter, turned(1, model.TemplateOff)))
		if got := asked(); got != "booked"+t3+"; reminder"+t3+"; place_offered"+t3+"; strike"+t3 {
			t.Errorf("asked %s", got)
		}
		if _, err := h.Agree(ctx, resident, "agree-0002", []string{freshID}); !errors.Is(err, model.ErrTemplateUnknown) {
			t.Errorf("agreed to what is off: %v", err)
		}
		d, err := h.KeptTemplate(ctx, model.NoticeSiteCancelled)
		must(t, err)
		if d.Agreed[freshID] != 1 || d.Agreed[templateID] != 1 || len(d.Versions) != 2 || d.Versions[0].Source != model.TemplateOff || d.InForce.TemplateID != "" {
			t.Errorf("kept is %+v", d)
		}
	})
}

// Of many who change a kind at once one does, and all others are told; nothing is lost and no number is given twice.
func TestOneChangesATemplate(t *testing.T) {
	h := onMariaDB(t)
	for round := range 5 {
		errs := make([]error, 8)
		var all sync.WaitGroup
		for i := range errs {
			all.Go(func() {
				wish := fresh(round)
				wish.Template.TemplateID = fmt.Sprintf("%s-%d-%d", freshID, round, i)
				errs[i] = h.SetTemplate(context.Background(), setter, wish)
			})
		}
		all.Wait()
		changed := 0
		for _, err := range errs {
			switch {
			case err == nil:
				changed++
			case !errors.Is(err, model.ErrChangedMeanwhile):
				t.Errorf("one was told %v", err)
			}
		}
		versions := h.d.Count(t, "SELECT COUNT(*) FROM message_templates")
		events := h.d.Count(t, "SELECT COUNT(*) FROM events WHERE subject = 'message_template'")
		if changed != 1 || versions != round+1 || events != round+1 {
			t.Errorf("round %d: %d changed, %d versions, %d events", round, changed, versions, events)
		}
	}
}

// Two who change one after the other, on what both have seen: the second is told, on either engine.
func TestAChangeOnWhatIsGone(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		must(t, h.SetTemplate(ctx, setter, fresh(0)))
		if err := h.SetTemplate(ctx, setter, turned(0, model.TemplateOff)); !errors.Is(err, model.ErrChangedMeanwhile) {
			t.Errorf("the second was told %v", err)
		}
		err := h.Store.AddMessageTemplate(ctx, model.MessageTemplate{ID: h.Store.NewID(), Kind: model.NoticeSiteCancelled, Version: 1, Source: model.TemplateOff, CreatedAt: h.now()})
		if !errors.Is(err, model.ErrChangedMeanwhile) {
			t.Errorf("a number was given twice: %v", err)
		}
		if err := h.SetTemplate(ctx, model.OnDuty{}, fresh(1)); !errors.Is(err, model.ErrNotPermitted) {
			t.Errorf("anybody was told %v", err)
		}
	})
}
