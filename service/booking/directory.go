package booking

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"jiamenkou/model"
)

// directoryAge is how long a change to sites, services or subdistricts may take to be seen by every server.
const directoryAge = 5 * time.Second

// directory keeps the small, slow tables in memory: sites, services and subdistricts.
type directory struct {
	mu     sync.Mutex
	read   time.Time
	places *places
}

// places is one reading of the directory; it is never changed after it was made.
type places struct {
	list         []model.Site      // those that take children, by name
	directions   []model.Direction // of the list
	sites        map[string]model.Site
	services     map[string]model.CareService
	serviceCode  map[string]model.CareService // on offer
	subdistricts map[string]model.Subdistrict
}

func (s *Service) directory(ctx context.Context) (*places, error) {
	s.places.mu.Lock()
	defer s.places.mu.Unlock()
	if now := s.Now(); s.places.places == nil || !fresh(s.places.read, now, directoryAge) {
		read, err := s.readDirectory(ctx)
		if err != nil {
			return nil, err
		}
		s.places.places, s.places.read = read, now
	}
	return s.places.places, nil
}

// Forget makes the next reading of sites, services and subdistricts a fresh one on this server; others see a change within
// directoryAge.
func (s *Service) Forget() {
	s.places.mu.Lock()
	defer s.places.mu.Unlock()
	s.places.places = nil
}

func (s *Service) readDirectory(ctx context.Context) (*places, error) {
	sites, err := s.Store.ListSites(ctx)
	if err != nil {
		return nil, err
	}
	services, err := s.Store.ListServices(ctx)
	if err != nil {
		return nil, err
	}
	subdistricts, err := s.Store.ListSubdistricts(ctx)
	if err != nil {
		return nil, err
	}
	return index(sites, services, subdistricts), nil
}

func index(sites []model.Site, services []model.CareService, subdistricts []model.Subdistrict) *places {
	p := &places{
		sites: map[string]model.Site{}, services: map[string]model.CareService{},
		serviceCode: map[string]model.CareService{}, subdistricts: map[string]model.Subdistrict{},
	}
	for _, site := range sites {
		p.sites[site.ID] = site
		if site.Status == model.SiteOpen {
			p.list = append(p.list, site)
		}
	}
	slices.SortFunc(p.list, byName)
	for _, site := range p.list {
		p.directions = append(p.directions, site.Where().Direction())
	}
	for _, service := range services {
		p.services[service.ID] = service
		if service.Status == model.ServiceOffered {
			p.serviceCode[service.Code] = service
		}
	}
	for _, subdistrict := range subdistricts {
		p.subdistricts[subdistrict.Code] = subdistrict
	}
	return p
}

func byName(a, b model.Site) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) }

// takes reports whether children are taken for the slot's service at its site; what is too new to be known is.
func (p *places) takes(slot model.Slot) bool {
	site, knownSite := p.sites[slot.SiteID]
	service, knownService := p.services[slot.ServiceID]
	return (!knownSite || site.Status == model.SiteOpen) && (!knownService || service.Status == model.ServiceOffered)
}
