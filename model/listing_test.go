package model_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"jiamenkou/model"
	"jiamenkou/model/modeltest"
)

func TestListOpenPlaces(t *testing.T) {
	modeltest.OnBoth(t, func(t *testing.T, store *model.Store) {
		ctx, w := context.Background(), modeltest.NewWorld(t, store, plainBox{})
		afternoon := w.Services["care-afternoon"].ID
		near, far := w.Day(3), w.Day(4)
		add := func(ahead, capacity int, change ...func(*model.Slot)) { w.AddSlot(ahead, capacity, change...) }
		add(3, 10, func(s *model.Slot) { s.Booked, s.Held = 3, 2 })
		add(3, 4, func(s *model.Slot) { s.ServiceID = afternoon })
		add(3, 7, func(s *model.Slot) { s.Booked = 7 })
		add(3, 50, func(s *model.Slot) { s.Status = model.SlotDraft })
		add(3, 50, func(s *model.Slot) { s.Status = model.SlotClosed })
		add(3, 50, func(s *model.Slot) { s.Status = model.SlotCancelled })
		add(3, 50, func(s *model.Slot) { s.ReleaseAt = modeltest.Now().Add(time.Hour) })
		add(3, 50, func(s *model.Slot) { s.CutoffAt = modeltest.Now().Add(-time.Second) })
		add(4, 6, func(s *model.Slot) { s.Booked = 6 })
		add(5, 1)
		for _, c := range []struct {
			name     string
			from, to model.Date
			service  string
			want     []string
		}{
			{"all days", near, w.Day(9), "", []string{fmt.Sprintf("%v 9", near), fmt.Sprintf("%v 1", w.Day(5))}},
			{"one day", near, near, "", []string{fmt.Sprintf("%v 9", near)}},
			{"one service", near, far, afternoon, []string{fmt.Sprintf("%v 4", near)}},
			{"a full day has no row", far, far, "", nil},
			{"nothing planned", w.Day(8), w.Day(9), "", nil},
		} {
			rows, err := store.ListOpenPlaces(ctx, c.from, c.to, c.service, modeltest.Now())
			must(t, err)
			var got []string
			for _, r := range rows {
				if r.SiteID != w.Site.ID {
					t.Errorf("a stranger's site %s", r.SiteID)
				}
				got = append(got, fmt.Sprintf("%v %d", r.Date, r.Places))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%s: %v, want %v", c.name, got, c.want)
			}
		}
	})
}

// pagesOf reads a list page by page until one is short.
func pagesOf(t *testing.T, size int, page func(after string) ([]string, error)) (all []string) {
	t.Helper()
	for after := ""; ; {
		ids, err := page(after)
		must(t, err)
		if len(ids) > size {
			t.Fatalf("a page of %d", len(ids))
		}
		if all = append(all, ids...); len(ids) < size {
			return all
		}
		after = ids[len(ids)-1]
	}
}

func newestFirst(ids []string) []string {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	slices.Reverse(ids)
	return ids
}

func TestPagesOfBookings(t *testing.T) {
	modeltest.OnBoth(t, func(t *testing.T, store *model.Store) {
		ctx, w := context.Background(), modeltest.NewWorld(t, store, plainBox{})
		resident, child := w.Family()
		other := w.AddChild(resident, 20)
		stranger, strangers := w.Family()
		var mine, live, ofOther []string
		for i := range 7 {
			b := model.Booking{
				ID: store.NewID(), ResidentID: resident, ChildID: child, SlotID: store.NewID(), Payment: model.PaymentFree,
				StartAt: modeltest.Now(), EndAt: modeltest.Now().Add(time.Hour), FreeCancelUntil: modeltest.Now(),
				Status: model.BookingConfirmed, CreatedAt: modeltest.Now(), UpdatedAt: modeltest.Now(),
			}
			if i%3 == 0 {
				b.ChildID = other
				ofOther = append(ofOther, b.ID)
			}
			if i%2 == 0 {
				b.Status = model.BookingCancelled
			} else {
				live = append(live, b.ID)
			}
			mine = append(mine, b.ID)
			must(t, store.AddBooking(ctx, &b))
			b.ID, b.ResidentID, b.ChildID, b.SlotID = store.NewID(), stranger, strangers, store.NewID()
			must(t, store.AddBooking(ctx, &b))
		}
		for name, c := range map[string]struct {
			filter model.BookingFilter
			want   []string
		}{
			"all": {model.BookingFilter{}, mine}, "live": {model.BookingFilter{LiveAt: modeltest.Now()}, live},
			"of one child": {model.BookingFilter{ChildID: other}, ofOther}, "of someone else's": {model.BookingFilter{ChildID: strangers}, nil},
		} {
			got := pagesOf(t, 2, func(after string) (ids []string, err error) {
				list, err := store.ListBookingsOf(ctx, resident, c.filter, after, 2)
				for _, b := range list {
					ids = append(ids, b.ID)
				}
				return ids, err
			})
			if !slices.Equal(got, newestFirst(c.want)) {
				t.Errorf("%s: %v, want %v", name, got, newestFirst(c.want))
			}
		}
		_, err := store.FindBookingOf(ctx, stranger, mine[0])
		wantErr(t, err, model.ErrBookingNotFound)
	})
}

