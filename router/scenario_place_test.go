package router_test

import (
	"encoding/json"
	"net/url"
	"slices"
	"time"

	"jiamenkou/model"
)

func quoted(s string) string {
	text, _ := json.Marshal(s) // strings always marshal
	return string(text)
}

type nearby struct {
	Items []struct {
		ID, Name string
		Distance *int `json:"distance_m"`
		OpenDays []struct {
			Date   string
			Places int
		} `json:"open_days"`
	}
}

var placeScenarios = []scenario{
	{"the probes and the document", func(h *house) {
		if got := string(h.ask("GET", "/livez").is(200).body); got != "ok\n" {
			h.t.Errorf("livez says %q", got)
		}
		h.ask("GET", "/readyz").is(200)
		apart(h, func(h *house) {
			if got := string(h.ask("GET", "/readyz").is(503).body); got != `{"database":"ok","redis":"failing"}` {
				h.t.Errorf("readyz says %s", got)
			}
		}, func(p *plan) { p.ready = map[string]error{"database": nil, "redis": errFailing} })
		var spec struct{ OpenAPI string }
		h.ask("GET", "/api/openapi.json").is(200).read(&spec)
		if spec.OpenAPI != "3.1.0" {
			h.t.Errorf("the document is of version %q", spec.OpenAPI)
		}
		if to := h.ask("GET", "/api/docs").is(308).header.Get("Location"); to != "/api/docs/" {
			h.t.Errorf("the page stands at %q", to)
		}
	}},
	{"subdistricts and services", func(h *house) {
		var out struct{ Items []struct{ Code, Name string } }
		h.ask("GET", "/api/v1/subdistricts").is(200).read(&out)
		if len(out.Items) != 13 {
			h.t.Errorf("%d subdistricts, want 13", len(out.Items))
		}
		h.ask("GET", "/api/v1/services").is(200).read(&out)
		if len(out.Items) != 3 || out.Items[0] != (struct{ Code, Name string }{"care-morning", "托育照护（上午）"}) {
			h.t.Errorf("services: %+v", out.Items)
		}
	}},
	{"the nearest sites", func(h *house) { apart(h, nearestSites) }},
	{"a search that is wrong", func(h *house) {
		for _, near := range []string{"31.19", "31.19,", ",121.4", "a,b", "91,121", "-91,121", "31,181", "31,-181", "NaN,NaN", "Inf,1", "31,121,5", "31;121", "0x1p9,1", "1e400,1",
			"31.1900000000000000000000000000,121.4", "31.19,121.43 and more and more and more and more and more and more"} {
			h.refuses(422, "coordinates_invalid", "GET", "/api/v1/sites?near="+url.QueryEscape(near)).names("query.near")
		}
		h.refuses(422, "invalid_request", "GET", "/api/v1/sites?coord=bd09").names("query.coord")
		for _, limit := range []string{"0", "101", "-1", "x", "1.5", "99999999999999999999", "0x10", "%20"} {
			h.refuses(422, "limit_out_of_range", "GET", "/api/v1/sites?limit="+limit).names("query.limit")
		}
		for _, day := range []string{"2026-02-30", "20260101", "x", "2026-1-1", "2026-01-01T00:00:00Z"} {
			h.refuses(422, "date_invalid", "GET", "/api/v1/sites?date="+day).names("query.date")
		}
		for _, ahead := range []int{-32, 93, 400000} {
			h.refuses(422, "date_out_of_range", "GET", "/api/v1/sites?date="+h.world.Day(ahead).String())
		}
		h.refuses(422, "date_out_of_range", "GET", "/api/v1/sites?date=0000-01-01")
		h.refuses(404, "service_not_found", "GET", "/api/v1/sites?service=none")
		h.refuses(404, "subdistrict_not_found", "GET", "/api/v1/sites?subdistrict=310104999")
		h.refuses(422, "invalid_request", "GET", "/api/v1/sites?subdistrict=3101040170").names("query.subdistrict")
		h.ask("GET", "/api/v1/sites?limit=&near=&date=&coord=&service=&subdistrict=").is(200)
	}},
	{"one site and its slots", func(h *house) {
		site := h.world.Site.ID
		var detail struct {
			Name, Phone string
			Open        bool
			Carers      []struct{ Certificates []struct{ Kind string } }
			Services    []struct {
				Code   string
				MinAge int `json:"min_age_months"`
				MaxAge int `json:"max_age_months"`
			}
		}
		h.ask("GET", "/api/v1/sites/"+site).is(200).read(&detail)
		if detail.Name != "示例宝宝屋" || !detail.Open || len(detail.Carers) != 1 || len(detail.Carers[0].Certificates) != 1 {
			h.t.Errorf("the site: %+v", detail)
		}
		if len(detail.Services) != 1 || detail.Services[0].Code != "care-morning" || detail.Services[0].MinAge != 12 || detail.Services[0].MaxAge != 36 {
			h.t.Errorf("its services: %+v", detail.Services)
		}
		slot := h.world.AddSlot(6, 5)
		var slots struct{ Items []struct{ ID, State string } }
		h.ask("GET", "/api/v1/sites/"+site+"/slots?from="+h.world.Day(6).String()+"&to="+h.world.Day(6).String()).is(200).read(&slots)
		if !slices.ContainsFunc(slots.Items, func(s struct{ ID, State string }) bool { return s.ID == slot.ID && s.State == "open" }) {
			h.t.Errorf("its slots: %+v", slots.Items)
		}
		h.ask("GET", "/api/v1/sites/"+site+"/slots").is(200)
		h.ask("GET", "/api/v1/slots/"+slot.ID).is(200)
		h.refuses(404, "site_not_found", "GET", "/api/v1/sites/none")
		h.refuses(404, "site_not_found", "GET", "/api/v1/sites/none/slots")
		h.refuses(404, "slot_not_found", "GET", "/api/v1/slots/none")
		h.refuses(404, "slot_not_found", "GET", "/api/v1/slots/"+url.PathEscape("' OR 1=1 -- "))
		draft := h.world.AddSlot(7, 5, func(s *model.Slot) { s.Status = model.SlotDraft })
		h.refuses(404, "slot_not_found", "GET", "/api/v1/slots/"+draft.ID)
	}},
	{"slots of days that make no range", func(h *house) {
		slots := "/api/v1/sites/" + h.world.Site.ID + "/slots"
		day := func(ahead int) string { return h.world.Day(ahead).String() }
		h.refuses(422, "date_invalid", "GET", slots+"?from=x").names("query.from")
		h.refuses(422, "date_invalid", "GET", slots+"?to=2026-13-01").names("query.to")
		h.refuses(422, "date_out_of_range", "GET", slots+"?from="+day(2)+"&to="+day(1))
		h.refuses(422, "date_out_of_range", "GET", slots+"?from="+day(0)+"&to="+day(31))
		h.refuses(422, "date_out_of_range", "GET", slots+"?from="+day(93))
		h.refuses(422, "date_out_of_range", "GET", slots+"?to=9999-12-31")
		h.ask("GET", slots+"?from="+day(0)+"&to="+day(30)).is(200)
	}},
	{"a slot in every state", func(h *house) {
		h.world.AddSlot(3, 1)
		states := map[string]model.Slot{
			"open": h.world.AddSlot(3, 1), "full": h.world.AddSlot(3, 0),
			"closed":    h.world.AddSlot(3, 1, func(s *model.Slot) { s.Status = model.SlotClosed }),
			"cancelled": h.world.AddSlot(3, 1, func(s *model.Slot) { s.Status, s.CancelReason = model.SlotCancelled, "停水" }),
			"upcoming":  h.world.AddSlot(20, 1),
			"cut_off":   h.world.AddSlot(0, 1, h.startingIn(time.Hour, 2*time.Hour)),
			"done":      h.world.AddSlot(0, 1, h.startingIn(-2*time.Hour, 0)),
		}
		for want, slot := range states {
			var seen struct{ State string }
			h.ask("GET", "/api/v1/slots/"+slot.ID).is(200).read(&seen)
			if seen.State != want {
				h.t.Errorf("a slot is %s, want %s", seen.State, want)
			}
		}
	}},
}

