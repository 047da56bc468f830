package notice_test

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"jiamenkou/adapter/seal/sealtest"
	"jiamenkou/adapter/wechat"
	"jiamenkou/adapter/wechat/fake"
	"jiamenkou/model"
	"jiamenkou/model/modeltest"
	"jiamenkou/service/booking"
	"jiamenkou/service/notice"
)

const templateID = "template-of-the-test"

// house is the service, people to tell things, and the fake WeChat that carries the messages.
type house struct {
	*notice.Service
	t       *testing.T
	d       *modeltest.Database
	w       *modeltest.World
	fake    *fake.Server
	booking *booking.Service
	at      atomic.Int64 // unix milliseconds: what the clock shows
}

// onBoth runs a test in a house on either engine.
func onBoth(t *testing.T, test func(t *testing.T, h *house)) {
	t.Helper()
	modeltest.OnBothFounded(t, modeltest.Now().AddDate(0, 0, -1), func(t *testing.T, d *modeltest.Database, store *model.Store) {
		test(t, open(t, d, store))
	})
}

// onMariaDB is a house for races, which SQLite hides.
func onMariaDB(t *testing.T) *house {
	t.Helper()
	d := modeltest.EmptyMariaDB(t)
	return open(t, d, d.Found(t, modeltest.Now().AddDate(0, 0, -1)))
}

