package trail

import (
	"context"

	"jiamenkou/model"
)

// List gives a page of what was done within the scope of an auditor, the newest first, and how much there is.
func (s *Service) List(ctx context.Context, by model.OnDuty, q model.TrailQuery) ([]model.TrailEntry, int64, error) {
	return s.Store.ListTrail(ctx, by, q)
}

// ListAccesses gives a page of the openings of personal data, the newest first, and how many there are.
func (s *Service) ListAccesses(ctx context.Context, by model.OnDuty, q model.AccessQuery) ([]model.AccessEntry, int64, error) {
	return s.Store.ListAccessEntries(ctx, by, q)
}

const pageOfFile = 1000

// Each hands over what was done, the newest first, one by one, for a file; model.ErrTrailTooLong beforehand if it is
// more than MostInFile.
func (s *Service) Each(ctx context.Context, by model.OnDuty, q model.TrailQuery, put func(model.TrailEntry) error) error {
	q.Size = pageOfFile
	for q.Page = 1; ; q.Page++ {
		list, total, err := s.Store.ListTrail(ctx, by, q)
		if err != nil {
			return err
		}
		if total > int64(s.MostInFile) {
			return model.ErrTrailTooLong
		}
		for _, e := range list {
			if err := put(e); err != nil {
				return err
			}
		}
		if len(list) < q.Size {
			return nil
		}
	}
}
