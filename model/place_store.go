package model

import (
	"context"
	"time"
)

// ListSubdistricts gives all subdistricts by code.
func (s *Store) ListSubdistricts(ctx context.Context) ([]Subdistrict, error) {
	var list []Subdistrict
	err := s.db.WithContext(ctx).Order("code").Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// FindSubdistrict gives one subdistrict by its code.
func (s *Store) FindSubdistrict(ctx context.Context, code string) (Subdistrict, error) {
	var one Subdistrict
	err := s.db.WithContext(ctx).Where("code = ?", code).Take(&one).Error
	return one, s.fault(ctx, err, ErrSubdistrictNotFound)
}

// ListSites gives every site, suspended ones included. The list is small: the district has tens of them.
func (s *Store) ListSites(ctx context.Context) ([]Site, error) {
	var list []Site
	err := s.db.WithContext(ctx).Order("id").Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// FindSite gives one site, suspended ones included.
func (s *Store) FindSite(ctx context.Context, id string) (Site, error) {
	var one Site
	err := s.db.WithContext(ctx).Where("id = ?", id).Take(&one).Error
	return one, s.fault(ctx, err, ErrSiteNotFound)
}

// FindSiteWithin gives a site within the scope of a duty; for every other it is absent, as if there were none.
func (s *Store) FindSiteWithin(ctx context.Context, by OnDuty, id string, absent error) (Site, error) {
	site, err := s.FindSite(ctx, id)
	if err == nil && !by.Covers(site) {
		return Site{}, absent
	}
	return site, err
}

// ListCarers gives a site's carers who work there now.
func (s *Store) ListCarers(ctx context.Context, siteID string) ([]Carer, error) {
	var list []Carer
	err := s.db.WithContext(ctx).Where("site_id = ? AND status = ?", siteID, CarerActive).Order("id").Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// ListCertificates gives the certificates of the carers.
func (s *Store) ListCertificates(ctx context.Context, carerIDs []string) ([]CarerCertificate, error) {
	var list []CarerCertificate
	err := s.db.WithContext(ctx).Where("carer_id IN ?", carerIDs).Order("id").Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// ListServices gives all care services, withdrawn ones included, in the order they are shown.
func (s *Store) ListServices(ctx context.Context) ([]CareService, error) {
	var list []CareService
	err := s.db.WithContext(ctx).Order("position, id").Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// ListServicesAt gives the care services a site's plan has on the day or later.
func (s *Store) ListServicesAt(ctx context.Context, siteID string, day Date) ([]CareService, error) {
	var list []CareService
	planned := s.db.Model(&WeeklyTemplate{}).Select("service_id").
		Where("site_id = ? AND (valid_until IS NULL OR valid_until >= ?)", siteID, day)
	err := s.db.WithContext(ctx).Where("status = ? AND id IN (?)", ServiceOffered, planned).Order("position, id").Find(&list).Error
	return list, s.fault(ctx, err, nil)
}

// ListCurrentPolicies gives the policy in force of every care service.
func (s *Store) ListCurrentPolicies(ctx context.Context, now time.Time) (map[string]ServicePolicy, error) {
	var list []ServicePolicy
	err := s.db.WithContext(ctx).Where("published_at <= ?", now).Order("service_id, version").Find(&list).Error
	current := make(map[string]ServicePolicy, len(list))
	for _, p := range list {
		current[p.ServiceID] = p
	}
	return current, s.fault(ctx, err, nil)
}

// FindCurrentPolicy gives the newest published policy of a care service.
func (s *Store) FindCurrentPolicy(ctx context.Context, serviceID string, now time.Time) (ServicePolicy, error) {
	var one ServicePolicy
	err := s.db.WithContext(ctx).Where("service_id = ? AND published_at <= ?", serviceID, now).Order("version DESC").Take(&one).Error
	return one, s.fault(ctx, err, ErrServiceNotFound)
}

// FindPolicy gives the version of a policy that a booking was made under.
func (s *Store) FindPolicy(ctx context.Context, id string) (ServicePolicy, error) {
	var one ServicePolicy
	err := s.db.WithContext(ctx).Where("id = ?", id).Take(&one).Error
	return one, s.fault(ctx, err, ErrServiceNotFound)
}

// FindAllowancePolicy gives the newest published policy on free sessions.
func (s *Store) FindAllowancePolicy(ctx context.Context, now time.Time) (AllowancePolicy, error) {
	var one AllowancePolicy
	err := s.db.WithContext(ctx).Where("published_at <= ?", now).Order("version DESC").Take(&one).Error
	return one, s.fault(ctx, err, ErrServiceNotFound)
}

// Opening is a site with everything it needs to take children.
type Opening struct {
	Site         Site
	Carers       []Carer
	Certificates []CarerCertificate
	Templates    []WeeklyTemplate
}

// AddOpenings writes sites with their carers and weekly plans.
func (s *Store) AddOpenings(ctx context.Context, openings []Opening) error {
	return s.InTx(ctx, func(tx *Store) error { return tx.addOpenings(ctx, openings) })
}

// AddFirstOpenings is AddOpenings for a district that has no site yet, and does nothing for any other. Of servers that
// call it at the same moment one writes.
func (s *Store) AddFirstOpenings(ctx context.Context, openings []Opening) error {
	return s.InTx(ctx, func(tx *Store) error {
		var district []Subdistrict // rows of the foundation: whoever has them locked is alone
		if err := tx.engine.lockRows(tx.db.WithContext(ctx), false).Find(&district).Error; err != nil {
			return tx.fault(ctx, err, nil)
		}
		sites, err := tx.ListSites(ctx)
		if err != nil || len(sites) > 0 {
			return err
		}
		return tx.addOpenings(ctx, openings)
	})
}

func (s *Store) addOpenings(ctx context.Context, openings []Opening) error {
	for i := range openings {
		o := &openings[i]
		for _, rows := range []any{&o.Site, &o.Carers, &o.Certificates, &o.Templates} {
			if err := s.db.WithContext(ctx).Create(rows).Error; err != nil {
				return s.fault(ctx, err, nil)
			}
		}
		for _, t := range o.Templates {
			if err := s.KeepRoom(ctx, t.SiteID, t.Room, o.Site.CreatedAt); err != nil {
				return err
			}
		}
	}
	return nil
}