// open puts a house together. Its clock stands at ten in the morning, tomorrow.
func open(t *testing.T, d *modeltest.Database, store *model.Store) *house {
	t.Helper()
	box := sealtest.NewBox(t)
	h := &house{t: t, d: d, w: modeltest.NewWorld(t, store, box)}
	h.clock(1, 10, 0)
	h.fake = fake.New(fake.Options{AppID: "wx-test", AppSecret: "secret-of-the-test"})
	server := httptest.NewServer(h.fake)
	t.Cleanup(func() { h.fake.Close(); server.Close() })
	client, err := wechat.New(wechat.Options{
		AppID: "wx-test", AppSecret: "secret-of-the-test", BaseURL: server.URL, OnlyFake: true, Timeout: 500 * time.Millisecond,
	})
	must(t, err)
	t.Cleanup(client.Close)
	log := slog.New(slog.DiscardHandler)
	template := model.Template{
		TemplateID: templateID, Page: "pages/bookings/one?id={id}",
		Fields: model.TemplateFields{{Type: "thing", Number: 1, Fact: model.FactSite}, {Type: "time", Number: 2, Fact: model.FactSession}, {Type: "thing", Number: 3, Fact: model.FactNote}},
	}
	offer := model.Template{TemplateID: templateID, Fields: model.TemplateFields{
		{Type: "thing", Number: 1, Fact: model.FactSite}, {Type: "time", Number: 2, Fact: model.FactStart}, {Type: "time", Number: 3, Fact: model.FactUntil},
	}}
	h.Service = &notice.Service{
		Store: store, Box: box, WeChat: client, Now: h.now, Zone: h.w.Zone, Log: log,
		Templates: notice.Templates{
			model.NoticeBooked: template, model.NoticeReminder: template, model.NoticeSiteCancelled: template, model.NoticeStrike: template,
			model.NoticePlaceOffered: offer,
		},
		Fit:       wechat.Fit,
		Messages:  model.MessageTimes{Quiet: model.QuietHours{From: 21*60 + 30, Until: 7*60 + 30}, StaleAfter: 48 * time.Hour},
		Reminders: model.ReminderTimes{Evening: 19 * 60, Soon: 2 * time.Hour},
		Limits:    notice.Limits{RetryAfter: 15 * time.Minute, KeepAnswers: 24 * time.Hour},
	}
	h.booking = &booking.Service{
		Store: store, Box: box, Now: h.now, Zone: h.w.Zone, Log: log,
		Limits: booking.Limits{LiveBookings: 20, KeepAnswers: 24 * time.Hour, SlotsAhead: 14, Waiting: 5, AtOnce: 5},
	}
	return h
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (h *house) now() time.Time { return time.UnixMilli(h.at.Load()).UTC() }

// clock sets the clock, so many days from today.
func (h *house) clock(day, hour, minute int) {
	h.at.Store(h.w.Day(day).At(hour, minute, h.w.Zone).UnixMilli())
}

func (h *house) pass(d time.Duration) { h.at.Add(d.Milliseconds()) }

// person is a resident with so many consents, here and at WeChat.
func (h *house) person(consents int) (resident, openID string) {
	h.t.Helper()
	ctx := context.Background()
	resident = h.w.AddResident()
	who, err := h.Store.FindResident(ctx, resident)
	must(h.t, err)
	openID, err = who.OpenIDSealed.Open(h.w.Box, "residents", "open_id_sealed", resident)
	must(h.t, err)
	h.fake.Consent(openID, templateID, consents)
	must(h.t, h.Store.InTx(ctx, func(tx *model.Store) error {
		for range consents {
			if err := tx.AddMessageConsent(ctx, resident, templateID, h.now()); err != nil {
				return err
			}
		}
		return nil
	}))
	return resident, openID
}

// tell writes a notice that stands on its own, and gives its id.
func (h *house) tell(resident string, change ...func(*model.Notice)) string {
	h.t.Helper()
	n := []model.Notice{{
		ResidentID: resident, Kind: model.NoticeSiteCancelled, Title: "示例通知", SubjectID: h.Store.NewID(), CreatedAt: h.now(),
		Facts: model.Facts{
			model.FactSiteID: h.w.Site.ID, model.FactNote: "示例说明",
			model.FactSession: model.SessionFact(h.now(), h.now().Add(time.Hour), h.w.Zone),
		},
	}}
	for _, c := range change {
		c(&n[0])
	}
	must(h.t, h.Store.InTx(context.Background(), func(tx *model.Store) error { return tx.AddNotices(context.Background(), n...) }))
	return n[0].ID
}

// leave closes an account, as far as it matters here.
func (h *house) leave(resident string) {
	h.t.Helper()
	ctx := context.Background()
	must(h.t, h.Store.InTx(ctx, func(tx *model.Store) error {
		who, err := tx.LockResident(ctx, resident)
		must(h.t, err)
		who.Erase(h.now())
		must(h.t, tx.DropMessageConsents(ctx, resident))
		return tx.SaveResident(ctx, who, model.ResidentActive)
	}))
}

const lease = time.Minute

// take takes at most so many messages that are due.
func (h *house) take(most int) []model.Work {
	h.t.Helper()
	work, err := h.Store.LeaseWork(context.Background(), model.LaneMessages, h.now(), lease, most)
	must(h.t, err)
	return work
}

// deliver takes the one message that is due and delivers it.
func (h *house) deliver() error {
	h.t.Helper()
	work := h.take(10)
	if len(work) != 1 {
		h.t.Fatalf("%d messages are due, want one", len(work))
	}
	return h.Deliver(context.Background(), work[0])
}

// stands fails the test unless the message about the notice came so far.
func (h *house) stands(id string, want model.DeliveryStatus) {
	h.t.Helper()
	d, err := h.Store.FindDelivery(context.Background(), id)
	must(h.t, err)
	if d.Status != want {
		h.t.Errorf("the message is %q (%s), want %q", d.Status, d.Reason, want)
	}
}

// holds fails the test unless the resident has so many consents left and none set aside.
func (h *house) holds(resident string, remaining int) {
	h.t.Helper()
	list, err := h.Store.ListMessageConsents(context.Background(), resident)
	must(h.t, err)
	if len(list) != 1 || list[0].Remaining != remaining || list[0].Reserved != 0 {
		h.t.Errorf("consents %+v, want %d left", list, remaining)
	}
	h.w.Sound()
}

// sent fails the test unless WeChat has delivered so many messages.
func (h *house) sent(want int) {
	h.t.Helper()
	if got := len(h.fake.Sent()); got != want {
		h.t.Errorf("WeChat delivered %d messages, want %d", got, want)
	}
}

// owed fails the test unless so many pieces of work of the status are owed about the record.
func (h *house) owed(subject string, status model.WorkStatus, want int) {
	h.t.Helper()
	if got := h.d.Count(h.t, "SELECT COUNT(*) FROM owed_work WHERE subject_id = ? AND status = ?", subject, string(status)); got != want {
		h.t.Errorf("%d pieces of work are %s, want %d", got, status, want)
	}
}

// send is a WeChat that does what a test tells it.
type send func(ctx context.Context, openID, templateID, page string, fields map[string]string) error

func (s send) Send(ctx context.Context, openID, templateID, page string, fields map[string]string) error {
	return s(ctx, openID, templateID, page, fields)
}
