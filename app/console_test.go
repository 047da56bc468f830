package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"jiamenkou/model"
	"jiamenkou/model/modeltest"
	"jiamenkou/web/console"
)

// TestConsole opens the pages in a browser, against the program itself on a MariaDB and a Redis of its own, with the
// settings of a production that rehearses. What the browser does stands in web/console/e2e.
func TestConsole(t *testing.T) {
	if testing.Short() {
		t.Skip("the pages take a browser and a minute")
	}
	if !console.Built() {
		t.Fatal("the pages have not been built: make web")
	}
	browser := chromium(t)
	s := newSite(t, "JMK_MODE=production", "JMK_WECHAT_DEMO_IN_PRODUCTION=true", "JMK_DEMO_SEED=false", "JMK_SEAL_KEK="+testKEK,
		"JMK_STAFF_ORIGIN=https://console.example", "JMK_EXPORTS_AT_ONCE=1") // a file of two sessions is a long one
	world := newWorld(t, s.store(), nil)
	awaitDay(world)
	for day := range 5 {
		world.AddSlot(day+1, 8)
	}
	world.AddSlot(8, 4, func(slot *model.Slot) {
		ends := slot.StartAt.Add(-72 * time.Hour)
		slot.ReleaseMode, slot.DrawAt = model.ReleaseDraw, &ends
	})
	family := s.familySlots(world)
	waiting := world.AddSlot(2, 1, func(slot *model.Slot) { slot.Room = "示例候补间" }).ID
	s.run("keys", "init")
	desk := s.openDesk(world)
	telephone := s.openTelephone(world)
	invitations := s.invite(6, "示例管理员", "--role", "administrator") // one session for most tests, and some who come in for the first time
	keepers := s.invite(4, "示例值班老师", "--site", desk.Site)
	draw := s.drawSoon(world)
	p := s.newProgram()
	p.start()
	p.awaitReady()
	p.playwright(browser, append(begunByMakeRun(t), "CONSOLE_DRAW="+draw,
		"CONSOLE_WAITING="+s.json(map[string]string{"site": world.Site.ID, "slot": waiting}),
		"CONSOLE_INVITATIONS="+invitations, "CONSOLE_KEEPERS="+keepers, "CONSOLE_DESK="+s.json(desk), "CONSOLE_FAMILY="+family, "CONSOLE_TELEPHONE="+telephone)...)
	s.openingsAreWritten()
	s.sound(s.store())
}

// openingsAreWritten looks for the record of what e2e/residents.spec.ts opened, when it ran: each opening once, and none that was
// refused.
func (s *site) openingsAreWritten() {
	s.t.Helper()
	if only := os.Getenv("JMK_E2E"); only != "" && only != "residents" {
		return
	}
	db, err := sql.Open("mysql", s.dsn)
	if err != nil {
		s.t.Fatal(err)
	}
	defer db.Close()
	var written, refused int
	err = db.QueryRowContext(s.t.Context(), `SELECT SUM(reason = 'verify: 家长来电，核实号码'), SUM(reason = 'verify: 想看一下') FROM data_accesses
		WHERE fields = 'residents.phone'`).Scan(&written, &refused)
	if err != nil || written != 2 || refused != 0 {
		s.t.Errorf("%d openings are written, and %d that were refused, want 2 and 0: %v", written, refused, err)
	}
}

// familySlots adds two sessions for the tests of families, and gives them as JSON: one so soon that cancelling it is late, and
// one of a later day.
func (s *site) familySlots(world *modeltest.World) string {
	s.t.Helper()
	soon := world.AddSlot(0, 20, func(slot *model.Slot) {
		start := now().Add(5 * time.Hour)
		slot.Room, slot.Date, slot.StartAt, slot.EndAt = "示例小间", model.DateOf(start.In(world.Zone)), start, start.Add(time.Hour)
		slot.CutoffAt, slot.ReleaseAt = start.Add(-time.Hour), start.Add(-14*24*time.Hour)
	})
	later := world.AddSlot(4, 20, func(slot *model.Slot) { slot.Room = "示例小间" })
	return s.json(map[string]string{"site": world.Site.ID, "soon": soon.ID, "later": later.ID})
}

// openTelephone adds a site at which families are served on the telephone, and gives it as JSON with its sessions: one of a
// single place, two of more, and one that is drawn.
func (s *site) openTelephone(world *modeltest.World) string {
	s.t.Helper()
	site, carer := world.AddSite("310104103", "示例来电宝宝屋", model.Point{Latitude: 31.1330, Longitude: 121.4520})
	session := func(ahead, places int, room string, change ...func(*model.Slot)) string {
		return world.AddSlot(ahead, places, append(change, func(slot *model.Slot) {
			slot.SiteID, slot.CarerID, slot.Room = site.ID, carer.ID, room
		})...).ID
	}
	return s.json(map[string]string{
		"site": site.ID, "full": session(3, 1, "小满间"), "open": session(4, 6, "清明间"), "later": session(5, 6, "立夏间"),
		"drawn": session(8, 2, "谷雨间", func(slot *model.Slot) {
			ends := slot.StartAt.Add(-72 * time.Hour)
			slot.ReleaseMode, slot.DrawAt = model.ReleaseDraw, &ends
		}),
	})
}

// aDesk is the site of the day at the desk, which nothing else touches, and its two sessions of today.
type aDesk struct {
	Site  string `json:"site"`
	Begun string `json:"begun"` // has begun, and nobody can book it any more without an exception
	Soon  string `json:"soon"`  // begins soon, and its door is open
}

