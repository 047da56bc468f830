package booking

import (
	"context"
	"errors"
	"time"

	"jiamenkou/model"
)

// Wish is what a guardian asks for.
type Wish struct {
	SlotID         string `json:"slot"`
	ChildID        string `json:"child"`
	AcceptSelfPaid bool   `json:"self_paid"`
}

// plan is everything known before the transaction: what needs no lock to be judged.
type plan struct {
	wish            Wish
	now             time.Time
	resident        string
	slot            model.Slot
	policy          model.ServicePolicy
	allowancePolicy model.AllowancePolicy
	allowanceID     string
}

// Book takes a place for a resident's child. The same key again gives the same answer, whatever has happened since.
func (s *Service) Book(ctx context.Context, resident, key string, wish Wish) (model.Booking, error) {
	request := s.request(resident, key, "book", wish)
	// A plain read, shared with others, turns most of a rush away before any lock is taken. It also tells whether the
	// request has been answered before: that the slot is full by now is no answer to whoever holds a place in it.
	slot, answered, err := s.look(ctx, wish.SlotID, request)
	if err != nil {
		return model.Booking{}, err
	}
	if answered {
		return model.Answered[model.Booking](ctx, s.Store, request)
	}
	if err := slot.Bookable(request.At); err != nil {
		return model.Booking{}, err // look has asked for an earlier answer already
	}
	p, err := s.plan(ctx, plan{wish: wish, now: request.At, resident: resident, slot: slot})
	if err != nil {
		return s.unlessAnswered(ctx, request, err)
	}
	return model.Once(ctx, s.Store, request, func(tx *model.Store) (model.Booking, error) {
		return p.carryOut(ctx, tx, s.Limits.LiveBookings, s.Zone)
	})
}

// unlessAnswered gives a refusal, except to a request that was carried out before there was a reason to refuse it.
func (s *Service) unlessAnswered(ctx context.Context, request model.Request, refusal error) (model.Booking, error) {
	earlier, err := model.Answered[model.Booking](ctx, s.Store, request)
	if err == nil || errors.Is(err, model.ErrKeyReused) {
		return earlier, err
	}
	return model.Booking{}, refusal
}

// plan judges the site, the child, the guardian's agreements and the record of wasted places.
func (s *Service) plan(ctx context.Context, p plan) (plan, error) {
	if err := s.checkOffer(ctx, p.slot); err != nil {
		return p, err
	}
	child, err := s.Store.FindChildOf(ctx, p.resident, p.wish.ChildID)
	if err != nil {
		return p, err
	}
	if p.policy, err = s.Store.FindCurrentPolicy(ctx, p.slot.ServiceID, p.now); err != nil {
		return p, err
	}
	if err := s.checkAge(child, p); err != nil {
		return p, err
	}
	if err := p.checkConsent(ctx, s.Store); err != nil {
		return p, err
	}
	if err := s.checkMarks(ctx, child.ID, p); err != nil {
		return p, err
	}
	return s.planAllowance(ctx, p)
}

// checkOffer refuses a site or a service that takes no children for the time being; its slots may still stand.
func (s *Service) checkOffer(ctx context.Context, slot model.Slot) error {
	places, err := s.directory(ctx)
	if err == nil && !places.takes(slot) {
		return model.ErrSlotClosed
	}
	return err
}

func (s *Service) checkAge(child model.Child, p plan) error {
	birth, err := child.BirthDate(s.Box)
	if err != nil {
		return err
	}
	return p.policy.Admits(birth, p.slot.Date)
}

func (s *Service) checkMarks(ctx context.Context, childID string, p plan) error {
	since := p.now.AddDate(0, 0, -p.policy.StrikeWindowDays-p.policy.BlockDays)
	marks, err := s.Store.ListMarks(ctx, childID, since)
	if err != nil {
		return err
	}
	if until := p.policy.BlockedUntil(marks, p.now); !until.IsZero() {
		return model.ErrBookingIsBlocked.WithMessage("因多次失约，孩子的预约暂停到%s；如有疑问请联系宝宝屋。", until.In(s.Zone).Format("2006年1月2日15:04"))
	}
	return nil
}

