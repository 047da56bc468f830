package staff

import (
	"context"
	"slices"
	"strings"
	"time"

	"jiamenkou/model"
)

// MemberState is how far somebody on the staff has come.
type MemberState string

const (
	MemberInvited  MemberState = "invited" // has not set what to sign in with
	MemberActive   MemberState = "active"
	MemberDisabled MemberState = "disabled"
)

// Member is somebody on the staff as a manager sees them.
type Member struct {
	model.Staff
	Login        string // empty until the invitation was completed
	Grants       []model.Grant
	PasswordDue  bool
	InvitedUntil *time.Time // when there is an invitation that was not used; it may be over
	LockedUntil  *time.Time // while wrong tries keep them out
	LastSignIn   *time.Time
}

// State is how far the person has come.
func (m Member) State() MemberState {
	switch {
	case m.Status == model.StaffDisabled:
		return MemberDisabled
	case m.Login == "":
		return MemberInvited
	}
	return MemberActive
}

// Wanted is whom a manager looks for; what is empty does not matter.
type Wanted struct {
	Text     string // part of the name or the login name
	State    MemberState
	Role     model.Role
	Scope    model.Scope // with ScopeID: where some role is held; of a subdistrict also at its sites
	ScopeID  string
	Page     int // from 1
	PageSize int
}

func (w Wanted) admits(m Member) bool {
	text := strings.ToLower(strings.TrimSpace(w.Text))
	return (w.State == "" || w.State == m.State()) &&
		(text == "" || strings.Contains(strings.ToLower(m.Name), text) || strings.Contains(m.Login, text))
}

// ListMembers gives everybody whose roles all lie within the manager's scope.
func (s *Service) ListMembers(ctx context.Context, by model.OnDuty) ([]Member, error) {
	list, err := s.within(ctx, newScope(s.Store, by))
	if err != nil {
		return nil, err
	}
	return list, s.fillIn(ctx, list)
}

// SearchMembers gives a page of those who are wanted, the newest account first, and how many there are.
func (s *Service) SearchMembers(ctx context.Context, by model.OnDuty, w Wanted) (page []Member, total int, err error) {
	scope := newScope(s.Store, by)
	all, err := s.within(ctx, scope)
	if err != nil {
		return nil, 0, err
	}
	var found []Member
	for _, m := range slices.Backward(all) {
		there, err := scope.holds(ctx, m.Grants, w)
		if err != nil {
			return nil, 0, err
		}
		if there && w.admits(m) {
			found = append(found, m)
		}
	}
	from := min((w.Page-1)*w.PageSize, len(found))
	page = found[from:min(from+w.PageSize, len(found))]
	return page, len(found), s.fillIn(ctx, page)
}

// FindMember gives one of them.
func (s *Service) FindMember(ctx context.Context, by model.OnDuty, id string) (m Member, err error) {
	if m.Staff, m.Grants, err = s.reach(ctx, s.Store, by, id); err != nil {
		return m, err
	}
	credential, _, err := s.Store.FindCredential(ctx, id)
	if err != nil {
		return m, err
	}
	m.Login, m.PasswordDue = credential.Login, credential.PasswordDue(s.Rules.PasswordAge, s.Now())
	one := []Member{m}
	err = s.fillIn(ctx, one)
	return one[0], err
}

// within gives everybody whom the manager may know of, the oldest account first, with what one reading of each table
// tells.
func (s *Service) within(ctx context.Context, scope *scope) ([]Member, error) {
	all, err := s.Store.ListStaff(ctx)
	if err != nil {
		return nil, err
	}
	grants, err := s.Store.ListGrantsOf(ctx, all)
	if err != nil {
		return nil, err
	}
	credentials, err := s.Store.ListCredentials(ctx)
	if err != nil {
		return nil, err
	}
	var list []Member
	for _, who := range all {
		covered, err := scope.coversAll(ctx, grants[who.ID])
		if err != nil {
			return nil, err
		}
		if covered {
			c, set := credentials[who.ID]
			list = append(list, Member{Staff: who, Login: c.Login, Grants: grants[who.ID], PasswordDue: set && c.PasswordDue(s.Rules.PasswordAge, s.Now())})
		}
	}
	return list, nil
}

