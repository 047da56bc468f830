package overview

import (
	"context"
	"errors"
	"slices"

	"jiamenkou/model"
)

// Wanted is a file that somebody asks for.
type Wanted struct {
	Query
	Content model.ExportContent
	Format  model.ExportFormat
}

// mostExports is how many files one looks at; they expire.
const mostExports = 50

// Export asks for a file. A short one is there with the answer; a long one is owed.
func (s *Service) Export(ctx context.Context, by model.OnDuty, key string, w Wanted) (model.Export, error) {
	v, err := s.view(ctx, by, w.Query)
	if err != nil {
		return model.Export{}, err
	}
	now := s.Now()
	e := model.Export{
		StaffID: by.StaffID, Content: w.Content, Format: w.Format, FromDate: w.From, UntilDate: w.To, Sites: v.siteIDs(),
		Status: model.ExportOwed, CreatedAt: now, ExpiresAt: now.Add(s.Limits.Keep),
	}
	content, err := s.atOnce(ctx, by, w, &e)
	if err != nil {
		return e, err
	}
	return model.Once(ctx, s.Store, s.request(by, key, w), func(tx *model.Store) (model.Export, error) {
		e.ID = tx.NewID()
		if err := tx.AddExport(ctx, e, content); err != nil {
			return e, err
		}
		if e.Status == model.ExportOwed {
			if err := tx.Owe(ctx, model.Owed(model.WorkExport, e.ID, now, now)); err != nil {
				return e, err
			}
		}
		return e, tx.AddEvents(ctx, e.Noted("asked", now))
	})
}

func (s *Service) request(by model.OnDuty, key string, w Wanted) model.Request {
	return model.NewRequest(by.StaffID, key, "export", w, s.Now(), s.Limits.KeepAnswers)
}

// atOnce writes a short file; a long one stays owed, and is nil.
func (s *Service) atOnce(ctx context.Context, by model.OnDuty, w Wanted, e *model.Export) ([]byte, error) {
	if w.Content == model.ExportFigures {
		p, err := s.whole(ctx, by, w.Query)
		if err != nil {
			return nil, err
		}
		rows := p.rows()
		e.Finish(len(rows), e.CreatedAt, s.Limits.Keep)
		return writeFile(e.Format, figureTitles, func(put func([]any) error) error {
			for _, row := range rows {
				if err := put(row); err != nil {
					return err
				}
			}
			return nil
		})
	}
	var err error
	if e.Total, err = s.Store.CountSessions(ctx, e.Sites, e.Period()); err != nil || e.Total > s.Limits.AtOnce {
		return nil, err
	}
	content, lines, err := s.sessions(ctx, *e, func(int) error { return nil })
	e.Finish(lines, e.CreatedAt, s.Limits.Keep)
	return content, err
}

// sessionsAtOnce is how many sessions are read at once.
const sessionsAtOnce = 500

// sessions writes the file of sessions page by page, and tells how far it is.
func (s *Service) sessions(ctx context.Context, e model.Export, tell func(lines int) error) (content []byte, lines int, err error) {
	spell, err := s.speller(ctx)
	if err != nil {
		return nil, 0, err
	}
	content, err = writeFile(e.Format, sessionTitles, func(put func([]any) error) error {
		var last model.Slot
		for {
			page, err := s.Store.ListSessions(ctx, e.Sites, e.Period(), last, sessionsAtOnce)
			if err != nil || len(page) == 0 {
				return err
			}
			for _, line := range page {
				if err := put(spell.session(line)); err != nil {
					return err
				}
			}
			lines, last = lines+len(page), page[len(page)-1].Slot
			if err := tell(lines); err != nil {
				return err
			}
		}
	})
	return content, lines, err
}

// WriteExport is the handler of owed work model.WorkExport. The file is written aside and stored whole, in the transaction
// that finishes the work: whoever is killed before leaves none of it.
func (s *Service) WriteExport(ctx context.Context, w model.Work) error {
	e, err := s.Store.FindExport(ctx, w.SubjectID, s.Now())
	if errors.Is(err, model.ErrExportNotFound) { // expired before its turn came: the runner finishes the work
		return nil
	}
	if err != nil {
		return err
	}
	content, lines, err := s.sessions(ctx, e, func(lines int) error { return s.Store.SaveExportProgress(ctx, e.ID, lines) })
	if err != nil {
		return err
	}
	return s.Store.InTx(ctx, func(tx *model.Store) error {
		if err := tx.HoldWork(ctx, w); err != nil {
			return err
		}
		e.Finish(lines, s.Now(), s.Limits.Keep)
		if err := tx.FinishExport(ctx, e, content); err != nil && !errors.Is(err, model.ErrExportNotFound) {
			return err
		}
		return tx.FinishWork(ctx, w, s.Now())
	})
}

// Exports gives the files somebody asked for, the newest first.
func (s *Service) Exports(ctx context.Context, by model.OnDuty) ([]model.Export, error) {
	list, err := s.Store.ListExports(ctx, by.StaffID, s.Now(), mostExports)
	if err != nil {
		return nil, err
	}
	covered, err := s.covered(ctx, by)
	return slices.DeleteFunc(list, func(e model.Export) bool { return !within(covered, e) }), err
}

// FindExport gives one of one's own files, while its sites are all in one's scope.
func (s *Service) FindExport(ctx context.Context, by model.OnDuty, id string) (model.Export, error) {
	e, err := s.Store.FindExport(ctx, id, s.Now())
	if err != nil {
		return e, err
	}
	covered, err := s.covered(ctx, by)
	if err == nil && (e.StaffID != by.StaffID || !within(covered, e)) {
		err = model.ErrExportNotFound
	}
	return e, err
}

func within(covered map[string]bool, e model.Export) bool {
	return !slices.ContainsFunc(e.Sites, func(id string) bool { return !covered[id] })
}

func (s *Service) covered(ctx context.Context, by model.OnDuty) (map[string]bool, error) {
	sites, err := s.Store.ListSites(ctx)
	ids := map[string]bool{}
	for _, site := range sites {
		ids[site.ID] = by.Covers(site)
	}
	return ids, err
}

// ReadExport hands a file out; that it was is noted first.
func (s *Service) ReadExport(ctx context.Context, by model.OnDuty, id string) (model.Export, []byte, error) {
	e, err := s.FindExport(ctx, by, id)
	if err != nil {
		return e, nil, err
	}
	if e.Status != model.ExportReady {
		return e, nil, model.ErrExportNotReady
	}
	err = s.Store.InTx(ctx, func(tx *model.Store) error { return tx.AddEvents(ctx, e.Noted("downloaded", s.Now())) })
	if err != nil {
		return e, nil, err
	}
	content, err := s.Store.ReadExport(ctx, id)
	if err == nil && len(content) == 0 { // it expired in between
		err = model.ErrExportNotFound
	}
	return e, content, err
}

// expiredAtOnce bounds one transaction that erases.
const expiredAtOnce = 20

// Tidy erases the files whose time is over.
func (s *Service) Tidy(ctx context.Context) error {
	for {
		n, err := s.Store.DropExpiredExports(ctx, s.Now(), expiredAtOnce)
		if err != nil || n < expiredAtOnce {
			return err
		}
	}
}
