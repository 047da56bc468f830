package account

import (
	"bytes"
	"context"
	"errors"

	"jiamenkou/model"
)

// Paper is a written request of a resident's, which staff carry out.
type Paper struct {
	Reference string // where it is kept
	Phone     string // as it stands on it: it must be the account's, where the account holds one
}

// CloseOnRequest closes an account within the scope as its owner would, on paper. Asked again, it finishes
// what was stopped half-way, and leaves what is closed as it is.
func (s *Service) CloseOnRequest(ctx context.Context, by model.OnDuty, resident string, p Paper) (model.Resident, error) {
	who, reference, err := s.requested(ctx, by, resident, p)
	if err != nil {
		return who, err
	}
	if err := s.close(ctx, resident, hand{model.ActorStaff, by.StaffID}, "注销账号，书面申请："+reference); err != nil {
		return who, err
	}
	return s.Store.FindResident(ctx, resident)
}

// Closing is what closing an account would end and erase, so that it can be said before it is done.
type Closing struct {
	model.LivePlaces
	Children int
	Busy     bool // a child is at a site, or its session has begun: closing waits for it
}

// PreviewClosing tells what closing an account within the scope would do. Places count wherever they are: all are given back.
func (s *Service) PreviewClosing(ctx context.Context, by model.OnDuty, resident string) (c Closing, err error) {
	if _, err := s.Store.FindResidentWithin(ctx, by, resident); err != nil {
		return c, err
	}
	children, err := s.Store.ListChildrenOf(ctx, resident)
	if err != nil {
		return c, err
	}
	if c.LivePlaces, err = s.Store.CountLiveOf(ctx, resident, s.Now()); err != nil {
		return c, err
	}
	c.Children = len(children)
	err = s.refuseInSession(ctx, resident)
	if errors.Is(err, model.ErrChildHasBookings) {
		c.Busy, err = true, nil
	}
	return c, err
}

// ExportOnRequest collects what is held on an account within the scope, as its owner would get it, on paper. That all of it
// was opened is written before anything is.
func (s *Service) ExportOnRequest(ctx context.Context, by model.OnDuty, resident string, p Paper) (Export, error) {
	who, reference, err := s.requested(ctx, by, resident, p)
	if err == nil && who.Status == model.ResidentClosed {
		err = model.ErrAccountClosed
	}
	if err != nil {
		return Export{}, err
	}
	if err := s.note(ctx, model.DataAccess{
		StaffID: by.StaffID, Subject: "resident", SubjectID: resident, Fields: "everything",
		Reason: string(RevealRequest) + ": " + reference, CreatedAt: s.Now(),
	}); err != nil {
		return Export{}, err
	}
	return s.collect(ctx, who)
}

// requested holds a paper against the account it is said to be about: one of somebody else's is refused.
func (s *Service) requested(ctx context.Context, by model.OnDuty, resident string, p Paper) (who model.Resident, reference string, err error) {
	if who, err = s.Store.FindResidentWithin(ctx, by, resident); err != nil {
		return who, "", err
	}
	if reference, err = checkNote(p.Reference, "body.reference"); err != nil {
		return who, "", err
	}
	if len(who.PhoneIndex) > 0 && !bytes.Equal(who.PhoneIndex, model.PhoneIndex(s.Box, p.Phone)) {
		return who, "", model.ErrPaperPhone.WithField("body.phone", model.ErrPaperPhone.Message)
	}
	return who, reference, nil
}
