package notice_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"jiamenkou/model"
	"jiamenkou/model/modeltest"
	"jiamenkou/service/notice"
)

func TestNoticesOfAResident(t *testing.T) {
	modeltest.OnBoth(t, func(t *testing.T, store *model.Store) {
		ctx, now := context.Background(), modeltest.Now()
		s := &notice.Service{Store: store, Now: func() time.Time { return now }}
		resident, stranger := store.NewID(), store.NewID()
		for _, title := range []string{"第一条", "第二条", "第三条"} {
			tell(t, store, resident, title)
		}
		tell(t, store, stranger, "别人的")

		inbox, err := s.InboxOf(ctx, resident, "", 2)
		newest := inbox.Notices
		if err != nil || inbox.Unread != 3 || len(newest) != 2 || newest[0].Title != "第三条" || newest[1].Title != "第二条" {
			t.Fatalf("listed %+v, %v", inbox, err)
		}
		inbox, err = s.InboxOf(ctx, resident, newest[1].ID, 2)
		rest := inbox.Notices
		if err != nil || len(rest) != 1 || rest[0].Title != "第一条" || rest[0].ReadAt != nil {
			t.Fatalf("then %+v, %v", rest, err)
		}
		if err := s.Read(ctx, stranger, rest[0].ID); !errors.Is(err, model.ErrNoticeNotFound) {
			t.Errorf("a stranger reads it: %v", err)
		}
		first := now
		for range 2 {
			if err := s.Read(ctx, resident, rest[0].ID); err != nil {
				t.Errorf("reading: %v", err)
			}
			now = now.Add(time.Hour)
		}
		inbox, err = s.InboxOf(ctx, resident, newest[1].ID, 2)
		if read := inbox.Notices[0].ReadAt; err != nil || inbox.Unread != 2 || read == nil || !read.Equal(first) {
			t.Errorf("read %+v, %v", inbox, err)
		}
		if err := s.ReadAll(ctx, resident, newest[1].ID); err != nil {
			t.Error(err)
		}
		if inbox, err = s.InboxOf(ctx, resident, "", 2); err != nil || inbox.Unread != 1 || inbox.Notices[0].ReadAt != nil {
			t.Errorf("all but the newest read: %+v, %v", inbox, err)
		}
	})
}

func tell(t *testing.T, store *model.Store, resident, title string) {
	t.Helper()
	err := store.AddNotices(context.Background(), model.Notice{
		ResidentID: resident, Kind: model.NoticeBooked, Title: title, SubjectID: resident, CreatedAt: modeltest.Now(),
	})
	if err != nil {
		t.Fatal(err)
	}
}
