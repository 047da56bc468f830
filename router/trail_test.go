package router_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"

	"jiamenkou/model"
)

// Every operation of the console that changes something, whoever tries it and however it ends, leaves a record of its
// beginning and of its outcome; one refused at the door leaves that.
func TestEveryChangingOperationLeavesItsTrail(t *testing.T) {
	h := newHouse(t)
	boss, auditor := h.staff(model.RoleAdministrator), h.staff(model.RoleAuditor)
	own := h.stage(h.world.Site, boss)
	tried := 0
	for _, op := range consoleOperations() {
		if op.method == http.MethodGet {
			continue
		}
		tried++
		t.Run(op.name, func(t *testing.T) {
			h.run(t, func(h *house) {
				m := matrix{h, op, own, own}
				one := h.staff(model.RoleAdministrator) // it may sign itself out
				from := []with{as(one)}
				if slices.Contains(openDoors, op.name) {
					from = nil
				}
				h.leaves(m.send(own, from...), "begun", "ended")
				if op.permission != "" && !slices.Contains(model.Allowed(model.RoleAuditor, false), op.permission) {
					h.leaves(m.send(own, as(auditor)), "refused")
				}
			})
		})
	}
	if tried < 50 {
		t.Errorf("only %d operations were tried", tried)
	}
}

// leaves looks for the parts that a request left in the trail.
func (h *house) leaves(a answer, parts ...string) {
	h.t.Helper()
	id := a.header.Get("X-Request-Id")
	got := h.column(`SELECT part FROM trail_records WHERE request_id = ? ORDER BY id`, id)
	if !slices.Equal(got, parts) {
		h.t.Errorf("%d %s left %v, want %v", a.status, a.code, got, parts)
		return
	}
	last := h.column(`SELECT CONCAT(status, ' ', code) FROM trail_records WHERE request_id = ? AND part = ?`, id, parts[len(parts)-1])[0]
	if want := fmt.Sprintf("%d %s", a.status, a.code); last != want {
		h.t.Errorf("the trail says %q of %q", last, want)
	}
}

// A try at somebody's account is known as one at theirs, and what lies at a site as fallen there.
func TestTheTrailKnowsWhoseAccountWasTried(t *testing.T) {
	h := newHouse(t)
	keeper := h.keeper()
	a := h.ask("POST", console+"/sessions", body(`{"login":%q,"password":"falsch falsch falsch"}`, keeper.staff.login))
	h.leaves(a, "begun", "ended")
	id := a.header.Get("X-Request-Id")
	if got := h.column(`SELECT staff_id FROM trail_records WHERE request_id = ? AND part = 'ended' AND hand = 'nobody'`, id); !slices.Equal(got, []string{keeper.id}) {
		t.Errorf("tried was %v", got)
	}
	slot := h.world.AddSlot(3, 10)
	a = h.ask("PUT", console+"/slots/"+slot.ID+"/capacity", as(keeper), h.key(), body(`{"capacity":5,"reason":"试"}`))
	id = a.header.Get("X-Request-Id")
	site := h.column(`SELECT CONCAT_WS(' ', staff_id, hand, subject, subject_id, site_id, subdistrict_code) FROM trail_records WHERE request_id = ? AND part = 'ended'`, id)
	if want := keeper.id + " staff slots " + slot.ID + " " + h.world.Site.ID + " " + h.world.Site.SubdistrictCode; !slices.Equal(site, []string{want}) {
		t.Errorf("the trail says %v, want %s", site, want)
	}
}