func TestPagesOfNotices(t *testing.T) {
	modeltest.OnBoth(t, func(t *testing.T, store *model.Store) {
		ctx := context.Background()
		resident, stranger, about := store.NewID(), store.NewID(), store.NewID()
		for i := range 5 {
			for _, who := range []string{resident, stranger} {
				must(t, store.AddNotices(ctx, model.Notice{ResidentID: who, Kind: model.NoticeBooked, Title: fmt.Sprint(i), SubjectID: about, CreatedAt: modeltest.Now()}))
			}
		}
		var titles []string
		pagesOf(t, 2, func(after string) (ids []string, err error) {
			list, err := store.ListNotices(ctx, resident, after, 2)
			for _, n := range list {
				ids, titles = append(ids, n.ID), append(titles, n.Title)
			}
			return ids, err
		})
		if want := []string{"4", "3", "2", "1", "0"}; !slices.Equal(titles, want) {
			t.Errorf("%v, want %v", titles, want)
		}
	})
}

func TestReadNotice(t *testing.T) {
	modeltest.OnBoth(t, func(t *testing.T, store *model.Store) {
		ctx, resident, first := context.Background(), store.NewID(), instant("2026-11-23T08:00:00.123Z")
		must(t, store.AddNotices(ctx, model.Notice{ResidentID: resident, Kind: model.NoticeBooked, SubjectID: resident, CreatedAt: first}))
		list, err := store.ListNotices(ctx, resident, "", 9)
		must(t, err)
		must(t, store.ReadNotice(ctx, resident, list[0].ID, first))
		must(t, store.ReadNotice(ctx, resident, list[0].ID, first.Add(time.Hour)))
		wantErr(t, store.ReadNotice(ctx, store.NewID(), list[0].ID, first), model.ErrNoticeNotFound)
		wantErr(t, store.ReadNotice(ctx, resident, store.NewID(), first), model.ErrNoticeNotFound)
		if list, err = store.ListNotices(ctx, resident, "", 9); err != nil || list[0].ReadAt == nil || !list[0].ReadAt.Equal(first) {
			t.Errorf("read at %v, %v", list[0].ReadAt, err)
		}
	})
}

func TestDocumentsInForce(t *testing.T) {
	modeltest.OnBothFounded(t, founded, func(t *testing.T, d *modeltest.Database, store *model.Store) {
		ctx, who := context.Background(), store.NewID()
		codes := func(documents []model.Document) (list []string) {
			for _, one := range documents {
				list = append(list, fmt.Sprintf("%s v%d", one.Code, one.Version))
			}
			return list
		}
		missing := func(now time.Time, purposes ...model.NeededFor) []string {
			list, err := store.ListMissingDocuments(ctx, who, now, purposes...)
			must(t, err)
			return codes(list)
		}
		inForce, err := store.ListCurrentDocuments(ctx, judged)
		must(t, err)
		if want := []string{"child-privacy v1", "health-notice v1", "pickup-agreement v1"}; !slices.Equal(codes(inForce), want) {
			t.Fatalf("in force are %v", codes(inForce))
		}
		for _, one := range inForce {
			must(t, store.AddConsent(ctx, model.Consent{ResidentID: who, DocumentID: one.ID, AgreedAt: judged}))
		}
		if got := missing(judged, model.NeededForChild, model.NeededForBooking); len(got) != 0 {
			t.Errorf("missing %v", got)
		}
		publish(t, d, store, "health-notice", 2, judged.Add(time.Hour))
		publish(t, d, store, "health-notice", 3, judged.Add(1000*time.Hour))
		if got := missing(judged.Add(time.Hour-time.Millisecond), model.NeededForBooking); len(got) != 0 {
			t.Errorf("missing before it is published: %v", got)
		}
		if got := missing(judged.Add(time.Hour), model.NeededForBooking); !slices.Equal(got, []string{"health-notice v2"}) {
			t.Errorf("missing at its publishing: %v", got)
		}
		if got := missing(judged.Add(time.Hour), model.NeededForChild); len(got) != 0 {
			t.Errorf("for another purpose: %v", got)
		}
	})
}

// publish writes a new version of a document that guardians must agree to before booking.
func publish(t *testing.T, d *modeltest.Database, store *model.Store, code string, version int, at time.Time) {
	t.Helper()
	d.Exec(t, "INSERT INTO documents (id, code, version, title, body, needed_for, published_at) VALUES (?, ?, ?, '新版', '正文', 'booking', ?)",
		store.NewID(), code, version, modeltest.Instant(at))
}

