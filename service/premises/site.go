// Package premises keeps what residents read of a 宝宝屋: where it is, when it is open, its rooms, who cares there and what
// it looks like. The rules stand in model; this package is their order. Whoever changes anything of a site has it locked,
// as planning does, and says which version he has seen: two who edit at once never overwrite each other silently.
package premises

import (
	"context"
	"strings"
	"time"

	"jiamenkou/model"
)

// Service needs all its fields filled in.
type Service struct {
	Store  *model.Store
	Places Places
	Now    func() time.Time // UTC, whole milliseconds
	Zone   *time.Location   // where the district's days begin
	Limits Limits

	darkroom darkroom
}

// Places remembers sites for the residents who look for one.
type Places interface {
	// Forget makes the next reading a fresh one.
	Forget()
}

// Limits are the house's own numbers, all of them settings.
type Limits struct {
	KeepAnswers time.Duration // how long an idempotency key is remembered
	Notice      int           // days before a certificate expires, staff are warned
	Photos      int           // of one site
}

func (s *Service) today() model.Date { return model.DateOf(s.Now().In(s.Zone)) }

// request identifies one intention of a member of staff.
func (s *Service) request(by model.OnDuty, key, operation string, asked any) model.Request {
	return model.NewRequest(by.StaffID, key, operation, asked, s.Now(), s.Limits.KeepAnswers)
}

// site gives a site within the scope of whoever asks; another does not exist.
func (s *Service) site(ctx context.Context, by model.OnDuty, id string) (model.Site, error) {
	return s.Store.FindSiteWithin(ctx, by, id, model.ErrSiteNotFound)
}

// within refuses what belongs to a site outside of the scope, as if it were not there.
func (s *Service) within(ctx context.Context, by model.OnDuty, siteID string, absent error) error {
	_, err := s.Store.FindSiteWithin(ctx, by, siteID, absent)
	return err
}

// Form is what staff say of a site.
type Form struct {
	SubdistrictCode string  `json:"subdistrict"`
	Name            string  `json:"name"`
	HostKind        string  `json:"host_kind"`
	HostName        string  `json:"host_name"`
	Address         string  `json:"address"`
	Latitude        float64 `json:"latitude"` // GCJ-02
	Longitude       float64 `json:"longitude"`
	Phone           string  `json:"phone"`
	Hours           string  `json:"hours"`
	Intro           string  `json:"intro"`
}

// on is the site as the form says.
func (f Form) on(site model.Site) model.Site {
	trim := strings.TrimSpace
	site.SubdistrictCode, site.Name, site.HostKind, site.HostName = f.SubdistrictCode, trim(f.Name), trim(f.HostKind), trim(f.HostName)
	site.Address, site.Latitude, site.Longitude = trim(f.Address), f.Latitude, f.Longitude
	site.Phone, site.Hours, site.Intro = trim(f.Phone), trim(f.Hours), trim(f.Intro)
	return site
}

// Add opens a new site in a subdistrict within the scope. It begins suspended: residents see it once it is reopened.
func (s *Service) Add(ctx context.Context, by model.OnDuty, key string, form Form) (model.Site, error) {
	if err := s.checkSubdistrict(ctx, by, form.SubdistrictCode); err != nil {
		return model.Site{}, err
	}
	site := form.on(model.Site{Photos: model.Photos{}, Status: model.SiteSuspended, Version: 1})
	if err := site.Check(); err != nil {
		return model.Site{}, err
	}
	return model.Once(ctx, s.Store, s.request(by, key, "add_site", form), func(tx *model.Store) (model.Site, error) {
		site.ID, site.CreatedAt, site.UpdatedAt = tx.NewID(), s.Now(), s.Now()
		if err := tx.AddSite(ctx, site); err != nil {
			return site, err
		}
		return site, tx.AddEvents(ctx, site.Changed("", by.StaffID, "", s.Now()))
	})
}

// checkSubdistrict refuses a subdistrict that is not there, or not wholly within the scope.
func (s *Service) checkSubdistrict(ctx context.Context, by model.OnDuty, code string) error {
	if !by.CoversSubdistrict(code) {
		return model.ErrSubdistrictNotFound
	}
	_, err := s.Store.FindSubdistrict(ctx, code)
	return err
}

// Change changes what residents read of a site. Moving it to another subdistrict takes both in the scope.
func (s *Service) Change(ctx context.Context, by model.OnDuty, id string, seen int, form Form) (model.Site, error) {
	before, err := s.site(ctx, by, id)
	if err != nil {
		return before, err
	}
	if form.SubdistrictCode != before.SubdistrictCode {
		if err := s.checkSubdistrict(ctx, by, form.SubdistrictCode); err != nil {
			return before, err
		}
	}
	return s.change(ctx, by, id, seen, func(_ *model.Store, site model.Site) (model.Site, string, error) {
		after := form.on(site)
		return after, after.WhatChanged(site), after.Check()
	})
}

// Suspend stops a site: nothing more can be booked and no slots are made. Bookings there are stay; closing them is
// planning's.
func (s *Service) Suspend(ctx context.Context, by model.OnDuty, id string, seen int, reason string) (model.Site, error) {
	return s.turn(ctx, by, id, seen, model.SiteSuspended, reason)
}

// Reopen lets a site take children again.
func (s *Service) Reopen(ctx context.Context, by model.OnDuty, id string, seen int, reason string) (model.Site, error) {
	return s.turn(ctx, by, id, seen, model.SiteOpen, reason)
}

func (s *Service) turn(ctx context.Context, by model.OnDuty, id string, seen int, to model.SiteStatus, reason string) (model.Site, error) {
	if err := model.CheckReason(reason); err != nil {
		return model.Site{}, err
	}
	return s.change(ctx, by, id, seen, func(_ *model.Store, site model.Site) (model.Site, string, error) {
		if site.Status == to {
			return site, "", model.ErrSiteStatus
		}
		site.Status = to
		return site, strings.TrimSpace(reason), nil
	})
}

// change does one thing to a site behind its lock, writes down what, and lets residents see it at once.
func (s *Service) change(ctx context.Context, by model.OnDuty, id string, seen int, do func(tx *model.Store, site model.Site) (model.Site, string, error)) (after model.Site, err error) {
	if _, err := s.site(ctx, by, id); err != nil {
		return after, err
	}
	err = s.Store.InTx(ctx, func(tx *model.Store) error {
		before, err := tx.LockSite(ctx, id)
		if err != nil {
			return err
		}
		if !by.Covers(before) { // another has moved it away meanwhile
			return model.ErrSiteNotFound
		}
		if before.Version != seen {
			return model.ErrChangedMeanwhile
		}
		what := ""
		if after, what, err = do(tx, before); err != nil {
			return err
		}
		after.UpdatedAt = s.Now()
		if err := tx.SaveSite(ctx, after, seen); err != nil {
			return err
		}
		after.Version = seen + 1
		return tx.AddEvents(ctx, after.Changed(before.Status, by.StaffID, what, s.Now()))
	})
	if err == nil {
		s.Places.Forget()
	}
	return after, err
}
