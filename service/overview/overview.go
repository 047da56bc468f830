// Package overview is the figures of the district: what was offered, booked and attended, and how many children are reached.
// What each figure counts stands in model/figures.go.
package overview

import (
	"cmp"
	"context"
	"slices"
	"time"

	"jiamenkou/model"
)

// Service needs all its fields filled in.
type Service struct {
	Store *model.Store
	Now   func() time.Time // UTC, whole milliseconds
	Zone  *time.Location

	Limits Limits
}

// Limits are the operator's numbers for files.
type Limits struct {
	Keep        time.Duration // of a file, from when it is ready
	AtOnce      int           // lines of a file that is written while one waits
	KeepAnswers time.Duration
}

// Query is what is looked at: a period, and of the scope all, a subdistrict or a site.
type Query struct {
	model.Period
	Subdistrict string
	SiteID      string
}

// Counted is the figures of a place or time with how many children are reached. Reach is nil where nothing is said of it,
// and everywhere in what Look gives.
type Counted struct {
	model.Figures
	Reach *model.Reach
}

// Subdistrict is a line of the list by subdistrict.
type Subdistrict struct {
	model.Subdistrict
	Counted
}

// Site is a line of the list by site.
type Site struct {
	model.Site
	Subdistrict string // its name
	Counted
}

// Week is a line of the list by week. Its reach is that of the year so far, at its end.
type Week struct {
	model.Period
	Counted
}

// Picture is the overview.
type Picture struct {
	model.Period
	Compared     model.Period
	Total        Counted
	Before       Counted
	Subdistricts []Subdistrict
	Sites        []Site
	Weeks        []Week
}

// view is a query with what of the house it reaches.
type view struct {
	Query
	sites        []model.Site
	subdistricts map[string]model.Subdistrict
	homes        map[string]bool // the subdistricts of which the children who live there are counted; nil for all
	byHome       bool
}

// Look gives the overview of what a duty covers, narrowed as asked: all but the reach, which takes longer to count and is
// asked for apart.
func (s *Service) Look(ctx context.Context, by model.OnDuty, q Query) (Picture, error) {
	v, err := s.view(ctx, by, q)
	if err != nil {
		return Picture{}, err
	}
	p := Picture{Period: q.Period, Compared: q.Before()}
	days, err := s.Store.CountDays(ctx, v.siteIDs(), q.Period)
	if err != nil {
		return p, err
	}
	earlier, err := s.Store.CountDays(ctx, v.siteIDs(), p.Compared)
	if err != nil {
		return p, err
	}
	p.fill(v, days, earlier)
	return p, nil
}

// view judges what is asked against the duty: what lies outside of it does not exist.
func (s *Service) view(ctx context.Context, by model.OnDuty, q Query) (view, error) {
	v := view{Query: q}
	if err := q.Check(); err != nil {
		return v, err
	}
	all, err := s.Store.ListSites(ctx)
	if err != nil {
		return v, err
	}
	v.sites = slices.DeleteFunc(all, func(site model.Site) bool { return !by.Covers(site) || !q.takes(site) })
	slices.SortFunc(v.sites, func(a, b model.Site) int {
		return cmp.Or(cmp.Compare(a.SubdistrictCode, b.SubdistrictCode), cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	if q.SiteID != "" && len(v.sites) == 0 {
		return v, model.ErrSiteNotFound
	}
	list, err := s.Store.ListSubdistricts(ctx)
	if err != nil {
		return v, err
	}
	v.live(by, list)
	if _, there := v.subdistricts[q.Subdistrict]; q.Subdistrict != "" && !there {
		return v, model.ErrSubdistrictNotFound
	}
	return v, nil
}

func (q Query) takes(site model.Site) bool {
	return (q.SiteID == "" || q.SiteID == site.ID) && (q.Subdistrict == "" || q.Subdistrict == site.SubdistrictCode)
}

// live finds the subdistricts that show, and those of which the duty covers all: who lives there counts as known. A duty
// at sites alone knows who came.
func (v *view) live(by model.OnDuty, all []model.Subdistrict) {
	v.subdistricts, v.homes = map[string]model.Subdistrict{}, map[string]bool{}
	for _, one := range all {
		whole := by.CoversSubdistrict(one.Code) && (v.Subdistrict == "" || v.Subdistrict == one.Code)
		if whole || slices.ContainsFunc(v.sites, func(site model.Site) bool { return site.SubdistrictCode == one.Code }) {
			v.subdistricts[one.Code] = one
		}
		if whole {
			v.homes[one.Code] = true
		}
	}
	v.byHome = v.SiteID == "" && len(v.homes) > 0
	if by.CoversDistrict() && v.Subdistrict == "" {
		v.homes[""] = true // those who do not say where they live
	}
}

// siteIDs is never nil: a view without sites has no figures.
func (v view) siteIDs() []string {
	ids := make([]string, len(v.sites))
	for i, site := range v.sites {
		ids[i] = site.ID
	}
	return ids
}

// fill adds up the days in every way.
func (p *Picture) fill(v view, days, earlier []model.DayFigures) {
	bySite, byWeek, bySubdistrict := map[string]model.Figures{}, map[model.Date]model.Figures{}, map[string]model.Figures{}
	for _, d := range days {
		bySite[d.SiteID] = bySite[d.SiteID].Plus(d.Figures)
		byWeek[d.Date.Monday()] = byWeek[d.Date.Monday()].Plus(d.Figures)
		p.Total.Figures = p.Total.Plus(d.Figures)
	}
	for _, d := range earlier {
		p.Before.Figures = p.Before.Plus(d.Figures)
	}
	for _, site := range v.sites {
		bySubdistrict[site.SubdistrictCode] = bySubdistrict[site.SubdistrictCode].Plus(bySite[site.ID])
		p.Sites = append(p.Sites, Site{site, v.subdistricts[site.SubdistrictCode].Name, Counted{Figures: bySite[site.ID]}})
	}
	for _, one := range v.subdistricts {
		p.Subdistricts = append(p.Subdistricts, Subdistrict{one, Counted{Figures: bySubdistrict[one.Code]}})
	}
	slices.SortFunc(p.Subdistricts, func(a, b Subdistrict) int { return cmp.Compare(a.Code, b.Code) })
	for _, week := range p.Period.Weeks() {
		p.Weeks = append(p.Weeks, Week{week, Counted{Figures: byWeek[week.From.Monday()]}})
	}
}