func nearestSites(h *house) {
	far, _ := h.world.AddSite("310104013", "甲屋", model.Point{Latitude: 31.25, Longitude: 121.45})
	h.world.AddSlot(3, 4)
	h.world.AddSlot(4, 0)
	search := func(query string) (out nearby) {
		h.t.Helper()
		h.ask("GET", "/api/v1/sites"+query).is(200).read(&out)
		return out
	}
	near := search("?near=31.1699,121.4035")
	if len(near.Items) != 2 || near.Items[0].ID != h.world.Site.ID || *near.Items[0].Distance != 0 || *near.Items[1].Distance < 9000 {
		h.t.Fatalf("the nearest: %+v", near.Items)
	}
	if days := near.Items[0].OpenDays; len(days) != 1 || days[0].Date != h.world.Day(3).String() || days[0].Places != 4 {
		h.t.Errorf("its open days: %+v", days)
	}
	if unknown := search(""); unknown.Items[0].ID != far.ID || unknown.Items[0].Distance != nil {
		h.t.Errorf("without a place, by name and without distance: %+v", unknown.Items)
	}
	if mine := search("?near=31.1699,121.4035&subdistrict=310104013"); mine.Items[0].ID != far.ID {
		h.t.Errorf("the own subdistrict first: %+v", mine.Items)
	}
	// A GPS receiver's reading means another place on the Chinese map, some hundred metres off.
	if gps := search("?coord=wgs84&near=31.1699,121.4035"); *gps.Items[0].Distance < 300 || *gps.Items[0].Distance > 700 {
		h.t.Errorf("as WGS-84: %d metres", *gps.Items[0].Distance)
	}
	if same := search("?coord=gcj02&near=31.1699,121.4035"); *same.Items[0].Distance != 0 {
		h.t.Errorf("as GCJ-02: %d metres", *same.Items[0].Distance)
	}
	if one := search("?limit=1"); len(one.Items) != 1 {
		h.t.Errorf("limit=1 gave %d", len(one.Items))
	}
	if none := search("?near=31.1699,121.4035&service=care-afternoon"); len(none.Items[0].OpenDays) != 0 {
		h.t.Errorf("places of another service: %+v", none.Items)
	}
	if none := search("?near=31.1699,121.4035&date=" + h.world.Day(4).String()); len(none.Items[0].OpenDays) != 0 {
		h.t.Errorf("places on a full day: %+v", none.Items)
	}
	for i := range 25 {
		h.world.AddSite("310104013", "又一屋"+string(rune('a'+i)), model.Point{Latitude: 31.2, Longitude: 121.4})
	}
	h.clock.pass(time.Minute) // the directory is read again
	if byDefault := search(""); len(byDefault.Items) != 20 {
		h.t.Errorf("without a limit %d sites, want 20", len(byDefault.Items))
	}
}
