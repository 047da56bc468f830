package premises_test

import (
	"fmt"
	"testing"

	"jiamenkou/model"
)

// A room's new name reaches the plans and slots of today and later; what was keeps the name it had.
func TestARenamedRoomIsRenamedFromTodayOn(t *testing.T) {
	onScenes(t, func(t *testing.T, s *scene) {
		s.must(errOf(s.plans.AddTemplate(ctx, s.by, "plan-0001", s.wish(3, "示例旧名", s.w.Carer.ID))))
		past := model.Date{Year: 2026, Month: 2, Day: 25}
		s.db.Exec(t, "UPDATE slots SET date = ? WHERE date = (SELECT d FROM (SELECT MIN(date) AS d FROM slots WHERE room = '示例旧名') AS first)", past)
		var room model.Room
		for _, r := range s.find().RoomList {
			if r.Name == "示例旧名" {
				room = r
			}
		}
		renamed, err := s.ChangeRoom(ctx, s.by, room.ID, room.Version, " 示例新名 ", "朝南")
		s.must(err)
		if renamed.Name != "示例新名" || renamed.Note != "朝南" || renamed.Version != room.Version+1 {
			t.Errorf("renamed to %+v", renamed)
		}
		old, later := s.db.Count(t, "SELECT COUNT(*) FROM slots WHERE room = '示例旧名'"), s.db.Count(t, "SELECT COUNT(*) FROM slots WHERE room = '示例新名'")
		if plans := s.db.Count(t, "SELECT COUNT(*) FROM weekly_templates WHERE room = '示例新名'"); old != 1 || later != 1 || plans != 1 {
			t.Errorf("%d slots keep the old name, %d slots and %d plans have the new one; want 1, 1, 1", old, later, plans)
		}
		s.wantHistory(room.ID, "active>active 原名示例旧名")
	})
}

func TestARoomIsRetiredOnceNothingNeedsIt(t *testing.T) {
	onScenes(t, func(t *testing.T, s *scene) {
		used, free := s.room("示例教室"), s.room("示例空房")
		s.must(errOf(s.plans.AddTemplate(ctx, s.by, "plan-0001", s.wish(3, "示例教室", s.w.Carer.ID))))
		s.refused("room_in_use", errOf(s.RetireRoom(ctx, s.by, used.ID, 1)))
		s.refused("changed_meanwhile", errOf(s.RetireRoom(ctx, s.by, free.ID, 2)))
		s.must(errOf(s.RetireRoom(ctx, s.by, free.ID, 1)))
		s.refused("room_retired", errOf(s.plans.AddTemplate(ctx, s.by, "plan-0002", s.wish(4, "示例空房", s.w.Carer.ID))))
		s.refused("room_exists", errOf(s.AddRoom(ctx, s.by, s.w.Site.ID, "示例空房", "")))
		s.must(errOf(s.RestoreRoom(ctx, s.by, free.ID, 2)))
		s.must(errOf(s.plans.AddTemplate(ctx, s.by, "plan-0003", s.wish(4, "示例空房", s.w.Carer.ID))))
		s.wantHistory(free.ID, ">active", "active>retired", "retired>active")
	})
}

// One retires a room while another plans in it: never is a retired room planned.
func TestRetiringRacesPlanning(t *testing.T) {
	s := race(t)
	other := s.server()
	for round := range 8 {
		room := s.room(fmt.Sprintf("示例教室%d", round))
		told := together(2, func(i int) error {
			if i == 0 {
				return errOf(s.RetireRoom(ctx, s.by, room.ID, 1))
			}
			return errOf(other.plans.AddTemplate(ctx, s.by, fmt.Sprintf("plan-%04d", round), s.wish(1+round%7, room.Name, s.w.Carer.ID)))
		})
		if told["ok"] != 1 || told["room_in_use"]+told["room_retired"] != 1 {
			t.Errorf("told %v, want one ok and one refusal", told)
		}
	}
	if n := s.db.Count(t, "SELECT COUNT(*) FROM weekly_templates t JOIN site_rooms r ON r.site_id = t.site_id AND r.name = t.room WHERE r.status = 'retired'"); n != 0 {
		t.Errorf("%d plans are in retired rooms", n)
	}
}

// One renames a room while slots are made in it: none keeps the old name.
func TestRenamingRacesTheGenerator(t *testing.T) {
	s := race(t)
	other := s.server()
	room := s.room("示例教室")
	for weekday := 1; weekday <= 7; weekday++ {
		s.must(errOf(s.plans.AddTemplate(ctx, s.by, fmt.Sprintf("plan-%04d", weekday), s.wish(weekday, room.Name, s.w.Carer.ID))))
	}
	for round := range 6 {
		s.db.Exec(t, "DELETE FROM slots")
		before, name := room, fmt.Sprintf("示例教室%d", round)
		told := together(2, func(i int) (err error) {
			if i == 0 {
				room, err = s.ChangeRoom(ctx, s.by, before.ID, before.Version, name, "")
				return err
			}
			return errOf(other.plans.GenerateSlots(ctx))
		})
		if told["ok"] != 2 {
			t.Fatalf("told %v", told)
		}
		if all, ours := s.db.Count(t, "SELECT COUNT(*) FROM slots WHERE room <> '活动室'"), s.db.Count(t, "SELECT COUNT(*) FROM slots WHERE room = ?", name); ours == 0 || all != ours {
			t.Errorf("of %d slots %d have the new name", all, ours)
		}
	}
}

// The same name at once, from two tablets: one room.
func TestOneNameAtOnceIsOneRoom(t *testing.T) {
	s := race(t)
	told := together(4, func(int) error { return errOf(s.AddRoom(ctx, s.by, s.w.Site.ID, "示例教室", "")) })
	if told["ok"] != 1 || told["room_exists"] != 3 {
		t.Errorf("told %v", told)
	}
}
