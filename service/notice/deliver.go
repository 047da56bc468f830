package notice

import (
	"context"
	"errors"
	"strings"
	"time"

	"jiamenkou/model"
)

// parcel is a message that is ready to be sent, with a consent set aside for it; or, with any other status of its
// delivery, one that is not to be sent.
type parcel struct {
	delivery model.Delivery
	openID   string
	page     string
	fields   map[string]string
}

// settleTime bounds writing down what came of a message, also when the server is about to stop.
const settleTime = 10 * time.Second

// Deliver sends the message about a notice, if one is to be sent. The call to WeChat stands between two transactions: the
// first sets a consent aside and notes that the message is under way, the second what came of it. Whoever finds a message
// under way that is not its own knows nothing of how it went, and sends it no more.
func (s *Service) Deliver(ctx context.Context, w model.Work) error {
	var p *parcel
	err := s.Store.InTx(ctx, func(tx *model.Store) (err error) {
		p, err = s.prepare(ctx, tx, w)
		return err
	})
	switch {
	case err != nil || p == nil:
		return err
	case p.delivery.Status != model.DeliveryReserved:
		s.log(ctx, p.delivery)
		return nil
	}
	failure := s.WeChat.Send(ctx, p.openID, p.delivery.TemplateID, p.page, p.fields)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer cancel()
	return s.settle(ctx, w, p.delivery, failure)
}

// prepare gives the parcel; nil when there is nothing to deliver, or not yet.
func (s *Service) prepare(ctx context.Context, tx *model.Store, w model.Work) (*parcel, error) {
	if err := tx.HoldWork(ctx, w); err != nil {
		return nil, err
	}
	n, err := tx.FindNotice(ctx, w.SubjectID)
	if errors.Is(err, model.ErrNoticeNotFound) {
		return nil, tx.FinishWork(ctx, w, s.Now())
	}
	if err != nil {
		return nil, err
	}
	d, err := tx.FindDelivery(ctx, n.ID)
	if err != nil {
		return nil, err
	}
	if d.Status == model.DeliveryReserved {
		return s.giveUp(ctx, tx, w, d)
	}
	template, err := s.templateOf(ctx, tx, n.Kind.Message())
	switch {
	case err != nil:
		return nil, err
	case template.TemplateID == "" || !d.Open():
		return nil, tx.FinishWork(ctx, w, s.Now())
	}
	return s.plan(ctx, tx, w, n, d, template)
}

// giveUp is for a message that was under way when its sender was lost.
func (s *Service) giveUp(ctx context.Context, tx *model.Store, w model.Work, d model.Delivery) (*parcel, error) {
	if err := tx.SettleConsent(ctx, d.ResidentID, d.TemplateID, model.ConsentUsed, s.Now()); err != nil {
		return nil, err
	}
	from := d.Status
	d.Status, d.Reason, d.UpdatedAt = model.DeliveryUnknown, "the sender was lost on the way", s.Now()
	return s.conclude(ctx, tx, w, d, from)
}

// conclude ends the work without sending anything.
func (s *Service) conclude(ctx context.Context, tx *model.Store, w model.Work, d model.Delivery, from model.DeliveryStatus) (*parcel, error) {
	if err := tx.SaveDelivery(ctx, d, from); err != nil {
		return nil, err
	}
	return &parcel{delivery: d}, tx.FinishWork(ctx, w, d.UpdatedAt)
}

// plan sends now, later or not at all.
func (s *Service) plan(ctx context.Context, tx *model.Store, w model.Work, n model.Notice, d model.Delivery, t model.Template) (*parcel, error) {
	from, now := d.Status, s.Now()
	if from == "" {
		d = model.Delivery{NoticeID: n.ID, ResidentID: n.ResidentID, CreatedAt: now}
	}
	d.TemplateID, d.UpdatedAt = t.TemplateID, now
	who, err := tx.FindResident(ctx, n.ResidentID)
	if err != nil {
		return nil, err
	}
	stands, err := tx.NoticeStands(ctx, n)
	at, useful := s.Messages.SendAt(n, now, s.Zone)
	d.Status = model.DeliveryDropped
	switch {
	case err != nil:
		return nil, err
	case who.Status == model.ResidentClosed:
		d.Reason = "the account is closed"
		return s.conclude(ctx, tx, w, d, from)
	case !stands:
		d.Reason = "no longer so"
		return s.conclude(ctx, tx, w, d, from)
	case !useful:
		d.Reason = "worthless by now"
		return s.conclude(ctx, tx, w, d, from)
	case at.After(now):
		return nil, tx.PostponeWork(ctx, w, at, now)
	}
	p, err := s.fill(ctx, tx, n, who, t)
	if err != nil {
		return nil, err
	}
	return s.reserve(ctx, tx, w, p, d, from)
}