// holds reports whether one of the grants is of the wanted role and place.
func (c *scope) holds(ctx context.Context, grants []model.Grant, w Wanted) (bool, error) {
	if w.Role == "" && w.Scope == "" {
		return true, nil
	}
	place := model.Grant{Scope: w.Scope, ScopeID: w.ScopeID}
	for _, g := range grants {
		site, err := c.siteOf(ctx, g)
		if err != nil {
			return false, err
		}
		there := w.Scope == "" || g.Scope == w.Scope && g.ScopeID == w.ScopeID
		if w.Scope == model.ScopeSubdistrict {
			there = model.OnDuty{Grants: []model.Grant{place}}.CoversGrant(g, site)
		}
		if there && (w.Role == "" || w.Role == g.Role) {
			return true, nil
		}
	}
	return false, nil
}

// atOnce is of how many people a database is asked in one statement.
const atOnce = 200

// fillIn adds what is known of their invitations, locks and last time here.
func (s *Service) fillIn(ctx context.Context, list []Member) error {
	for some := range slices.Chunk(list, atOnce) {
		if err := s.fillInSome(ctx, some); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) fillInSome(ctx context.Context, list []Member) error {
	var ids, tries []string
	for _, m := range list {
		ids, tries = append(ids, m.ID), append(tries, triesOf(m.Login))
	}
	invitations, err := s.Store.ListInvitations(ctx, ids...)
	if err != nil {
		return err
	}
	arrivals, err := s.Store.ListArrivals(ctx, ids...)
	if err != nil {
		return err
	}
	locks, err := s.Store.ListLocks(ctx, s.Now(), tries...)
	if err != nil {
		return err
	}
	for i := range list {
		m := &list[i]
		if open, is := invitations[m.ID]; is {
			m.InvitedUntil = &open.ExpiresAt
		}
		if last, is := arrivals[m.ID]; is {
			m.LastSignIn = &last.CreatedAt
		}
		if until, is := locks[tries[i]]; is && m.Login != "" {
			m.LockedUntil = &until
		}
	}
	return nil
}

// Place is somewhere a role can be held within the manager's scope, with the roles that he may give and take there.
type Place struct {
	Scope       model.Scope
	ID          string // empty for the district
	Name        string
	Subdistrict string // of a site
	Roles       []model.Role
}

// ListPlaces gives the places within the manager's scope: the district, then subdistricts, then sites.
func (s *Service) ListPlaces(ctx context.Context, by model.OnDuty) (list []Place, err error) {
	towns, err := s.Store.ListSubdistricts(ctx)
	if err != nil {
		return nil, err
	}
	sites, err := s.Store.ListSites(ctx)
	if err != nil {
		return nil, err
	}
	add := func(p Place, site model.Site) {
		g := model.Grant{Scope: p.Scope, ScopeID: p.ID}
		if by.CoversGrant(g, site) {
			p.Roles = grantable(by, g, site)
			list = append(list, p)
		}
	}
	add(Place{Scope: model.ScopeDistrict, Name: "全区"}, model.Site{})
	for _, town := range towns {
		add(Place{Scope: model.ScopeSubdistrict, ID: town.Code, Name: town.Name}, model.Site{})
	}
	for _, site := range sites {
		add(Place{Scope: model.ScopeSite, ID: site.ID, Name: site.Name, Subdistrict: site.SubdistrictCode}, site)
	}
	return list, nil
}

func grantable(by model.OnDuty, g model.Grant, site model.Site) (roles []model.Role) {
	for _, g.Role = range model.Roles {
		if by.MayGrant(g, site) == nil {
			roles = append(roles, g.Role)
		}
	}
	return roles
}