// awaitDay waits for the next day in the last minutes of one: a day at the desk and a week that is planned do not go on beyond
// midnight.
func awaitDay(world *modeltest.World) {
	if left := time.Until(world.Day(1).At(0, 0, world.Zone)); left < 15*time.Minute {
		time.Sleep(left)
	}
}

// openDesk makes the site. Its sessions lie around this moment, whenever that is.
func (s *site) openDesk(world *modeltest.World) aDesk {
	s.t.Helper()
	s.exec("UPDATE service_policies SET no_show_minutes = 0") // nobody waits half an hour for a child that does not come
	site, carer := world.AddSite("310104013", "示例值班宝宝屋", model.Point{Latitude: 31.1590, Longitude: 121.4180})
	midnight := world.Day(0).At(0, 0, world.Zone)
	moment := now()
	session := func(room string, start, end time.Time) string {
		return world.AddSlot(0, 6, func(slot *model.Slot) {
			slot.SiteID, slot.CarerID, slot.Room = site.ID, carer.ID, room
			slot.StartAt, slot.EndAt, slot.CutoffAt, slot.ReleaseAt = start, end, start, start.Add(-14*24*time.Hour)
		}).ID
	}
	begun, soon := moment.Add(-20*time.Minute), moment.Add(30*time.Minute)
	if begun.Before(midnight) {
		begun = midnight.UTC()
	}
	return aDesk{site.ID, session("向阳间", begun, moment.Add(3*time.Hour)), session("朝南间", soon, soon.Add(3*time.Hour))}
}

// drawSoon adds a session that is drawn, and lets time fly for it: as soon as two children have applied and the source of its
// randomness is announced, its applications end, days before they would.
func (s *site) drawSoon(world *modeltest.World) string {
	s.t.Helper()
	slot := world.AddSlot(9, 1, func(slot *model.Slot) {
		ends := slot.StartAt.Add(-72 * time.Hour)
		slot.Room, slot.ReleaseMode, slot.DrawAt = "示例摇号间", model.ReleaseDraw, &ends
	}).ID
	db, err := sql.Open("mysql", s.dsn)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = db.Close() })
	go func() {
		for s.t.Context().Err() == nil && !flown(s.t.Context(), db, slot) {
			time.Sleep(300 * time.Millisecond)
		}
	}()
	return slot
}

// flown reports that the end of the draw's applications has come, and that drawing is due.
func flown(ctx context.Context, db *sql.DB, slot string) bool {
	ended, err := db.ExecContext(ctx, `UPDATE slots SET draw_at = UTC_TIMESTAMP(3) WHERE id = ?
		AND (SELECT COUNT(*) FROM draw_applications a WHERE a.slot_id = slots.id) = 2
		AND EXISTS (SELECT 1 FROM draws d WHERE d.slot_id = slots.id AND d.source <> '')`, slot)
	if err != nil {
		return false
	}
	if n, _ := ended.RowsAffected(); n == 0 {
		return false
	}
	_, err = db.ExecContext(ctx, "UPDATE owed_work SET due_at = UTC_TIMESTAMP(3) WHERE kind = 'draw' AND subject_id = ?", slot)
	return err == nil
}

// exec changes the database past the program.
func (s *site) exec(text string) {
	s.t.Helper()
	db, err := sql.Open("mysql", s.dsn)
	if err != nil {
		s.t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(text); err != nil {
		s.t.Fatal(err)
	}
}

// invite makes members of the staff and gives the codes of their invitations, as JSON.
func (s *site) invite(n int, who ...string) string {
	s.t.Helper()
	var codes []string
	for range n {
		codes = append(codes, s.hire(who...))
	}
	return s.json(codes)
}

func (s *site) json(value any) string {
	s.t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(text)
}

// run runs a command of the program on the site's settings, and gives what it printed.
func (s *site) run(arguments ...string) string {
	s.t.Helper()
	binary, err := built()
	if err != nil {
		s.t.Fatal(err)
	}
	cmd := exec.CommandContext(s.t.Context(), binary, arguments...)
	cmd.Dir, cmd.Env = s.t.TempDir(), s.env
	output, err := cmd.CombinedOutput()
	if err != nil {
		s.t.Fatalf("%v: %v\n%s", arguments, err, output)
	}
	return string(output)
}

// testKEK is 32 bytes that seal nothing but what this test makes.
const testKEK = "b25seSBmb3IgdGhlIHRlc3RzIG9mIHRoZSBwYWdlcyE="

// chromium is Debian's, which scripts/ensure-test-services.sh installs.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			return found
		}
	}
	t.Fatal("the pages are tested in Chromium; on Debian or Ubuntu: apt-get install chromium fonts-noto-cjk")
	return ""
}

// playwright runs the tests of web/console/e2e; JMK_E2E narrows them to some files or titles.
func (p *program) playwright(browser string, more ...string) {
	p.t.Helper()
	arguments := []string{"playwright", "test"}
	if only := os.Getenv("JMK_E2E"); only != "" {
		arguments = append(arguments, "--grep", only)
	}
	cmd := exec.CommandContext(p.t.Context(), "npx", arguments...)
	cmd.Dir, cmd.WaitDelay = "../web/console", 10*time.Second
	cmd.Env = append(os.Environ(), "CONSOLE_BASE="+p.base, "CHROMIUM="+browser)
	cmd.Env = append(cmd.Env, more...)
	output, err := cmd.CombinedOutput()
	if fmt.Fprintln(os.Stderr, string(output)); err != nil {
		p.t.Fatalf("the tests of the pages: %v", err)
	}
}
