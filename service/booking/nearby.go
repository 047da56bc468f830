package booking

import (
	"cmp"
	"context"
	"slices"

	"jiamenkou/model"
)

// Search says which sites a person looks for.
type Search struct {
	Near        *model.Point // GCJ-02; nil: the person's place is not known
	Subdistrict string       // code; its sites come first
	ServiceCode string       // count places of this service only; empty: of all
	Date        model.Date   // count places of this day; none: of every day on offer
	Limit       int
}

// Nearby is a site with how far it is and where it has places.
type Nearby struct {
	model.Site
	Subdistrict model.Subdistrict
	Metres      *float64 // nil when the person's place is not known
	OpenDays    []model.OpenPlaces
}

// Nearby lists sites, those of the chosen subdistrict first, then by distance, or by name when the person's place is
// not known. It never refuses for want of a location and never guesses one.
func (s *Service) Nearby(ctx context.Context, q Search) ([]Nearby, error) {
	places, err := s.directory(ctx)
	if err != nil {
		return nil, err
	}
	serviceID, err := places.serviceID(q.ServiceCode)
	if err != nil {
		return nil, err
	}
	if _, known := places.subdistricts[q.Subdistrict]; q.Subdistrict != "" && !known {
		return nil, model.ErrSubdistrictNotFound
	}
	open, err := s.openPlaces(ctx, q.Date, serviceID)
	if err != nil {
		return nil, err
	}
	list := places.nearest(q)
	for i := range list {
		list[i].OpenDays = open[list[i].ID]
	}
	return list, nil
}

func (p *places) serviceID(code string) (string, error) {
	if code == "" {
		return "", nil
	}
	service, known := p.serviceCode[code]
	if !known {
		return "", model.ErrServiceNotFound
	}
	return service.ID, nil
}

// nearest sorts the sites; there are tens of them, hundreds at the most.
func (p *places) nearest(q Search) []Nearby {
	list := make([]Nearby, len(p.list))
	for i, site := range p.list {
		list[i] = Nearby{Site: site, Subdistrict: p.subdistricts[site.SubdistrictCode]}
		if q.Near != nil {
			metres := q.Near.MetresTo(site.Where())
			list[i].Metres = &metres
		}
	}
	slices.SortFunc(list, func(a, b Nearby) int { return compare(a, b, q) })
	return list[:min(q.Limit, len(list))]
}

func compare(a, b Nearby, q Search) int {
	if chosen := cmp.Compare(rank(a, q), rank(b, q)); chosen != 0 {
		return chosen
	}
	if q.Near != nil && *a.Metres != *b.Metres {
		return cmp.Compare(*a.Metres, *b.Metres)
	}
	return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
}

func rank(n Nearby, q Search) int {
	if q.Subdistrict != "" && n.SubdistrictCode == q.Subdistrict {
		return 0
	}
	return 1
}

// Subdistricts lists the district's subdistricts and towns.
func (s *Service) Subdistricts(ctx context.Context) ([]model.Subdistrict, error) {
	return s.Store.ListSubdistricts(ctx)
}

// Services lists what children can be booked for.
func (s *Service) Services(ctx context.Context) ([]model.CareService, error) {
	return s.Store.ListServices(ctx)
}
