package router_test

import (
	"context"
	"slices"
	"time"

	"jiamenkou/model"
)

var workScenarios = []scenario{
	{"a dead letter is looked at and tried again", func(h *house) {
		chief, id := h.staff(model.RoleAdministrator), h.deadLetter()
		var dead struct {
			Items []struct {
				ID, Kind  string
				Subject   string `json:"subject_id"`
				Attempts  int
				LastError string `json:"last_error"`
			}
		}
		h.ask("GET", "/console/api/v1/work/dead-letters", as(chief)).is(200).read(&dead)
		if d := dead.Items; len(d) != 1 || d[0].ID != id || d[0].Kind != "deliver" || d[0].Subject == "" || d[0].Attempts != 1 || d[0].LastError != "it fails" {
			h.t.Errorf("dead letters %+v", d)
		}
		if f := h.workFigure(chief, "deliver"); f.Dead != 1 {
			h.t.Errorf("figures %+v", f)
		}
		owed := h.workFigure(chief, "deliver").Owed // messages of other people
		h.ask("POST", "/console/api/v1/work/"+id+"/retry", as(chief), body(`{"reason":"微信已恢复"}`)).is(204)
		h.ask("POST", "/console/api/v1/work/"+id+"/retry", as(chief), body(`{"reason":"微信已恢复"}`)).is(204)
		if f := h.workFigure(chief, "deliver"); f.Dead != 0 || f.Owed != owed+1 || f.Due != owed+1 {
			h.t.Errorf("figures after retrying %+v", f)
		}
		told := h.column("SELECT CONCAT_WS('|', from_state, to_state, actor, actor_id, reason) FROM events WHERE subject_id = ? ORDER BY id", id)
		if want := "dead|owed|staff|" + chief.id + "|微信已恢复"; !slices.Equal(told, []string{want}) {
			h.t.Errorf("events %v, want one, %s", told, want)
		}
		h.exec("DELETE FROM owed_work WHERE id = ?", id) // done
		h.refuses(404, "work_not_found", "POST", "/console/api/v1/work/"+id+"/retry", as(chief), body(`{"reason":"微信已恢复"}`))
		h.refuses(422, "invalid_request", "POST", "/console/api/v1/work/"+id+"/retry", as(chief), body(`{"reason":""}`))
		h.refuses(422, "limit_out_of_range", "GET", "/console/api/v1/work/dead-letters?limit=101", as(chief))
	}},
	{"dead letters come in pages", func(h *house) {
		apart(h, func(h *house) {
			chief := h.staff(model.RoleAdministrator)
			want := []string{h.deadLetter(), h.deadLetter(), h.deadLetter()}
			slices.Reverse(want)
			var got []string
			for after := ""; ; after = got[len(got)-1] {
				var page struct{ Items []struct{ ID string } }
				h.ask("GET", "/console/api/v1/work/dead-letters?limit=1&after="+after, as(chief)).is(200).read(&page)
				if len(page.Items) == 0 {
					break
				}
				got = append(got, page.Items[0].ID)
			}
			if !slices.Equal(got, want) {
				h.t.Errorf("pages %v, want %v", got, want)
			}
		})
	}},
	{"owed work is for administrators of the whole district", func(h *house) {
		id := h.deadLetter()
		for _, p := range []*person{
			h.keeper(), h.staff(model.RoleAuditor), h.staff(model.RoleAdministrator, "subdistrict", h.world.Site.SubdistrictCode),
			h.staff(model.RoleAdministrator, "site", h.world.Site.ID),
		} {
			h.refuses(403, "not_permitted", "GET", "/console/api/v1/work", as(p))
			h.refuses(403, "not_permitted", "GET", "/console/api/v1/work/dead-letters", as(p))
			h.refuses(403, "not_permitted", "GET", "/console/api/v1/audit", as(p))
			h.refuses(403, "not_permitted", "POST", "/console/api/v1/work/"+id+"/retry", as(p), body(`{"reason":"试试"}`))
		}
		if h.column("SELECT status FROM owed_work WHERE id = ?", id)[0] != "dead" {
			h.t.Error("somebody without the permission revived it")
		}
		h.exec("DELETE FROM owed_work WHERE id = ?", id)
	}},
	{"what the last audit found", func(h *house) {
		apart(h, func(h *house) {
			chief := h.staff(model.RoleAdministrator)
			var found struct {
				EndedAt *time.Time `json:"ended_at"`
				Drifts  []struct {
					Rule   string
					Drifts int
				}
				Items []struct {
					Rule    string
					Subject string `json:"subject_id"`
				}
			}
			h.ask("GET", "/console/api/v1/audit", as(chief)).is(200).read(&found)
			if found.EndedAt != nil || len(found.Drifts) != 0 {
				h.t.Errorf("before the first run: %+v", found)
			}
			slot := h.world.AddSlot(3, 5)
			h.exec("UPDATE slots SET booked = 1 WHERE id = ?", slot.ID)
			h.audit()
			h.ask("GET", "/console/api/v1/audit?limit=10", as(chief)).is(200).read(&found)
			if found.EndedAt == nil || len(found.Drifts) != 1 || found.Drifts[0].Drifts != 1 || len(found.Items) != 1 ||
				found.Items[0].Subject != slot.ID || found.Items[0].Rule != found.Drifts[0].Rule {
				h.t.Errorf("the audit says %+v", found)
			}
			if h.column("SELECT booked FROM slots WHERE id = ?", slot.ID)[0] != "1" {
				h.t.Error("the audit has mended something")
			}
			h.exec("UPDATE slots SET booked = 0 WHERE id = ?", slot.ID)
		})
	}},
}

// deadLetter is a message that could not be delivered.
func (h *house) deadLetter() string {
	h.t.Helper()
	ctx, now := context.Background(), h.clock.Now()
	h.must(h.store.InTx(ctx, func(tx *model.Store) error {
		return tx.Owe(ctx, model.Owed(model.WorkDeliver, h.store.NewID(), now, now))
	}))
	w := h.leased(model.LaneMessages)
	h.must(h.store.FailWork(ctx, w, model.WorkDead, now, "it fails", now))
	return w.ID
}

func (h *house) leased(lane model.Lane) model.Work {
	h.t.Helper()
	taken, err := h.store.LeaseWork(context.Background(), lane, h.clock.Now(), time.Minute, 1)
	h.must(err)
	if len(taken) != 1 {
		h.t.Fatalf("leased %v", taken)
	}
	return taken[0]
}

// audit is what the night does.
func (h *house) audit() {
	h.t.Helper()
	ctx, now := context.Background(), h.clock.Now()
	h.must(h.store.EnsureRecurring(ctx, model.WorkAudit, 24*time.Hour, now, now))
	h.must(h.api.Work.Audit(ctx, h.leased(model.LaneNight)))
}

type figureOfWork struct {
	Kind            string
	Owed, Due, Dead int
}

func (h *house) workFigure(p *person, kind string) figureOfWork {
	h.t.Helper()
	var out struct{ Items []figureOfWork }
	h.ask("GET", "/console/api/v1/work", as(p)).is(200).read(&out)
	for _, f := range out.Items {
		if f.Kind == kind {
			return f
		}
	}
	return figureOfWork{}
}
