package overview

import (
	"context"

	"jiamenkou/model"
)

// Reached is how many children are reached: of the sites by who went there; of subdistricts that the duty covers whole by who
// lives there; of the whole, and of each week, by the wider of the two that the duty allows, as ByHome says.
type Reached struct {
	ByHome       bool
	Total        model.Reach
	Before       model.Reach            // at the end of the period compared with
	Subdistricts map[string]model.Reach // by code
	Sites        map[string]model.Reach // by id, of every site in view
	Weeks        []WeekReach
}

// WeekReach is how many children had used a free session by the end of a week of the period.
type WeekReach struct {
	model.Period
	model.Reach
}

// LookReach gives how many children are reached of what Look gives the figures of. It reads every booking of the year so far.
func (s *Service) LookReach(ctx context.Context, by model.OnDuty, q Query) (Reached, error) {
	v, err := s.view(ctx, by, q)
	if err != nil {
		return Reached{}, err
	}
	now, err := s.tally(ctx, v, v.Period)
	if err != nil {
		return Reached{}, err
	}
	earlier := now
	if v.Before().To.Year != v.To.Year {
		if earlier, err = s.tally(ctx, v, v.Before()); err != nil {
			return Reached{}, err
		}
	}
	r := Reached{ByHome: v.byHome, Sites: map[string]model.Reach{}, Subdistricts: map[string]model.Reach{}}
	for _, site := range v.sites {
		r.Sites[site.ID] = now.site(site.ID)
	}
	if !v.byHome {
		r.ofComers(v, now, earlier)
		return r, nil
	}
	homes, err := s.Store.ListHomes(ctx)
	r.ofHomes(v, homes, now, earlier)
	return r, err
}

// tally counts the year up to the period's end: at the sites in view, or at all where it is asked who lives there, since
// those go where they like.
func (s *Service) tally(ctx context.Context, v view, of model.Period) (*tally, error) {
	sites := v.siteIDs()
	if v.byHome {
		sites = nil
	}
	t := newTally()
	return t, s.Store.EachKept(ctx, sites, of.OfYear(), t.add)
}

// whole gives both, for a file.
func (s *Service) whole(ctx context.Context, by model.OnDuty, q Query) (Picture, error) {
	p, err := s.Look(ctx, by, q)
	if err != nil {
		return p, err
	}
	r, err := s.LookReach(ctx, by, q)
	p.Join(r)
	return p, err
}

// Join puts the reach beside the figures.
func (p *Picture) Join(r Reached) {
	p.Total.Reach, p.Before.Reach = &r.Total, &r.Before
	for i := range p.Subdistricts {
		p.Subdistricts[i].Reach = among(r.Subdistricts, p.Subdistricts[i].Code)
	}
	for i := range p.Sites {
		p.Sites[i].Reach = among(r.Sites, p.Sites[i].ID)
	}
	weeks := map[model.Period]model.Reach{}
	for _, week := range r.Weeks {
		weeks[week.Period] = week.Reach
	}
	for i := range p.Weeks {
		p.Weeks[i].Reach = among(weeks, p.Weeks[i].Period)
	}
}

// among is nil where nothing is said.
func among[K comparable](of map[K]model.Reach, at K) *model.Reach {
	if reach, said := of[at]; said {
		return &reach
	}
	return nil
}

// ofComers is of those who came. What is said of a week is of all who came until the end of the period.
func (r *Reached) ofComers(v view, now, earlier *tally) {
	r.Total, r.Before = now.comers(v.To), earlier.comers(v.Before().To)
	r.spread(v, func(until model.Date) int { return now.comers(until).Used })
}

// ofHomes is of the children known now: who was known at an earlier moment is not kept.
func (r *Reached) ofHomes(v view, homes map[string]string, now, earlier *tally) {
	known, used := map[string]int{}, now.users(homes)
	before := used
	if earlier != now {
		before = earlier.users(homes)
	}
	for _, code := range homes {
		known[code]++
	}
	for code := range v.homes {
		reach := model.Reach{Known: known[code], Used: usedBy(used, v.To, func(home string) bool { return home == code })}
		if _, shown := v.subdistricts[code]; shown {
			r.Subdistricts[code] = reach
		}
		r.Total.Known, r.Total.Used = r.Total.Known+reach.Known, r.Total.Used+reach.Used
	}
	r.Before = model.Reach{Known: r.Total.Known, Used: usedBy(before, v.Before().To, v.isHome)}
	r.spread(v, func(until model.Date) int { return usedBy(used, until, v.isHome) })
}

// isHome says whether the duty covers all who live there.
func (v view) isHome(code string) bool { return v.homes[code] }

// usedBy is how many of those who live there had used a free session by the day.
func usedBy(counts map[user]int, day model.Date, lives func(home string) bool) (sum int) {
	for u, n := range counts {
		if lives(u.home) && !u.first.After(day) {
			sum += n
		}
	}
	return sum
}

// spread says of each week how many had used a free session by its end; nothing of weeks that ended in an earlier year.
func (r *Reached) spread(v view, used func(until model.Date) int) {
	for _, week := range v.Weeks() {
		if week.To.Year == v.To.Year {
			r.Weeks = append(r.Weeks, WeekReach{week, model.Reach{Known: r.Total.Known, Used: used(week.To)}})
		}
	}
}
