package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"jiamenkou/adapter/wechat"
	"jiamenkou/adapter/wechat/fake"
	"jiamenkou/conf"
	"jiamenkou/model"
	"jiamenkou/service/notice"
)

// conf may not import model, so the words stand in both.
func TestSettingsKnowTheMessages(t *testing.T) {
	var facts, kinds []string
	for _, fact := range model.MessageFacts {
		facts = append(facts, string(fact))
	}
	if !slices.Equal(facts, conf.MessageFacts) {
		t.Errorf("the settings know the facts %v, notices have %v", conf.MessageFacts, facts)
	}
	templates := conf.Defaults(conf.Development).Templates.ByKind()
	for _, kind := range model.MessageKinds {
		kinds = append(kinds, string(kind))
		if _, known := templates[string(kind)]; !known {
			t.Errorf("the settings have no template for %s", kind)
		}
	}
	if len(templates) != len(kinds) {
		t.Errorf("the settings have %d templates for %v", len(templates), kinds)
	}
}

func TestTemplatesAreThoseWithAnID(t *testing.T) {
	settings := conf.Defaults(conf.Development).Templates
	if got := chosenTemplates(settings, conf.WeChatLive); len(got) != 0 {
		t.Errorf("without an id: %v", got)
	}
	settings.Strike.ID = "示例"
	got := chosenTemplates(settings, conf.WeChatLive)
	if len(got) != 1 || got[model.NoticeStrike].TemplateID != "示例" || got[model.NoticeStrike].Fields[0] != (model.TemplateField{Type: "thing", Number: 1, Fact: model.FactSite}) {
		t.Errorf("with one: %v", got)
	}
	demo := chosenTemplates(settings, conf.WeChatDemo)
	if len(demo) != len(model.MessageKinds) || demo[model.NoticeStrike].TemplateID != "示例" || demo[model.NoticeBooked].TemplateID != "demo-booked" {
		t.Errorf("in the demo: %v", demo)
	}
}

// The adapter cuts, and model says to staff what is cut, so the types of fields stand in both; and of whatever the console
// offers for a field, WeChat takes what is left.
func TestFieldsTakeWhatIsSaid(t *testing.T) {
	long := strings.Repeat("字a1$", 40)
	for _, f := range model.FieldTypes {
		cut := len([]rune(wechat.Fit(f.Name+"1", long)))
		if counted := f.Name != "number" && f.Name != "amount"; counted && f.Most > 0 && cut != f.Most {
			t.Errorf("%s is cut to %d characters, staff are told %d", f.Name, cut, f.Most)
		}
	}
	if got := wechat.Fit("number1", strings.Repeat("1", 32)+".5"); len(got) != 32 {
		t.Errorf("a number keeps %d digits", len(got))
	}
	if got := wechat.Fit("amount1", strings.Repeat("1", 10)+".5"); len(got) != 10 {
		t.Errorf("an amount keeps %d digits", len(got))
	}
}

// What can be chosen on the console for each kind of message is taken by WeChat.
func TestChoicesAreTaken(t *testing.T) {
	server := fake.New(fake.Options{AppID: demoAppID, AppSecret: demoAppSecret, AlwaysConsents: true})
	listener := httptest.NewServer(server)
	t.Cleanup(func() { server.Close(); listener.Close() })
	client, err := wechat.New(wechat.Options{AppID: demoAppID, AppSecret: demoAppSecret, BaseURL: listener.URL, OnlyFake: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	s := notice.Service{Fit: wechat.Fit, Zone: time.FixedZone("Asia/Shanghai", 8*3600)}
	for _, kind := range model.MessageKinds {
		sample := model.SampleNotice(kind, s.Zone)
		for _, choice := range s.Choices(kind) {
			for _, line := range choice.Lines {
				if err := client.Send(t.Context(), "o-demo", "demo-template", "", map[string]string{line.Name(): sample.Says(line.Fact)}); err != nil {
					t.Errorf("%s, %s in %s: %v", kind, line.Fact, line.Type, err)
				}
				if sent := server.Sent(); sent[len(sent)-1].Data[line.Name()] != line.Text {
					t.Errorf("%s, %s in %s: shown as %q, sent as %v", kind, line.Fact, line.Type, line.Text, sent[len(sent)-1].Data)
				}
			}
		}
	}
}

// Every kind of message of the demo is one that WeChat takes, also with the longest of values.
func TestDemoMessagesAreTaken(t *testing.T) {
	server := fake.New(fake.Options{AppID: demoAppID, AppSecret: demoAppSecret, AlwaysConsents: true})
	listener := httptest.NewServer(server)
	t.Cleanup(func() { server.Close(); listener.Close() })
	client, err := wechat.New(wechat.Options{AppID: demoAppID, AppSecret: demoAppSecret, BaseURL: listener.URL, OnlyFake: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	zone := time.FixedZone("Asia/Shanghai", 8*3600)
	start := time.Date(2026, 12, 31, 9, 0, 0, 0, zone)
	facts := model.SessionFacts("", start, start.Add(150*time.Minute), model.Spoken(start, zone)+"前可免费取消", zone)
	facts[model.FactSite], facts[model.FactUntil], facts[model.FactResult] = "示例街道第一居民区党群服务中心二楼示例宝宝屋", model.TimeFact(start, zone), "候补等待中"
	for kind, template := range chosenTemplates(conf.Defaults(conf.Development).Templates, conf.WeChatDemo) {
		shown := map[string]string{}
		for _, f := range template.Fields {
			shown[f.Name()] = facts[f.Fact]
		}
		if err := client.Send(t.Context(), "o-demo", template.TemplateID, template.Page, shown); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
	}
	for _, m := range server.Sent() {
		if m.Data["time2"] != "2026年12月31日 09:00~11:30" {
			t.Errorf("%s shows %v", m.Template, m.Data)
		}
	}
}

// Two servers of the demo: whoever agrees to messages and books gets one, and the log shows it, without the person.
func TestTheDemoSendsMessages(t *testing.T) {
	const people = 6
	s := newSite(t, "JMK_DEMO_SEED=false", "JMK_JOBS_POLL=50ms", "JMK_MESSAGES_QUIET_FROM=00:00", "JMK_MESSAGES_QUIET_UNTIL=00:00")
	pair, d := startTwo(s), s.raw()
	slot := newWorld(t, s.store(), nil).AddSlot(4, people).ID
	for i := range people {
		base := pair[i%2].base
		q := join(t, base, fmt.Sprintf("message%02d", i))
		agreed := map[string]any{"templates": []string{"demo-booked"}}
		if r, err := q.call(base, http.MethodPost, "/message-consents", "agree-0001", agreed); err != nil || r.status != http.StatusOK {
			t.Fatalf("agreeing: %v, %v", r, err)
		}
		if r, err := q.book(base, "book-0001", slot); err != nil || r.status != http.StatusCreated {
			t.Fatalf("booking: %v, %v", r, err)
		}
	}
	eventually(t, d, "messages are not sent", "SELECT COUNT(*) FROM message_deliveries WHERE status = 'sent'", func(n int) bool { return n == people })
	log := pair[0].log.String() + pair[1].log.String()
	if got := strings.Count(log, `"template":"demo-booked"`); got != people || !strings.Contains(log, `"thing1":"示例宝宝屋"`) {
		t.Errorf("the log shows %d messages, want %d", got, people)
	}
	if strings.Contains(log, fake.OpenID("message00")) {
		t.Error("the log names a person")
	}
	s.sound(s.store())
}
