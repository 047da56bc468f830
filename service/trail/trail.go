// Package trail is who did what when from where: written before and after, linked into a chain that shows what somebody
// changed, looked through by auditors, kept for its time.
package trail

import (
	"context"
	"time"

	"jiamenkou/model"
)

// Service needs all its fields filled in.
type Service struct {
	Store *model.Store
	Now   func() time.Time // UTC, whole milliseconds
	Keep  time.Duration    // after so long records are purged; never less than model.TrailKeep

	MostInFile int // lines of one file; who needs more asks for shorter times
}

// endTime is what writing an outcome may take: whoever asked may be gone by then.
const endTime = 5 * time.Second

// Begin writes that something is about to be done; unless it can be written, it must not be done. The record comes back
// with the place it fell in, for its outcome.
func (s *Service) Begin(ctx context.Context, r model.TrailRecord) (model.TrailRecord, error) {
	if err := s.locate(ctx, &r); err != nil {
		return r, err
	}
	r.Part, r.HappenedAt = model.TrailBegun, s.Now()
	return r, s.Store.AddTrail(ctx, r)
}

// End writes how what was begun ended, also when whoever asked for it is gone.
func (s *Service) End(ctx context.Context, r model.TrailRecord) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTime)
	defer cancel()
	r.Part, r.HappenedAt = model.TrailEnded, s.Now()
	if r.StaffID != "" && r.StaffName == "" { // it came out on the way, as at signing in
		who, err := s.Store.FindStaff(ctx, r.StaffID)
		if err != nil {
			return err
		}
		r.StaffName = who.Name
	}
	return s.Store.AddTrail(ctx, r)
}

// Refuse writes that somebody was turned away at the door.
func (s *Service) Refuse(ctx context.Context, r model.TrailRecord) error {
	if err := s.locate(ctx, &r); err != nil {
		return err
	}
	r.Part, r.HappenedAt = model.TrailRefused, s.Now()
	return s.Store.AddTrail(ctx, r)
}

// locate finds where it falls: where its subject lies, or else the site that is the only one of who does it.
func (s *Service) locate(ctx context.Context, r *model.TrailRecord) error {
	site, subdistrict, err := s.Store.FindTrailPlace(ctx, r.Subject, r.SubjectID)
	if err == nil && site == "" {
		site, subdistrict, err = s.Store.FindTrailPlace(ctx, "sites", r.SiteID)
	}
	if err == nil && site != "" {
		r.SiteID, r.SubdistrictCode = site, subdistrict
	}
	return err
}

// Command runs a command of the program between a record that it begins and one of how it ended.
func (s *Service) Command(ctx context.Context, name string, run func() error) error {
	r, err := s.Begin(ctx, model.TrailRecord{RequestID: s.Store.NewID(), Hand: model.HandCommand, Operation: name})
	if err != nil {
		return err
	}
	err = run()
	if err != nil {
		r.Status, r.Code = 1, codeOf(err)
	}
	if told := s.End(ctx, r); err == nil {
		return told
	}
	return err
}
