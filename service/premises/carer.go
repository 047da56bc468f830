package premises

import (
	"context"
	"strings"

	"jiamenkou/model"
)

// Certificate is what staff say of a certificate. Its number is not kept: nobody here needs it once the paper was seen.
type Certificate struct {
	Kind      string      `json:"kind"`
	Issuer    string      `json:"issuer"`
	IssuedOn  model.Date  `json:"issued_on"`
	ExpiresOn *model.Date `json:"expires_on"`
}

// CarerForm is what staff say of a carer, all certificates included.
type CarerForm struct {
	Name         string        `json:"name"`
	Title        string        `json:"title"`
	Intro        string        `json:"intro"`
	Certificates []Certificate `json:"certificates"`
}

func (f CarerForm) on(c model.Carer) model.Carer {
	c.Name, c.Title, c.Intro = strings.TrimSpace(f.Name), strings.TrimSpace(f.Title), strings.TrimSpace(f.Intro)
	return c
}

// held are the certificates of the form, judged.
func (f CarerForm) held(today model.Date) (held []model.CarerCertificate, err error) {
	if strings.TrimSpace(f.Name) == "" {
		return nil, model.ErrCarerIncomplete
	}
	for _, c := range f.Certificates {
		one := model.CarerCertificate{Kind: strings.TrimSpace(c.Kind), Issuer: strings.TrimSpace(c.Issuer), IssuedOn: c.IssuedOn, ExpiresOn: c.ExpiresOn}
		if err := one.Check(today); err != nil {
			return nil, err
		}
		held = append(held, one)
	}
	return held, nil
}

// AddCarer writes a new carer of a site. One without the certificates that are required is taken all the same: the list
// of sites says what is missing.
func (s *Service) AddCarer(ctx context.Context, by model.OnDuty, key, siteID string, form CarerForm) (Carer, error) {
	if _, err := s.site(ctx, by, siteID); err != nil {
		return Carer{}, err
	}
	held, err := form.held(s.today())
	if err != nil {
		return Carer{}, err
	}
	asked := struct {
		Site string    `json:"site"`
		Form CarerForm `json:"form"`
	}{siteID, form}
	added, err := model.Once(ctx, s.Store, s.request(by, key, "add_carer", asked), func(tx *model.Store) (model.Carer, error) {
		carer := form.on(model.Carer{ID: tx.NewID(), SiteID: siteID, Status: model.CarerActive, Version: 1})
		if err := tx.AddCarer(ctx, carer, held); err != nil {
			return carer, err
		}
		return carer, tx.AddEvents(ctx, carer.Changed("", by.StaffID, "", s.Now()))
	})
	if err != nil {
		return Carer{}, err
	}
	return s.carer(ctx, added.ID)
}

// ChangeCarer changes what residents read of a carer; the certificates of the form take the place of those there were.
func (s *Service) ChangeCarer(ctx context.Context, by model.OnDuty, id string, seen int, form CarerForm) (Carer, error) {
	held, err := form.held(s.today())
	if err != nil {
		return Carer{}, err
	}
	return s.changeCarer(ctx, by, id, seen, "改资料和证书", func(tx *model.Store, carer model.Carer) (model.Carer, error) {
		return form.on(carer), tx.SaveCertificates(ctx, id, held)
	})
}

// Leave notes that a carer works at the site no more; one who has plans or slots to come is ErrCarerPlanned.
func (s *Service) Leave(ctx context.Context, by model.OnDuty, id string, seen int) (Carer, error) {
	return s.changeCarer(ctx, by, id, seen, "", func(tx *model.Store, carer model.Carer) (model.Carer, error) {
		if carer.Status == model.CarerLeft {
			return carer, model.ErrCarerStatus
		}
		planned, err := tx.CarerPlanned(ctx, id, s.today(), s.Now())
		if err == nil && planned {
			err = model.ErrCarerPlanned
		}
		carer.Status = model.CarerLeft
		return carer, err
	})
}

// Return notes that a carer works at the site again.
func (s *Service) Return(ctx context.Context, by model.OnDuty, id string, seen int) (Carer, error) {
	return s.changeCarer(ctx, by, id, seen, "", func(_ *model.Store, carer model.Carer) (model.Carer, error) {
		if carer.Status == model.CarerActive {
			return carer, model.ErrCarerStatus
		}
		carer.Status = model.CarerActive
		return carer, nil
	})
}

// changeCarer does one thing to a carer behind the lock on the site.
func (s *Service) changeCarer(ctx context.Context, by model.OnDuty, id string, seen int, what string, do func(tx *model.Store, carer model.Carer) (model.Carer, error)) (Carer, error) {
	found, err := s.Store.FindCarer(ctx, id)
	if err != nil {
		return Carer{}, err
	}
	if err := s.within(ctx, by, found.SiteID, model.ErrCarerNotFound); err != nil {
		return Carer{}, err
	}
	err = s.Store.InTx(ctx, func(tx *model.Store) error {
		if _, err := tx.LockSite(ctx, found.SiteID); err != nil {
			return err
		}
		before, err := tx.FindCarer(ctx, id) // as it is behind the lock
		if err != nil {
			return err
		}
		if before.Version != seen {
			return model.ErrChangedMeanwhile
		}
		after, err := do(tx, before)
		if err != nil {
			return err
		}
		if err := tx.SaveCarer(ctx, after, seen); err != nil {
			return err
		}
		return tx.AddEvents(ctx, after.Changed(before.Status, by.StaffID, what, s.Now()))
	})
	if err != nil {
		return Carer{}, err
	}
	return s.carer(ctx, id)
}
