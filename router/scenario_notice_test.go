package router_test

type inbox struct {
	Items  []struct{ ID, Kind string }
	Unread int
}

type messageConsents struct {
	Items []struct {
		Kind      string
		Template  string `json:"template_id"`
		Remaining int
	}
}

var noticeScenarios = []scenario{
	{"an inbox is counted, and read at once", func(h *house) {
		p, child := h.family()
		for day := range 3 {
			p.book(h.world.AddSlot(2+day, 5).ID, child)
		}
		var in inbox
		h.ask("GET", "/api/v1/notices?limit=2", as(p)).is(200).read(&in)
		if len(in.Items) != 2 || in.Unread != 3 {
			h.t.Fatalf("three notices: %+v", in)
		}
		h.ask("PUT", "/api/v1/notices/"+in.Items[1].ID+"/reading", as(p)).is(204)
		h.ask("GET", "/api/v1/notices", as(p)).is(200).read(&in)
		if in.Unread != 2 {
			h.t.Errorf("after one was read: %+v", in)
		}
		h.ask("PUT", "/api/v1/notices/reading?newest="+in.Items[1].ID, as(p)).is(204)
		h.ask("GET", "/api/v1/notices", as(p)).is(200).read(&in)
		if in.Unread != 1 {
			h.t.Errorf("after all but the newest were read: %+v", in)
		}
		h.ask("PUT", "/api/v1/notices/reading", as(h.person())).is(204)
		h.ask("GET", "/api/v1/notices", as(p)).is(200).read(&in)
		if in.Unread != 1 {
			h.t.Errorf("a stranger read them: %+v", in)
		}
		h.ask("PUT", "/api/v1/notices/reading", as(p)).is(204)
		h.ask("GET", "/api/v1/notices", as(p)).is(200).read(&in)
		if in.Unread != 0 {
			h.t.Errorf("after all were read: %+v", in)
		}
	}},
	{"agreeing to messages", func(h *house) {
		p := h.person()
		var asked messageConsents
		h.ask("GET", "/api/v1/message-consents", as(p)).is(200).read(&asked)
		if len(asked.Items) != 2 || asked.Items[0].Kind != "booked" || asked.Items[0].Template != testTemplate || asked.Items[0].Remaining != 0 {
			h.t.Fatalf("a newcomer is asked %+v", asked)
		}
		key := h.key()
		for range 2 {
			h.ask("POST", "/api/v1/message-consents", as(p), key, body(`{"templates":[%q]}`, testTemplate)).is(200).read(&asked)
			if asked.Items[0].Remaining != 1 || asked.Items[1].Remaining != 1 {
				h.t.Errorf("agreed once: %+v", asked)
			}
		}
		h.ask("POST", "/api/v1/message-consents", as(p), h.key(), body(`{"templates":[%q]}`, testTemplate)).is(200).read(&asked)
		if asked.Items[0].Remaining != 2 {
			h.t.Errorf("agreed twice: %+v", asked)
		}
		h.refuses(422, "message_template_unknown", "POST", "/api/v1/message-consents", as(p), h.key(), body(`{"templates":["none"]}`))
		h.refuses(422, "message_template_unknown", "POST", "/api/v1/message-consents", as(p), h.key(), body(`{"templates":[%q,"none"]}`, testTemplate))
		h.refuses(422, "invalid_request", "POST", "/api/v1/message-consents", as(p), h.key(), body(`{"templates":[]}`)).names("body.templates")
		h.refuses(422, "invalid_request", "POST", "/api/v1/message-consents", as(p), h.key(), body(`{"templates":[%q,%[1]q]}`, testTemplate)).names("body.templates")
		h.refuses(400, "idempotency_key_missing", "POST", "/api/v1/message-consents", as(p), body(`{"templates":[%q]}`, testTemplate))
		var export struct {
			Agreed []struct{ Remaining int } `json:"message_consents"`
		}
		h.ask("GET", "/api/v1/me/export", as(p)).is(200).read(&export)
		if len(export.Agreed) != 1 || export.Agreed[0].Remaining != 2 {
			h.t.Errorf("exported %+v", export)
		}
		h.ask("POST", "/api/v1/me/closure", as(p), body(`{"confirm":true}`)).is(204)
		if left := h.column("SELECT COUNT(*) FROM message_consents WHERE resident_id = ?", p.id); left[0] != "0" {
			h.t.Error("a consent outlives the account")
		}
	}},
}
