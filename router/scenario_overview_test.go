package router_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"jiamenkou/model"
)

type shownFigures struct {
	Sessions, Offered, Booked, Attended int
	NoShows                             int      `json:"no_shows"`
	NoShowRate                          *float64 `json:"no_show_rate"`
}

type shownReach struct {
	Children  int
	FreeUsers int      `json:"free_users"`
	Share     *float64 `json:"allowance_share"`
}

type shownReached struct {
	ByHome        bool `json:"by_home"`
	Total, Before shownReach
	Subdistricts  []struct {
		Code string
		shownReach
	}
	Sites []struct {
		ID string
		shownReach
	}
	Weeks []struct {
		Week string
		shownReach
	}
}

type shownOverview struct {
	From, To      string
	Total, Before shownFigures
	Subdistricts  []struct {
		Code string
		shownFigures
	}
	Sites []struct {
		ID string
		shownFigures
	}
	Weeks []struct {
		Week string
		shownFigures
	}
}

var overviewScenarios = []scenario{
	{"the overview shows what is in scope", func(h *house) {
		apart(h, func(h *house) {
			parent, child := h.family()
			slot := h.world.AddSlot(3, 10)
			parent.book(slot.ID, child)
			address := console + "/overview?from=" + slot.Date.String() + "&to=" + slot.Date.String()
			var seen shownOverview
			h.ask("GET", address, as(h.staff(model.RoleAuditor))).is(200).read(&seen)
			if seen.Total.Sessions != 1 || seen.Total.Offered != 10 || seen.Total.Booked != 1 || seen.Total.NoShowRate != nil || seen.Before.Offered != 0 {
				h.t.Errorf("total %+v, before %+v", seen.Total, seen.Before)
			}
			if len(seen.Subdistricts) != 13 || len(seen.Sites) != 1 || seen.Sites[0].ID != h.world.Site.ID || len(seen.Weeks) != 1 || seen.Weeks[0].Booked != 1 {
				h.t.Errorf("lists %+v", seen)
			}
			h.ask("GET", address+"&site="+h.world.Site.ID, as(h.keeper())).is(200).read(&seen)
			if len(seen.Subdistricts) != 1 || seen.Total.Booked != 1 {
				h.t.Errorf("a keeper sees %+v", seen)
			}
			h.ask("GET", console+"/overview", as(h.keeper())).is(200).read(&seen)
			if today := h.world.Day(0); seen.From != (model.Date{Year: today.Year, Month: today.Month, Day: 1}).String() || seen.To != today.LastOfMonth().String() {
				h.t.Errorf("by default %s to %s", seen.From, seen.To)
			}
		})
	}},
	{"the reach is told apart: by residence to who has the district, else by who came", func(h *house) {
		apart(h, func(h *house) {
			parent, child := h.family()
			h.family() // lives in the district too, and has booked nothing
			slot := h.world.AddSlot(3, 10)
			parent.book(slot.ID, child)
			address := console + "/overview/reach?from=" + slot.Date.String() + "&to=" + slot.Date.String()
			var seen shownReached
			h.ask("GET", address, as(h.staff(model.RoleAuditor))).is(200).read(&seen)
			if !seen.ByHome || seen.Total.Children != 2 || seen.Total.FreeUsers != 1 || seen.Total.Share == nil || *seen.Total.Share != 0.5 || seen.Before.FreeUsers != 0 {
				h.t.Errorf("the district %+v", seen)
			}
			if len(seen.Subdistricts) != 13 || len(seen.Weeks) != 1 || seen.Weeks[0].FreeUsers != 1 || seen.Weeks[0].Week != slot.Date.Week() {
				h.t.Errorf("lists of the district %+v", seen)
			}
			h.ask("GET", address, as(h.keeper())).is(200).read(&seen)
			if seen.ByHome || seen.Total.Children != 1 || len(seen.Subdistricts) != 0 || len(seen.Sites) != 1 || seen.Sites[0].FreeUsers != 1 {
				h.t.Errorf("a keeper %+v", seen)
			}
		})
	}},
	{"the overview of what lies outside, or of no period, is refused", func(h *house) {
		other, _ := h.world.AddSite("310104003", "示例宝宝屋二", model.Point{Latitude: 31.2, Longitude: 121.44})
		keeper := h.keeper()
		for _, part := range []string{console + "/overview", console + "/overview/reach"} {
			h.refuses(404, "site_not_found", "GET", part+"?site="+other.ID, as(keeper))
			h.refuses(404, "subdistrict_not_found", "GET", part+"?subdistrict=310104003", as(keeper))
			h.refuses(422, "period_invalid", "GET", part+"?from=2026-02-01&to=2026-01-01", as(keeper))
			h.refuses(422, "period_invalid", "GET", part+"?from=2024-02-01&to=2026-01-01", as(keeper))
			h.refuses(422, "date_invalid", "GET", part+"?from=2026-02-30", as(keeper))
		}
	}},
	{"a file is written at once, and opens", func(h *house) {
		apart(h, func(h *house) {
			h.exec("UPDATE sites SET name = '=1+1示例' WHERE id = ?", h.world.Site.ID)
			slot, keeper := h.world.AddSlot(3, 10), h.keeper()
			csvFile := h.exported(keeper, "sessions", "csv", slot)
			rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(h.download(keeper, csvFile), []byte("\ufeff")))).ReadAll()
			if err != nil || len(rows) != 2 || rows[1][1] != "'=1+1示例" || rows[1][9] != "10" {
				h.t.Errorf("%v, %v", rows, err)
			}
			book, err := excelize.OpenReader(bytes.NewReader(h.download(keeper, h.exported(keeper, "figures", "xlsx", slot))))
			h.must(err)
			if offered, err := book.GetCellValue("数据", "F2"); err != nil || offered != "10" {
				h.t.Errorf("offered %q, %v", offered, err)
			}
			var listed struct{ Items []exportSeen }
			h.ask("GET", console+"/exports", as(keeper)).is(200).read(&listed)
			if len(listed.Items) != 2 || listed.Items[0].Status != "ready" {
				h.t.Errorf("listed %+v", listed)
			}
			h.refuses(404, "export_not_found", "GET", console+"/exports/"+csvFile.ID+"/file", as(h.keeper()))
			h.clock.pass(25 * time.Hour)
			if _, err := h.store.FindExport(context.Background(), csvFile.ID, h.clock.Now()); !errors.Is(err, model.ErrExportNotFound) {
				h.t.Errorf("an expired file: %v", err)
			}
			h.must(h.api.Overview.Tidy(context.Background()))
			if n := h.column("SELECT COUNT(*) FROM export_parts")[0]; n != "0" {
				h.t.Errorf("%s parts are left", n)
			}
		})
	}},
	{"a long file is owed, and downloaded when it is there", func(h *house) {
		apart(h, func(h *house) {
			var slot model.Slot
			for range 3 {
				slot = h.world.AddSlot(3, 10)
			}
			keeper := h.keeper()
			e := h.exported(keeper, "sessions", "csv", slot)
			if e.Status != "owed" || e.Total != 3 || e.Done != 0 {
				h.t.Errorf("a long file: %+v", e)
			}
			h.refuses(409, "export_not_ready", "GET", console+"/exports/"+e.ID+"/file", as(keeper))
			w := h.leased(model.LaneNight)
			h.must(h.api.Overview.WriteExport(context.Background(), w))
			h.ask("GET", console+"/exports/"+e.ID, as(keeper)).is(200).read(&e)
			if e.Status != "ready" || e.Done != 3 || strings.Count(string(h.download(keeper, e)), "\r\n") != 4 {
				h.t.Errorf("the long file: %+v", e)
			}
			told := h.column("SELECT to_state FROM events WHERE subject_id = ? ORDER BY id", e.ID)
			if fmt.Sprint(told) != "[asked downloaded]" {
				h.t.Errorf("events %v", told)
			}
		})
	}},
}

type exportSeen struct {
	ID, Status  string
	Done, Total int
}

func (h *house) exported(p *person, content, format string, slot model.Slot) (e exportSeen) {
	h.t.Helper()
	asked := fmt.Sprintf(`{"content":%q,"format":%q,"from":%q,"to":%q}`, content, format, slot.Date, slot.Date)
	h.ask("POST", console+"/exports", as(p), h.key(), body("%s", asked)).is(201).read(&e)
	return e
}

func (h *house) download(p *person, e exportSeen) []byte {
	h.t.Helper()
	return h.ask("GET", console+"/exports/"+e.ID+"/file", as(p)).is(200).body
}
