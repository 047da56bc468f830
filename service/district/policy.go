package district

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"jiamenkou/model"
)

// Numbers are a policy's: a service's, or the allowance's. The other is nil.
type Numbers struct {
	Service   *model.ServicePolicy   `json:",omitempty"`
	Allowance *model.AllowancePolicy `json:",omitempty"`
}

// Lines is the policy in words.
func (n Numbers) Lines() []model.PolicyLine {
	if n.Service != nil {
		return n.Service.Lines()
	}
	return n.Allowance.Lines()
}

func (n Numbers) check() error {
	if n.Service != nil {
		return n.Service.Check()
	}
	return n.Allowance.Check()
}

// Version is one published version of a policy.
type Version struct {
	Numbers
	model.Published
	Number    int
	From      time.Time // it holds
	Standing  model.PolicyStanding
	StaffName string
}

// Draft is the next version while it is being written.
type Draft struct {
	Numbers
	Version   int // of the draft
	BasedOn   int
	StaffName string
	UpdatedAt time.Time
}

// Policy is a policy with all its versions, oldest first. Service is nil for the allowance's.
type Policy struct {
	Subject  string
	Service  *model.CareService
	Versions []Version
	Draft    *Draft
}

// Newest is the latest version, whether or not it holds yet.
func (p Policy) Newest() Version { return p.Versions[len(p.Versions)-1] }

// InForce is the version that holds, if any does.
func (p Policy) InForce() (v Version, found bool) {
	for _, v := range p.Versions {
		if v.Standing == model.PolicyInForce {
			return v, true
		}
	}
	return v, false
}

// Policies gives all policies: the allowance's first, then the services' in their order.
func (s *Service) Policies(ctx context.Context) ([]Policy, error) {
	services, err := s.Store.ListServices(ctx)
	if err != nil {
		return nil, err
	}
	subjects := []string{model.AllowanceSubject}
	for _, service := range services {
		subjects = append(subjects, service.ID)
	}
	list := make([]Policy, 0, len(subjects))
	for _, subject := range subjects {
		p, err := s.Policy(ctx, subject)
		if err != nil {
			return nil, err
		}
		list = append(list, p)
	}
	return list, nil
}

// Policy gives one policy, by its service's id or as model.AllowanceSubject.
func (s *Service) Policy(ctx context.Context, subject string) (Policy, error) {
	p, err := s.read(ctx, s.Store, subject)
	if err != nil {
		return p, err
	}
	if p.Draft, err = s.draft(ctx, p); err != nil {
		return p, err
	}
	names, err := s.names(ctx)
	for i := range p.Versions {
		p.Versions[i].StaffName = names[p.Versions[i].StaffID]
	}
	if p.Draft != nil {
		p.Draft.StaffName = names[p.Draft.StaffName]
	}
	return p, err
}

// read gives a policy without its draft.
func (s *Service) read(ctx context.Context, store *model.Store, subject string) (p Policy, err error) {
	p = Policy{Subject: subject}
	if subject == model.AllowanceSubject {
		p.Versions, err = s.allowanceVersions(ctx, store)
	} else {
		p.Service, p.Versions, err = s.serviceVersions(ctx, store, subject)
	}
	if err == nil && len(p.Versions) == 0 {
		err = model.ErrPolicyNotFound
	}
	moments := make([]time.Time, len(p.Versions))
	for i, v := range p.Versions {
		moments[i] = v.From
	}
	for i, standing := range model.Standings(moments, s.Now()) {
		p.Versions[i].Standing = standing
	}
	return p, err
}

func (s *Service) allowanceVersions(ctx context.Context, store *model.Store) ([]Version, error) {
	found, err := store.ListAllowancePolicies(ctx)
	list := make([]Version, len(found))
	for i, v := range found {
		list[i] = Version{Numbers: Numbers{Allowance: &v}, Published: v.Published, Number: v.Version, From: v.PublishedAt}
	}
	return list, err
}

func (s *Service) serviceVersions(ctx context.Context, store *model.Store, id string) (*model.CareService, []Version, error) {
	service, err := store.FindService(ctx, id)
	if errors.Is(err, model.ErrServiceNotFound) {
		err = model.ErrPolicyNotFound
	}
	if err != nil {
		return nil, nil, err
	}
	found, err := store.ListPolicies(ctx, id)
	list := make([]Version, len(found))
	for i, v := range found {
		list[i] = Version{Numbers: Numbers{Service: &v}, Published: v.Published, Number: v.Version, From: v.PublishedAt}
	}
	return &service, list, err
}

