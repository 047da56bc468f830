package model

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"time"

	"gorm.io/gorm/clause"
)

//go:embed foundation/*.json
var foundationFiles embed.FS

// LayFoundation writes what every installation starts from: the district's subdistricts, the working-days table, the
// care services with the first version of their policies, and the documents to agree to. What is already there stays
// as it is, so it may run at every start.
func (s *Store) LayFoundation(ctx context.Context, now time.Time) error {
	for _, lay := range []func(context.Context, time.Time) error{
		s.laySubdistricts, s.layCalendar, s.layServices, s.layAllowance, s.layDocuments,
	} {
		if err := lay(ctx, now); err != nil {
			return fmt.Errorf("lay foundation: %w", err)
		}
	}
	return nil
}

func readFoundation[T any](name string) (rows []T, err error) {
	text, err := foundationFiles.ReadFile("foundation/" + name)
	if err != nil {
		return nil, err
	}
	return rows, json.Unmarshal(text, &rows)
}

// addMissing writes rows and leaves those alone whose key is taken.
func (s *Store) addMissing(ctx context.Context, rows any) error {
	return s.InTx(ctx, func(tx *Store) error {
		err := tx.db.WithContext(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(rows).Error
		return tx.fault(ctx, err, nil)
	})
}

func (s *Store) laySubdistricts(ctx context.Context, _ time.Time) error {
	rows, err := readFoundation[Subdistrict]("subdistricts.json")
	if err != nil {
		return err
	}
	return s.addMissing(ctx, &rows)
}

// noticedYear is one year as the State Council's notice puts it.
type noticedYear struct {
	Year     int
	Status   YearStatus
	Source   string
	Holidays []struct {
		Name     string
		From, To Date
	}
	Makeup []Date
}

func (y noticedYear) days() (days []CalendarDay) {
	for _, h := range y.Holidays {
		for day := h.From; !day.After(h.To); day = day.AddDays(1) {
			days = append(days, CalendarDay{day, DayHoliday, h.Name})
		}
	}
	for _, day := range y.Makeup {
		days = append(days, CalendarDay{day, DayMakeup, "调休上班"})
	}
	return days
}

func (s *Store) layCalendar(ctx context.Context, _ time.Time) error {
	years, err := readFoundation[noticedYear]("calendar.json")
	if err != nil {
		return err
	}
	for _, y := range years {
		err := s.InTx(ctx, func(tx *Store) error {
			return tx.layYear(ctx, CalendarYear{Year: y.Year, Status: y.Status, Source: y.Source}, y.days())
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// layYear leaves a year alone that staff may have changed, unless this release brings the notice it was waiting for.
func (s *Store) layYear(ctx context.Context, year CalendarYear, days []CalendarDay) error {
	known, found, err := s.findYear(ctx, year.Year)
	if err != nil || found && (known.Status == YearOfficial || year.Status == YearProvisional) {
		return err
	}
	year.Version = known.Version + 1
	return s.replaceYear(ctx, year, days)
}

type foundationService struct {
	Code          string
	Name          string
	Intro         string
	Position      int
	UsesAllowance bool `json:"uses_allowance"`
}

func (s *Store) layServices(ctx context.Context, now time.Time) error {
	rows, err := readFoundation[foundationService]("services.json")
	if err != nil {
		return err
	}
	for _, row := range rows {
		if err := s.layService(ctx, row, now); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) layService(ctx context.Context, row foundationService, now time.Time) error {
	service := CareService{ID: s.NewID(), Code: row.Code, Name: row.Name, Intro: row.Intro, Position: row.Position, Status: ServiceOffered, Version: 1}
	if err := s.addMissing(ctx, &service); err != nil {
		return err
	}
	var there CareService // a fresh one: GORM would also ask for the id of a filled one
	if err := s.db.WithContext(ctx).Where("code = ?", row.Code).Take(&there).Error; err != nil {
		return s.fault(ctx, err, nil)
	}
	policy := firstPolicy(there.ID, row.UsesAllowance, now)
	policy.ID = s.NewID()
	return s.addMissing(ctx, &policy)
}

// firstPolicy is version 1 of a service's rules: the defaults of the district, to be changed by publishing a version 2.
func firstPolicy(serviceID string, usesAllowance bool, now time.Time) ServicePolicy {
	return ServicePolicy{
		ServiceID: serviceID, Version: 1, MinAgeMonths: 12, MaxAgeMonths: 36,
		ReleaseDays: 14, ReleaseMinute: 8 * 60, CutoffMinutes: 2 * 60, FreeCancelMinutes: 12 * 60,
		UsesAllowance: usesAllowance, LateCancelPoints: 1, NoShowPoints: 2, PointsPerStrike: 2,
		StrikesToBlock: 3, StrikeWindowDays: 90, BlockDays: 30,
		ReleaseMode: ReleaseFirstCome, DrawMinutes: 3 * 24 * 60, OfferMinutes: 30,
		CheckInMinutes: 60, NoShowMinutes: 30, AppealDays: 14, PublishedAt: now,
	}
}

func (s *Store) layAllowance(ctx context.Context, now time.Time) error {
	return s.addMissing(ctx, &AllowancePolicy{
		ID: s.NewID(), Version: 1, Unit: UnitSession, Amount: 12, YearStartMonth: 1, YearStartDay: 1,
		Beyond: BeyondRefuse, SelfPaidCentsPerHour: 10000, PublishedAt: now,
	})
}

type foundationDocument struct {
	Code      string
	Title     string
	Body      string
	NeededFor NeededFor `json:"needed_for"`
}

func (s *Store) layDocuments(ctx context.Context, now time.Time) error {
	rows, err := readFoundation[foundationDocument]("documents.json")
	if err != nil {
		return err
	}
	for _, row := range rows {
		document := Document{
			ID: s.NewID(), Code: row.Code, Version: 1, Title: row.Title, Body: row.Body, NeededFor: row.NeededFor, PublishedAt: now,
		}
		if err := s.addMissing(ctx, &document); err != nil {
			return err
		}
	}
	return nil
}
