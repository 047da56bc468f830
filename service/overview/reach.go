package overview

import (
	"context"

	"jiamenkou/model"
)

// reach fills in how many children are reached: of the sites by who went there; of subdistricts that the duty covers whole
// by who lives there; of the whole, and of each week, by the wider of the two that the duty allows.
func (s *Service) reach(ctx context.Context, v view, p *Picture) error {
	if err := s.reachSites(ctx, v, p); err != nil {
		return err
	}
	if v.byHome {
		return s.reachHomes(ctx, v, p)
	}
	return s.reachComers(ctx, v, p)
}

func (s *Service) reachSites(ctx context.Context, v view, p *Picture) error {
	counts, err := s.Store.CountReachAt(ctx, v.siteIDs(), p.OfYear())
	for i := range p.Sites {
		reach := counts[p.Sites[i].ID]
		p.Sites[i].Reach = &reach
	}
	return err
}

func (s *Service) reachHomes(ctx context.Context, v view, p *Picture) error {
	known, err := s.Store.CountChildrenByHome(ctx)
	if err != nil {
		return err
	}
	first, err := s.Store.CountUsersByHome(ctx, p.OfYear())
	if err != nil {
		return err
	}
	first, used := v.atHome(first), 0
	free := byPlace(first)
	for i := range p.Subdistricts {
		if code := p.Subdistricts[i].Code; v.homes[code] {
			p.Subdistricts[i].Reach = &model.Reach{Known: known[code], Used: free[code]}
		}
	}
	children := 0
	for code, n := range known {
		if v.homes[code] {
			children, used = children+n, used+free[code]
		}
	}
	p.Total.Reach = &model.Reach{Known: children, Used: used}
	p.spread(first, children)
	return s.reachHomesBefore(ctx, v, p, first, children)
}

// reachHomesBefore is how it stood at the end of the period compared with, of the children known now: who was known then is
// not kept. Within one year the firsts of the later period tell it.
func (s *Service) reachHomesBefore(ctx context.Context, v view, p *Picture, first []model.Firsts, children int) (err error) {
	if p.Compared.To.Year != p.To.Year {
		if first, err = s.Store.CountUsersByHome(ctx, p.Compared.OfYear()); err != nil {
			return err
		}
		first = v.atHome(first)
	}
	p.Before.Reach = &model.Reach{Known: children, Used: sumUntil(first, p.Compared.To)}
	return nil
}

func (s *Service) reachComers(ctx context.Context, v view, p *Picture) (err error) {
	var first []model.Firsts
	if p.Total.Reach, first, err = s.comers(ctx, v, p.Period); err != nil {
		return err
	}
	p.spread(first, p.Total.Reach.Known)
	p.Before.Reach, _, err = s.comers(ctx, v, p.Compared)
	return err
}

func (s *Service) comers(ctx context.Context, v view, of model.Period) (*model.Reach, []model.Firsts, error) {
	came, err := s.Store.CountComers(ctx, v.siteIDs(), of.OfYear(), false)
	if err != nil {
		return nil, nil, err
	}
	used, err := s.Store.CountComers(ctx, v.siteIDs(), of.OfYear(), true)
	return &model.Reach{Known: sum(came), Used: sum(used)}, used, err
}

// atHome leaves those who live where the duty covers all.
func (v view) atHome(first []model.Firsts) (mine []model.Firsts) {
	for _, f := range first {
		if v.homes[f.At] {
			mine = append(mine, f)
		}
	}
	return mine
}

// spread says of each week how many had used a free session by its end; nothing of weeks that ended in an earlier year.
func (p *Picture) spread(first []model.Firsts, known int) {
	for i := range p.Weeks {
		week := &p.Weeks[i]
		if week.To.Year != p.To.Year {
			continue
		}
		week.Reach = &model.Reach{Known: known}
		week.Reach.Used = sumUntil(first, week.To)
	}
}

func byPlace(first []model.Firsts) map[string]int {
	counts := map[string]int{}
	for _, f := range first {
		counts[f.At] += f.N
	}
	return counts
}

// sumUntil counts those whose first was on the day or earlier.
func sumUntil(first []model.Firsts, day model.Date) (n int) {
	for _, f := range first {
		if !f.First.After(day) {
			n += f.N
		}
	}
	return n
}

func sum(first []model.Firsts) (n int) {
	for _, f := range first {
		n += f.N
	}
	return n
}
