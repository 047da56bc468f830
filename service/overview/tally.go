package overview

import "jiamenkou/model"

// tally counts each child once, however often it came, and of each child the day of its first session of the year.
type tally struct {
	numbers map[string]int // of children, by id
	first   []firsts       // by number
	sites   map[string]*siteTally
}

// firsts are days of a child's first session: of any, and of any that was free; the zero day is never.
type firsts struct{ came, free model.Date }

// siteTally marks the children of one site, by number.
type siteTally struct {
	marks       []mark
	known, used int
}

type mark uint8

const (
	markCame mark = 1 << iota
	markFree
)

func newTally() *tally { return &tally{numbers: map[string]int{}, sites: map[string]*siteTally{}} }

func (t *tally) add(k model.Kept) {
	n, seen := t.numbers[string(k.ChildID)]
	if !seen {
		n = len(t.first)
		t.numbers[string(k.ChildID)], t.first = n, append(t.first, firsts{})
	}
	f := &t.first[n]
	f.came = earlier(f.came, k.Date)
	if k.Free {
		f.free = earlier(f.free, k.Date)
	}
	t.at(k.SiteID).add(n, k.Free)
}

func earlier(known, day model.Date) model.Date {
	if known.IsZero() || day.Before(known) {
		return day
	}
	return known
}

func (t *tally) at(site string) *siteTally {
	one := t.sites[site]
	if one == nil {
		one = &siteTally{}
		t.sites[site] = one
	}
	return one
}

func (s *siteTally) add(child int, free bool) {
	if child >= len(s.marks) {
		s.marks = append(s.marks, make([]mark, child+1-len(s.marks))...)
	}
	m := &s.marks[child]
	if *m&markCame == 0 {
		*m, s.known = *m|markCame, s.known+1
	}
	if free && *m&markFree == 0 {
		*m, s.used = *m|markFree, s.used+1
	}
}

// site is of the children who went there.
func (t *tally) site(id string) model.Reach {
	if s := t.sites[id]; s != nil {
		return model.Reach{Known: s.known, Used: s.used}
	}
	return model.Reach{}
}

// comers is of all who came until the day.
func (t *tally) comers(until model.Date) (r model.Reach) {
	for _, f := range t.first {
		if by(f.came, until) {
			r.Known++
		}
		if by(f.free, until) {
			r.Used++
		}
	}
	return r
}

// user is what is told of children who used a free session: where they live, and when they used the first.
type user struct {
	home  string
	first model.Date
}

// users counts the children among the homes who used a free session; fewer kinds of them than children.
func (t *tally) users(homes map[string]string) map[user]int {
	counts := map[user]int{}
	for child, n := range t.numbers {
		if code, listed := homes[child]; listed && !t.first[n].free.IsZero() {
			counts[user{code, t.first[n].free}]++
		}
	}
	return counts
}

func by(first, until model.Date) bool { return !first.IsZero() && !first.After(until) }