// draft gives the policy's draft, or nil.
func (s *Service) draft(ctx context.Context, p Policy) (*Draft, error) {
	found, err := s.Store.FindDraft(ctx, p.Subject)
	if errors.Is(err, model.ErrDraftNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	numbers, err := numbersOf(found)
	return &Draft{numbers, found.Version, found.BasedOn, found.StaffID, found.UpdatedAt}, err
}

func numbersOf(d model.PolicyDraft) (n Numbers, err error) {
	return n, json.Unmarshal([]byte(d.Numbers), &n)
}

// Compare puts a version beside a later one, or beside the draft when that is 0.
func (s *Service) Compare(ctx context.Context, subject string, from, to int) ([]model.PolicyDifference, error) {
	p, err := s.Policy(ctx, subject)
	if err != nil {
		return nil, err
	}
	if from < 1 || from > len(p.Versions) || to > len(p.Versions) {
		return nil, model.ErrPolicyNotFound
	}
	before := p.Versions[from-1].Numbers
	if to > 0 {
		return model.ComparePolicies(before.Lines(), p.Versions[to-1].Lines()), nil
	}
	if p.Draft == nil {
		return nil, model.ErrDraftNotFound
	}
	return model.ComparePolicies(before.Lines(), p.Draft.Lines()), nil
}

// SaveDraft writes the draft of a policy in the place of the version seen, 0 when there was none. Based is the newest
// version of the policy that the writer has seen.
func (s *Service) SaveDraft(ctx context.Context, by model.OnDuty, subject string, seen, based int, n Numbers) error {
	if err := sets(by); err != nil {
		return err
	}
	p, err := s.read(ctx, s.Store, subject)
	if err != nil {
		return err
	}
	if (p.Service == nil) != (n.Service == nil) || (p.Service == nil) != (n.Allowance != nil) {
		return model.ErrPolicyInvalid
	}
	if err := n.check(); err != nil {
		return err
	}
	text, err := json.Marshal(n)
	if err != nil {
		return err
	}
	return s.Store.InTx(ctx, func(tx *model.Store) error {
		if p.Newest().Number != based {
			return model.ErrChangedMeanwhile
		}
		return tx.SaveDraft(ctx, model.PolicyDraft{Subject: subject, BasedOn: based, Numbers: string(text), StaffID: by.StaffID, UpdatedAt: s.Now()}, seen)
	})
}

// DropDraft throws the draft of a policy away.
func (s *Service) DropDraft(ctx context.Context, by model.OnDuty, subject string, seen int) error {
	if err := sets(by); err != nil {
		return err
	}
	if _, err := s.read(ctx, s.Store, subject); err != nil {
		return err
	}
	return s.Store.InTx(ctx, func(tx *model.Store) error {
		if _, err := lockDraft(ctx, tx, subject); err != nil {
			return err
		}
		return tx.DropDraft(ctx, subject, seen)
	})
}

// lockDraft locks a draft that somebody has seen: one that is not there any more has been published or thrown away.
func lockDraft(ctx context.Context, tx *model.Store, subject string) (model.PolicyDraft, error) {
	found, err := tx.LockDraft(ctx, subject)
	if errors.Is(err, model.ErrDraftNotFound) {
		err = model.ErrChangedMeanwhile
	}
	return found, err
}

// Publication is the wish to make the draft of a policy its next version.
type Publication struct {
	Subject     string
	Seen        int // version of the draft
	Reason      string
	EffectiveAt time.Time // zero: at once
}

// Publish makes the draft of a policy its next version, from the moment on that was asked for. What was booked before
// keeps the version it was booked under.
func (s *Service) Publish(ctx context.Context, by model.OnDuty, key string, wish Publication) error {
	if err := sets(by); err != nil {
		return err
	}
	if err := model.CheckReason(wish.Reason); err != nil {
		return err
	}
	_, err := model.Once(ctx, s.Store, s.request(by, key, "publish_policy", wish), func(tx *model.Store) (int, error) {
		return s.publish(ctx, tx, by, wish)
	})
	return err
}

func (s *Service) publish(ctx context.Context, tx *model.Store, by model.OnDuty, wish Publication) (int, error) {
	p, err := s.read(ctx, tx, wish.Subject)
	if err != nil {
		return 0, err
	}
	found, err := lockDraft(ctx, tx, wish.Subject)
	if err != nil {
		return 0, err
	}
	newest := p.Newest()
	if found.Version != wish.Seen || found.BasedOn != newest.Number {
		return 0, model.ErrChangedMeanwhile
	}
	n, err := s.judge(ctx, tx, found, newest)
	if err != nil {
		return 0, err
	}
	from, err := model.EffectiveAt(wish.EffectiveAt, s.Now())
	if err != nil {
		return 0, err
	}
	now := s.Now()
	said := model.Published{StaffID: by.StaffID, Reason: strings.TrimSpace(wish.Reason), DecidedAt: &now}
	if err := s.add(ctx, tx, n, wish.Subject, newest.Number+1, from, said); err != nil {
		return 0, err
	}
	return newest.Number + 1, tx.DropDraft(ctx, wish.Subject, found.Version)
}

// judge gives the numbers of a draft that can be published.
func (s *Service) judge(ctx context.Context, tx *model.Store, draft model.PolicyDraft, newest Version) (Numbers, error) {
	n, err := numbersOf(draft)
	if err != nil {
		return n, err
	}
	if err := n.check(); err != nil { // rules may have become stricter since it was written
		return n, err
	}
	if !differs(newest.Numbers, n) {
		return n, model.ErrPolicyUnchanged
	}
	if n.Allowance == nil || !n.Allowance.OtherYear(*newest.Allowance) {
		return n, nil
	}
	granted, err := tx.AnyAllowance(ctx)
	if err == nil && granted {
		err = model.ErrYearStartSettled
	}
	return n, err
}

func differs(before, after Numbers) bool {
	for _, d := range model.ComparePolicies(before.Lines(), after.Lines()) {
		if d.Changed() {
			return true
		}
	}
	return false
}

// add writes the version and its event.
func (s *Service) add(ctx context.Context, tx *model.Store, n Numbers, subject string, number int, from time.Time, said model.Published) error {
	if n.Service != nil {
		v := *n.Service
		v.ID, v.ServiceID, v.Version, v.PublishedAt, v.Published = tx.NewID(), subject, number, from, said
		if err := tx.AddPolicy(ctx, v); err != nil {
			return err
		}
		return tx.AddEvents(ctx, v.Event(*said.DecidedAt))
	}
	v := *n.Allowance
	v.ID, v.Version, v.PublishedAt, v.Published = tx.NewID(), number, from, said
	if err := tx.AddAllowancePolicy(ctx, v); err != nil {
		return err
	}
	return tx.AddEvents(ctx, v.Event(*said.DecidedAt))
}