func TestConsentComesAndGoes(t *testing.T) {
	modeltest.OnBothFounded(t, founded, func(t *testing.T, d *modeltest.Database, store *model.Store) {
		ctx, who := context.Background(), store.NewID()
		documents, err := store.ListCurrentDocuments(ctx, judged)
		must(t, err)
		agree := func(at time.Time) error {
			return store.AddConsent(ctx, model.Consent{ResidentID: who, DocumentID: documents[0].ID, AgreedAt: at})
		}
		standing := func() (agreed time.Time, withdrawn bool) {
			list, err := store.ListConsentsOf(ctx, who)
			if err != nil || len(list) != 1 {
				t.Fatalf("%d consents, %v", len(list), err)
			}
			return list[0].AgreedAt, list[0].WithdrawnAt != nil
		}
		must(t, agree(judged))
		must(t, agree(judged.Add(time.Hour)))
		if at, withdrawn := standing(); !at.Equal(judged) || withdrawn {
			t.Errorf("agreeing twice: %v, withdrawn %v", at, withdrawn)
		}
		must(t, store.WithdrawConsent(ctx, who, documents[0].ID, judged.Add(2*time.Hour)))
		wantErr(t, store.WithdrawConsent(ctx, who, documents[0].ID, judged.Add(3*time.Hour)), model.ErrDocumentNotFound)
		if _, withdrawn := standing(); !withdrawn {
			t.Error("it still stands")
		}
		must(t, agree(judged.Add(4*time.Hour)))
		if at, withdrawn := standing(); !at.Equal(judged.Add(4*time.Hour)) || withdrawn {
			t.Errorf("agreeing anew: %v, withdrawn %v", at, withdrawn)
		}
	})
}

func TestDropExpiredAnswers(t *testing.T) {
	modeltest.OnBothFounded(t, founded, func(t *testing.T, d *modeltest.Database, store *model.Store) {
		ctx, owner := context.Background(), store.NewID()
		for i := range 5 {
			at := judged.Add(time.Duration(i) * time.Hour)
			r := model.Request{OwnerID: owner, Key: fmt.Sprintf("key-%05d", i), Operation: "test", Hash: "hash", At: at, Keep: 24 * time.Hour}
			_, err := model.Once(ctx, store, r, func(*model.Store) (int, error) { return i, nil })
			must(t, err)
		}
		for _, step := range []struct {
			now           time.Time
			limit         int
			dropped, left int
		}{
			{judged.Add(24*time.Hour - time.Millisecond), 10, 0, 5},
			{judged.Add(24 * time.Hour), 10, 1, 4}, // at the instant it expires
			{judged.Add(48 * time.Hour), 3, 3, 1},
			{judged.Add(48 * time.Hour), 3, 1, 0},
			{judged.Add(48 * time.Hour), 3, 0, 0},
		} {
			n, err := store.DropExpiredAnswers(ctx, step.now, step.limit)
			must(t, err)
			if left := d.Count(t, "SELECT COUNT(*) FROM idempotent_answers"); n != step.dropped || left != step.left {
				t.Errorf("at %v: dropped %d and left %d, want %d and %d", step.now, n, left, step.dropped, step.left)
			}
		}
	})
}

func TestOnce(t *testing.T) {
	modeltest.OnBoth(t, func(t *testing.T, store *model.Store) {
		ctx, runs := context.Background(), 0
		r := model.Request{OwnerID: store.NewID(), Key: "key-00001", Operation: "book", Hash: "one", At: modeltest.Now(), Keep: time.Hour}
		count := func(*model.Store) (int, error) { runs++; return runs, nil }
		_, err := model.Once(ctx, store, r, func(*model.Store) (int, error) { return 0, model.ErrSlotFull })
		wantErr(t, err, model.ErrSlotFull) // and is judged anew
		for range 3 {
			if answer, err := model.Once(ctx, store, r, count); err != nil || answer != 1 {
				t.Errorf("answered %d, %v", answer, err)
			}
		}
		if answer, err := model.Answered[int](ctx, store, r); err != nil || answer != 1 {
			t.Errorf("the stored answer is %d, %v", answer, err)
		}
		other := r
		other.Hash = "two"
		_, err = model.Once(ctx, store, other, count)
		wantErr(t, err, model.ErrKeyReused)
		other = r
		other.Operation = "cancel"
		_, err = model.Once(ctx, store, other, count)
		wantErr(t, err, model.ErrKeyReused)
		stranger := r
		stranger.OwnerID = store.NewID()
		if answer, err := model.Once(ctx, store, stranger, count); err != nil || answer != 2 {
			t.Errorf("someone else's key: %d, %v", answer, err)
		}
	})
}

// However many send one request at the same moment, it is carried out once; whoever is not answered is told to wait.
func TestOnceUnderConcurrency(t *testing.T) {
	store := modeltest.Open(t)
	ctx, subject := context.Background(), store.NewID()
	r := model.Request{OwnerID: store.NewID(), Key: "key-00001", Operation: "book", Hash: "one", At: modeltest.Now(), Keep: time.Hour}
	together(t, 32, func(int) error {
		answer, err := model.Once(ctx, store, r, func(tx *model.Store) (string, error) {
			return "done", tx.AddEvents(ctx, model.Event{Subject: "test", SubjectID: subject, CreatedAt: r.At})
		})
		if errors.Is(err, model.ErrStillRunning) || answer == "done" {
			return nil
		}
		return fmt.Errorf("answered %q: %w", answer, err)
	})
	if n := eventsOf(t, store, subject); n != 1 {
		t.Errorf("carried out %d times", n)
	}
}