// reserve sets a consent aside for the parcel, if there is one.
func (s *Service) reserve(ctx context.Context, tx *model.Store, w model.Work, p *parcel, d model.Delivery, from model.DeliveryStatus) (*parcel, error) {
	reserved, err := tx.ReserveConsent(ctx, d.ResidentID, d.TemplateID, d.UpdatedAt)
	if err != nil {
		return nil, err
	}
	if !reserved {
		d.Status, d.Reason = model.DeliveryNoConsent, ""
		return s.conclude(ctx, tx, w, d, from)
	}
	d.Status, d.Reason = model.DeliveryReserved, ""
	p.delivery = d
	return p, tx.SaveDelivery(ctx, d, from)
}

func (s *Service) fill(ctx context.Context, tx *model.Store, n model.Notice, who model.Resident, t model.Template) (*parcel, error) {
	openID, err := who.OpenIDSealed.Open(s.Box, "residents", "open_id_sealed", who.ID)
	if err != nil {
		return nil, err
	}
	p := &parcel{openID: openID, page: strings.ReplaceAll(t.Page, "{id}", n.SubjectID), fields: map[string]string{}}
	for _, f := range t.Fields {
		if p.fields[f.Name()], err = value(ctx, tx, n, f.Fact); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// value is what a fact says. A site that the notice names by its id is looked up.
func value(ctx context.Context, tx *model.Store, n model.Notice, fact model.Fact) (string, error) {
	said, siteID := n.Says(fact), n.Facts[model.FactSiteID]
	if said != "" || fact != model.FactSite || siteID == "" {
		return said, nil
	}
	site, err := tx.FindSite(ctx, siteID)
	return site.Name, err
}

// settle writes down what came of sending. A server that has lost its lease meanwhile writes nothing: whoever has it now
// has given the message up.
func (s *Service) settle(ctx context.Context, w model.Work, d model.Delivery, failure error) error {
	o := judge(failure)
	o.reason = strings.ToValidUTF8(o.reason, "?") // some of it may be WeChat's
	d.Status, d.Reason, d.UpdatedAt = o.status, o.reason, s.Now()
	err := s.Store.InTx(ctx, func(tx *model.Store) error {
		if err := tx.HoldWork(ctx, w); err != nil {
			return err
		}
		if err := tx.SettleConsent(ctx, d.ResidentID, d.TemplateID, o.use, d.UpdatedAt); err != nil {
			return err
		}
		if err := tx.SaveDelivery(ctx, d, model.DeliveryReserved); err != nil {
			return err
		}
		return s.close(ctx, tx, w, o, d.UpdatedAt)
	})
	if err != nil {
		return err
	}
	s.log(ctx, d)
	if o.status == model.DeliveryReturned && !o.tooSoon {
		return failure // an attempt that failed; the next may succeed
	}
	return nil
}

// close says what becomes of the work.
func (s *Service) close(ctx context.Context, tx *model.Store, w model.Work, o outcome, now time.Time) error {
	switch {
	case o.tooSoon:
		return tx.PostponeWork(ctx, w, now.Add(s.Limits.RetryAfter), now)
	case o.status == model.DeliveryReturned:
		return nil
	case o.status == model.DeliveryRefused: // trying again mends nothing; somebody must
		if err := tx.FailWork(ctx, w, model.WorkDead, now, o.reason, now); err != nil {
			return err
		}
		return tx.AddEvents(ctx, model.Event{
			Subject: "work", SubjectID: w.ID, FromState: string(model.WorkOwed), ToState: string(model.WorkDead),
			Actor: model.ActorSystem, Reason: string(w.Kind), CreatedAt: now,
		})
	}
	return tx.FinishWork(ctx, w, now)
}

// log tells what became of a message. The text comes from us or from WeChat, and names nobody.
func (s *Service) log(ctx context.Context, d model.Delivery) {
	s.Log.InfoContext(ctx, "message", "status", d.Status, "notice", d.NoticeID, "reason", d.Reason)
}
