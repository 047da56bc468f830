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

// hand is who does something.
type hand struct {
	actor model.Actor
	id    string
}

func guardian(resident string) hand { return hand{model.ActorResident, resident} }

// handFor is the guardian's own hand, or that of the member of staff who acts for the guardian.
func handFor(resident, staff string) hand {
	if staff == "" {
		return guardian(resident)
	}
	return staffHand(staff)
}

func staffHand(id string) hand { return hand{model.StaffOrSystem(id), id} }

// behalf is by whose hand something is asked for whom, and what is set aside for it.
type behalf struct {
	by       hand
	resident string
	override string // why staff set some of the rules aside; empty: every rule holds
}

// own is a guardian who asks for himself.
func own(resident string) behalf { return behalf{by: guardian(resident), resident: resident} }

// plan is everything known before the transaction: what needs no lock to be judged.
type plan struct {
	behalf
	wish            Wish
	now             time.Time
	slot            model.Slot
	policy          model.ServicePolicy
	allowancePolicy model.AllowancePolicy
	allowanceID     string
	movedFrom       *string
	most            int // live bookings of the child
}

// Book takes a place for a resident's child. The same key again gives the same answer, whatever has happened since.
func (s *Service) Book(ctx context.Context, resident, key string, wish Wish) (model.Booking, error) {
	request := s.request(resident, key, "book", wish)
	// A plain read, shared with others, turns most of a rush away before any lock is taken. It also tells whether the
	// request has been answered before: that the slot is full by now is no answer to whoever holds a place in it.
	slot, answered, leave, err := s.approach(ctx, wish.SlotID, request)
	defer leave()
	if err != nil {
		return model.Booking{}, err
	}
	if answered {
		return model.Answered[model.Booking](ctx, s.Store, request)
	}
	p, err := s.plan(ctx, s.asked(own(resident), wish, slot, request.At))
	if err != nil {
		return unlessAnswered[model.Booking](ctx, s.Store, request, err)
	}
	return model.Once(ctx, s.Store, request, func(tx *model.Store) (model.Booking, error) {
		return s.carryOut(ctx, tx, p)
	})
}

// asked is a plan before anything is judged.
func (s *Service) asked(who behalf, wish Wish, slot model.Slot, now time.Time) plan {
	p := plan{behalf: who, wish: wish, slot: slot, now: now, most: s.Limits.LiveBookings}
	if p.override != "" {
		p.most = model.NoLimit
	}
	return p
}

// bookable says why a place of the slot cannot be taken at the moment, or nil.
func (p plan) bookable() error {
	if p.override != "" {
		return p.slot.BookableAnyTime(p.now)
	}
	return p.slot.Bookable(p.now)
}

// unlessAnswered gives a refusal, except to a request that was carried out before there was a reason to refuse it.
func unlessAnswered[T any](ctx context.Context, store *model.Store, request model.Request, refusal error) (none T, err error) {
	earlier, err := model.Answered[T](ctx, store, request)
	if err == nil || errors.Is(err, model.ErrKeyReused) {
		return earlier, err
	}
	return none, refusal
}

// plan judges what needs no lock, and makes sure that there is an allowance to debit.
func (s *Service) plan(ctx context.Context, p plan) (plan, error) {
	p, err := s.judge(ctx, p)
	if err != nil {
		return p, err
	}
	return s.planAllowance(ctx, p)
}

// judge judges the site, the child, the guardian's agreements and the record of wasted places. It writes nothing.
func (s *Service) judge(ctx context.Context, p plan) (plan, error) {
	if err := s.checkOffer(ctx, p.slot); err != nil {
		return p, err
	}
	if err := s.checkAccount(ctx, p); err != nil {
		return p, err
	}
	child, err := s.Store.FindChildOf(ctx, p.resident, p.wish.ChildID)
	if err != nil {
		return p, err
	}
	if p.policy.ID == "" { // else it was made under an earlier version, which travels with it
		if p.policy, err = s.Store.FindCurrentPolicy(ctx, p.slot.ServiceID, p.now); err != nil {
			return p, err
		}
	}
	if err := p.checkConsent(ctx, s.Store); err != nil {
		return p, err
	}
	if p.override != "" {
		return p, nil
	}
	return p, s.checkChild(ctx, child, p)
}

func (s *Service) checkChild(ctx context.Context, child model.Child, p plan) error {
	if err := s.checkAge(child, p); err != nil {
		return err
	}
	return s.checkMarks(ctx, child.ID, p)
}

// checkAccount refuses what staff or the system would do for an account that is stopped; its owner cannot sign in.
func (s *Service) checkAccount(ctx context.Context, p plan) error {
	if p.by.actor == model.ActorResident {
		return nil
	}
	who, err := s.Store.FindResident(ctx, p.resident)
	if errors.Is(err, model.ErrResidentNotFound) {
		return model.ErrChildNotFound
	}
	if err != nil {
		return err
	}
	return who.MayUse()
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
// allowance, the slots, the booking, then what is written about it.
func (s *Service) carryOut(ctx context.Context, tx *model.Store, p plan) (model.Booking, error) {
	if err := p.lockChild(ctx, tx); err != nil {
		return model.Booking{}, err
	}
	b := p.draft(tx.NewID())
	if err := p.pay(ctx, tx, &b); err != nil {
		return model.Booking{}, err
	}
	if err := p.clearTheWay(ctx, tx, ""); err != nil {
		return model.Booking{}, err
	}
	if err := p.takePlace(ctx, tx); err != nil {
		return model.Booking{}, err
	}
	return b, s.write(ctx, tx, p, b)
}

// lockChild makes the child's bookings take turns, and judges whether there is room for another.
func (p plan) lockChild(ctx context.Context, tx *model.Store) error {
	live, err := p.lockLive(ctx, tx)
	if err != nil {
		return err
	}
	return model.CheckRoom(live, p.slot, p.most)
}

// lockLive locks the child and gives its live bookings.
func (p plan) lockLive(ctx context.Context, tx *model.Store) ([]model.Booking, error) {
	if _, err := tx.LockChild(ctx, p.resident, p.wish.ChildID); err != nil {
		return nil, err
	}
	if err := p.checkConsent(ctx, tx); err != nil {
		return nil, err
	}
	return tx.ListLiveOf(ctx, p.wish.ChildID, p.now)
}

// takePlace takes one of the places that are for anyone.
func (p plan) takePlace(ctx context.Context, tx *model.Store) error {
	if p.override != "" {
		return tx.TakePlaceAnyTime(ctx, p.slot.ID, p.now)
	}
	return tx.TakePlace(ctx, p.slot.ID, p.now)
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
		MovedFrom: p.movedFrom, Payment: model.PaymentFree, StartAt: p.slot.StartAt, EndAt: p.slot.EndAt,
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

// write puts the booking down, and tells the guardian.
func (s *Service) write(ctx context.Context, tx *model.Store, p plan, b model.Booking) error {
	if err := p.writeDown(ctx, tx, b); err != nil {
		return err
	}
	return tx.AddNotices(ctx, bookedNotice(b, s.Zone))
}

// writeDown puts the booking down with its ledger line and its event.
func (p plan) writeDown(ctx context.Context, tx *model.Store, b model.Booking) error {
	if err := tx.AddBooking(ctx, &b); err != nil {
		return err
	}
	if err := tx.AddEntry(ctx, b.AllowanceID, b.ID, model.EntryDebit, b.AllowanceUnits, p.now); err != nil {
		return err
	}
	event := b.Changed("", p.by.actor, p.by.id)
	event.Reason = p.override
	return tx.AddEvents(ctx, event)
}
