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
	spots := places.nearest(q)
	list := make([]Nearby, len(spots))
	for i, at := range spots {
		list[i] = places.nearby(q.Near, at, open)
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

// spot is a site in the list of places, and what decides its turn.
type spot struct {
	chosen int     // 0 in the chosen subdistrict, else 1
	chord  float64 // straight through the earth: in the order of the distance, and cheaper
	at     int     // the list is in the order of names already
}

func compare(a, b spot) int {
	return cmp.Or(cmp.Compare(a.chosen, b.chosen), cmp.Compare(a.chord, b.chord), cmp.Compare(a.at, b.at))
}

// nearest passes over all sites once and keeps the first Limit of them in order.
func (p *places) nearest(q Search) []spot {
	var from model.Direction
	if q.Near != nil {
		from = q.Near.Direction()
	}
	first := make([]spot, 0, q.Limit+1)
	for at := range p.list {
		s := spot{chosen: rank(p.list[at], q.Subdistrict), at: at}
		if q.Near != nil {
			s.chord = from.ChordTo(p.directions[at])
		}
		if len(first) == q.Limit && compare(s, first[q.Limit-1]) > 0 {
			continue
		}
		turn, _ := slices.BinarySearchFunc(first, s, compare)
		first = slices.Insert(first, turn, s)
		first = first[:min(len(first), q.Limit)]
	}
	return first
}

func rank(site model.Site, chosen string) int {
	if chosen != "" && site.SubdistrictCode == chosen {
		return 0
	}
	return 1
}

func (p *places) nearby(from *model.Point, s spot, open map[string][]model.OpenPlaces) Nearby {
	site := p.list[s.at]
	n := Nearby{Site: site, Subdistrict: p.subdistricts[site.SubdistrictCode], OpenDays: open[site.ID]}
	if from != nil {
		metres := from.MetresTo(site.Where())
		n.Metres = &metres
	}
	return n
}

// Subdistricts lists the district's subdistricts and towns.
func (s *Service) Subdistricts(ctx context.Context) ([]model.Subdistrict, error) {
	return s.Store.ListSubdistricts(ctx)
}

// Services lists what children can be booked for.
func (s *Service) Services(ctx context.Context) ([]model.CareService, error) {
	all, err := s.Store.ListServices(ctx)
	withdrawn := func(c model.CareService) bool { return c.Status != model.ServiceOffered }
	return slices.DeleteFunc(all, withdrawn), err
}
