package premises

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"jiamenkou/model"
)

// Carer is a carer with certificates, and what is wrong with them today.
type Carer struct {
	model.Carer
	Certificates []Held
	Missing      []string // required, and not held or not valid
}

// Held is a certificate and how it stands today.
type Held struct {
	model.CarerCertificate
	Standing model.CertificateStanding
}

// Warnings counts, of the carers who work at a site now, certificates that have expired or soon will, and carers who lack
// one that is required.
type Warnings struct {
	Expired, Expiring, Lacking int
}

// Summary is a line in the list of sites.
type Summary struct {
	model.Site
	Subdistrict model.Subdistrict
	Rooms       int // in use
	Carers      int // who work there now
	Warnings    Warnings
}

// Query narrows the list of sites; what is empty does not. Page counts from one.
type Query struct {
	Subdistrict    string
	Status         model.SiteStatus
	Text           string // part of the name, the host's name or the address
	Page, PageSize int
}

func (q Query) takes(site model.Site) bool {
	return (q.Subdistrict == "" || q.Subdistrict == site.SubdistrictCode) && (q.Status == "" || q.Status == site.Status) &&
		slices.ContainsFunc([]string{site.Name, site.HostName, site.Address}, func(text string) bool { return strings.Contains(text, q.Text) })
}

// List gives a page of the sites within the scope, by subdistrict and name, and how many there are.
func (s *Service) List(ctx context.Context, by model.OnDuty, q Query) (page []Summary, total int, err error) {
	all, err := s.Store.ListSites(ctx)
	if err != nil {
		return nil, 0, err
	}
	q.Text = strings.TrimSpace(q.Text)
	mine := slices.DeleteFunc(all, func(site model.Site) bool { return !by.Covers(site) || !q.takes(site) })
	slices.SortFunc(mine, func(a, b model.Site) int {
		return cmp.Or(cmp.Compare(a.SubdistrictCode, b.SubdistrictCode), cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	from := min((q.Page-1)*q.PageSize, len(mine))
	page, err = s.summaries(ctx, mine[from:min(from+q.PageSize, len(mine))])
	return page, len(mine), err
}

func (s *Service) summaries(ctx context.Context, sites []model.Site) ([]Summary, error) {
	ids := make([]string, len(sites))
	for i, site := range sites {
		ids[i] = site.ID
	}
	rooms, err := s.Store.ListRoomsOf(ctx, ids...)
	if err != nil {
		return nil, err
	}
	carers, err := s.carers(ctx, ids...)
	if err != nil {
		return nil, err
	}
	subdistricts, err := s.subdistricts(ctx)
	lines := make([]Summary, len(sites))
	for i, site := range sites {
		lines[i] = Summary{Site: site, Subdistrict: subdistricts[site.SubdistrictCode]}
		lines[i].count(rooms, carers)
	}
	return lines, err
}

func (s *Service) subdistricts(ctx context.Context) (map[string]model.Subdistrict, error) {
	all, err := s.Store.ListSubdistricts(ctx)
	byCode := map[string]model.Subdistrict{}
	for _, one := range all {
		byCode[one.Code] = one
	}
	return byCode, err
}

func (l *Summary) count(rooms []model.Room, carers []Carer) {
	for _, room := range rooms {
		if room.SiteID == l.ID && room.Status == model.RoomActive {
			l.Rooms++
		}
	}
	for _, carer := range carers {
		if carer.SiteID == l.ID && carer.Status == model.CarerActive {
			l.Carers++
			l.Warnings.add(carer)
		}
	}
}

func (w *Warnings) add(c Carer) {
	if len(c.Missing) > 0 {
		w.Lacking++
	}
	for _, held := range c.Certificates {
		switch held.Standing {
		case model.CertificateExpired:
			w.Expired++
		case model.CertificateExpiring:
			w.Expiring++
		case model.CertificateHolds:
		}
	}
}

// Detail is everything staff keep of a site.
type Detail struct {
	Summary
	RoomList  []model.Room // retired ones last
	CarerList []Carer      // those who have left last
}

// Find gives one site.
func (s *Service) Find(ctx context.Context, by model.OnDuty, id string) (d Detail, err error) {
	site, err := s.site(ctx, by, id)
	if err != nil {
		return d, err
	}
	lines, err := s.summaries(ctx, []model.Site{site})
	if err != nil {
		return d, err
	}
	d.Summary = lines[0]
	if d.RoomList, err = s.Store.ListRoomsOf(ctx, id); err != nil {
		return d, err
	}
	slices.SortStableFunc(d.RoomList, func(a, b model.Room) int { return cmp.Compare(a.Status, b.Status) }) // active before retired
	d.CarerList, err = s.carers(ctx, id)
	return d, err
}

// carers gives the carers of sites with their certificates.
func (s *Service) carers(ctx context.Context, siteIDs ...string) ([]Carer, error) {
	all, err := s.Store.ListCarersOf(ctx, siteIDs...)
	if err != nil {
		return nil, err
	}
	return s.withCertificates(ctx, all)
}

func (s *Service) carer(ctx context.Context, id string) (Carer, error) {
	found, err := s.Store.FindCarer(ctx, id)
	if err != nil {
		return Carer{}, err
	}
	all, err := s.withCertificates(ctx, []model.Carer{found})
	if err != nil {
		return Carer{}, err
	}
	return all[0], nil
}

func (s *Service) withCertificates(ctx context.Context, carers []model.Carer) ([]Carer, error) {
	ids := make([]string, len(carers))
	for i, c := range carers {
		ids[i] = c.ID
	}
	certificates, err := s.Store.ListCertificates(ctx, ids)
	if err != nil {
		return nil, err
	}
	held := map[string][]model.CarerCertificate{}
	for _, c := range certificates {
		held[c.CarerID] = append(held[c.CarerID], c)
	}
	list, today := make([]Carer, len(carers)), s.today()
	for i, c := range carers {
		list[i] = Carer{Carer: c, Missing: model.MissingCertificates(held[c.ID], today)}
		for _, one := range held[c.ID] {
			list[i].Certificates = append(list[i].Certificates, Held{one, one.Standing(today, s.Limits.Notice)})
		}
	}
	return list, nil
}
