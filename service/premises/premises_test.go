package premises_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"jiamenkou/model"
	"jiamenkou/model/fault"
	"jiamenkou/model/modeltest"
	"jiamenkou/service/planning"
	"jiamenkou/service/premises"
)

// scene is a premises service in a district of its own, with a planning service beside it and a clock that stands still.
type scene struct {
	*premises.Service
	plans  *planning.Service
	by     model.OnDuty // an administrator of the world's subdistrict
	w      *modeltest.World
	db     *modeltest.Database
	forgot *atomic.Int64 // how often residents' reading was told to begin afresh
	at     time.Time
	t      *testing.T
}

var (
	ctx     = context.Background()
	founded = time.Date(2025, 12, 1, 0, 0, 0, 0, time.UTC)
	monday  = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC) // eight o'clock in Shanghai
)

const mostPhotos = 5

type places struct{ forgot *atomic.Int64 }

func (p places) Forget() { p.forgot.Add(1) }

// onScenes plays a test on both engines.
func onScenes(t *testing.T, test func(t *testing.T, s *scene)) {
	t.Helper()
	modeltest.OnBothFounded(t, founded, func(t *testing.T, db *modeltest.Database, store *model.Store) {
		test(t, newScene(t, db, modeltest.NewWorld(t, store, nil)))
	})
}

// race is a scene on MariaDB, which does not hide races.
func race(t *testing.T) *scene {
	t.Helper()
	db := modeltest.EmptyMariaDB(t)
	return newScene(t, db, modeltest.NewWorld(t, db.Found(t, founded), nil))
}

func newScene(t *testing.T, db *modeltest.Database, w *modeltest.World) *scene {
	s := &scene{w: w, db: db, t: t, at: monday, forgot: &atomic.Int64{}, by: boss(w.Site.SubdistrictCode)}
	now := func() time.Time { return s.at }
	s.Service = &premises.Service{
		Store: w.Store, Places: places{s.forgot}, Now: now, Zone: w.Zone,
		Limits: premises.Limits{KeepAnswers: 24 * time.Hour, Notice: 60, Photos: mostPhotos},
	}
	s.plans = &planning.Service{
		Store: w.Store, Now: now, Zone: w.Zone, Log: slog.New(slog.DiscardHandler),
		Limits: planning.Limits{SlotsAhead: 14, KeepAnswers: 24 * time.Hour},
	}
	return s
}

// server is another server on the same database.
func (s *scene) server() *scene {
	other := newScene(s.t, s.db, s.w)
	other.Store = s.db.Store(s.t)
	other.plans.Store = other.Store
	return other
}

// boss is an administrator of a subdistrict.
func boss(subdistrict string) model.OnDuty {
	grant := model.Grant{Role: model.RoleAdministrator, Scope: model.ScopeSubdistrict, ScopeID: subdistrict}
	return model.OnDuty{StaffID: "01STAFF0000000000000000000", Name: "示例管理员", Grants: []model.Grant{grant}}
}

func (s *scene) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// refused demands a refusal by its code.
func (s *scene) refused(code string, err error) {
	s.t.Helper()
	if f := fault.Of(err); f == nil || f.Code != code {
		s.t.Errorf("refused with %v, want %s", err, code)
	}
}

func (s *scene) find() premises.Detail {
	s.t.Helper()
	found, err := s.Find(ctx, s.by, s.w.Site.ID)
	s.must(err)
	return found
}

func (s *scene) room(name string) model.Room {
	s.t.Helper()
	room, err := s.AddRoom(ctx, s.by, s.w.Site.ID, name, "")
	s.must(err)
	return room
}

// form is the world's site as it could be filled in; change may alter it.
func (s *scene) form(change ...func(*premises.Form)) premises.Form {
	f := premises.Form{
		SubdistrictCode: s.w.Site.SubdistrictCode, Name: "示例宝宝屋", HostKind: "邻里汇", HostName: "示例邻里汇", Address: "示例路1号",
		Latitude: 31.1699, Longitude: 121.4035, Phone: "021-64000000转8", Hours: "周一至周五 9:00–16:30",
	}
	for _, c := range change {
		c(&f)
	}
	return f
}

// wish is a weekly plan in a room.
func (s *scene) wish(weekday int, room, carerID string) planning.Template {
	return planning.Template{
		SiteID: s.w.Site.ID, ServiceID: s.w.Services["care-morning"].ID, CarerID: carerID, Room: room, Weekday: weekday,
		StartMinute: 9 * 60, EndMinute: 11*60 + 30, Capacity: 4, ValidFrom: model.DateOf(s.at.In(s.w.Zone)),
	}
}

// history is what was written down of a record: "from>to reason", one after the other.
func (s *scene) history(subjectID string) []string {
	s.t.Helper()
	rows, err := s.db.SQL.QueryContext(ctx, "SELECT from_state, to_state, reason FROM events WHERE subject_id = ? ORDER BY id", subjectID)
	s.must(err)
	defer func() { s.must(rows.Close()) }()
	var lines []string
	for rows.Next() {
		var from, to, reason string
		s.must(rows.Scan(&from, &to, &reason))
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s>%s %s", from, to, reason)))
	}
	s.must(rows.Err())
	return lines
}

func (s *scene) wantHistory(subjectID string, want ...string) {
	s.t.Helper()
	if got := s.history(subjectID); !slices.Equal(got, want) {
		s.t.Errorf("written down are %q, want %q", got, want)
	}
}

// together runs fn for 0 to n-1, all at the same moment, and counts what they were told.
func together(n int, fn func(i int) error) map[string]int {
	var told modeltest.Tally
	modeltest.Together(n, func(i int) { told.Add(fn(i)) })
	return told.Told()
}