// planAllowance makes sure the row that will be debited exists.
func (s *Service) planAllowance(ctx context.Context, p plan) (plan, error) {
	allowance, err := s.grantedAllowance(ctx, p.wish.ChildID, p.slot.Date, p.now)
	p.allowanceID, p.allowancePolicy = allowance.ID, allowance.Policy
	return p, err
}

// carryOut is the transaction's body. Locks are taken in the house's one order: the request, the child, its
// allowance, the slot, the booking, then what is written about it.
func (p plan) carryOut(ctx context.Context, tx *model.Store, most int, zone *time.Location) (model.Booking, error) {
	if _, err := tx.LockChild(ctx, p.resident, p.wish.ChildID); err != nil {
		return model.Booking{}, err
	}
	if err := p.checkConsent(ctx, tx); err != nil {
		return model.Booking{}, err
	}
	live, err := tx.ListLiveOf(ctx, p.wish.ChildID, p.now)
	if err != nil {
		return model.Booking{}, err
	}
	if err := model.CheckRoom(live, p.slot, most); err != nil {
		return model.Booking{}, err
	}
	b := p.draft(tx.NewID())
	if err := p.pay(ctx, tx, &b); err != nil {
		return model.Booking{}, err
	}
	if err := tx.TakePlace(ctx, p.slot.ID, p.now); err != nil {
		return model.Booking{}, err
	}
	if err := tx.AddBooking(ctx, &b); err != nil {
		return model.Booking{}, err
	}
	return b, p.write(ctx, tx, b, zone)
}

// checkConsent is asked before anything is written, and again behind the lock on the child, which withdrawing an
// agreement takes too.
func (p plan) checkConsent(ctx context.Context, store *model.Store) error {
	missing, err := store.ListMissingDocuments(ctx, p.resident, p.now, model.NeededForChild, model.NeededForBooking)
	if err != nil {
		return err
	}
	return model.MissingConsent(missing)
}

func (p plan) draft(id string) model.Booking {
	return model.Booking{
		ID: id, ResidentID: p.resident, ChildID: p.wish.ChildID,
		SlotID: p.slot.ID, SiteID: p.slot.SiteID, ServiceID: p.slot.ServiceID,
		PolicyID: p.policy.ID, PolicyVersion: p.policy.Version, AllowanceID: p.allowanceID,
		Payment: model.PaymentFree, StartAt: p.slot.StartAt, EndAt: p.slot.EndAt,
		FreeCancelUntil: p.policy.FreeCancelUntil(p.slot.StartAt),
		Status:          model.BookingConfirmed, CreatedAt: p.now, UpdatedAt: p.now,
	}
}

// pay debits the allowance of the slot's year, or records that the family pays at the site.
func (p plan) pay(ctx context.Context, tx *model.Store, b *model.Booking) error {
	if !p.policy.UsesAllowance {
		return nil
	}
	units := p.allowancePolicy.Units(p.slot.Length())
	err := tx.TakeAllowance(ctx, p.allowanceID, units)
	switch {
	case err == nil:
		b.Payment, b.AllowanceUnits = model.PaymentAllowance, units
		return nil
	case !errors.Is(err, model.ErrAllowanceUsedUp) || p.allowancePolicy.Beyond != model.BeyondSelfPaid:
		return err
	case !p.wish.AcceptSelfPaid:
		return model.ErrSelfPaidUnaccepted
	}
	b.Payment, b.PriceCents = model.PaymentSelfPaid, p.allowancePolicy.SelfPaidCents(p.slot.Length())
	return nil
}

func (p plan) write(ctx context.Context, tx *model.Store, b model.Booking, zone *time.Location) error {
	if err := tx.AddEntry(ctx, b.AllowanceID, b.ID, model.EntryDebit, b.AllowanceUnits, p.now); err != nil {
		return err
	}
	if err := tx.AddEvents(ctx, changed(b, "", model.ActorResident, p.resident)); err != nil {
		return err
	}
	return tx.AddNotices(ctx, bookedNotice(b, zone))
}
