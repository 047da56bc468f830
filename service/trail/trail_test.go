package trail_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"jiamenkou/model"
	"jiamenkou/model/modeltest"
	"jiamenkou/service/trail"
)

func open(store *model.Store) *trail.Service {
	return &trail.Service{Store: store, Now: modeltest.Now, Keep: model.TrailKeep}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// write leaves n requests behind, begun and ended, and links them.
func write(t *testing.T, s *trail.Service, n int) {
	t.Helper()
	ctx := context.Background()
	for i := range n {
		r, err := s.Begin(ctx, model.TrailRecord{RequestID: s.Store.NewID(), Hand: model.HandNobody, Operation: fmt.Sprintf("operation-%d", i), Device: "示例浏览器"})
		must(t, err)
		r.Status = 200
		must(t, s.End(ctx, r))
	}
	must(t, s.Link(ctx))
}

func verify(t *testing.T, s *trail.Service, noted trail.Noted) trail.Verdict {
	t.Helper()
	v, err := s.Verify(context.Background(), noted)
	must(t, err)
	return v
}

// Whoever changes the chain past the program is found out at the first record that does not fit.
func TestWhatIsTamperedWithIsNamed(t *testing.T) {
	for name, c := range map[string]struct {
		tamper []string
		at     int64
		why    model.TrailWrong
	}{
		"changed":                 {[]string{"UPDATE trail_records SET staff_name = '别人' WHERE seq = 4"}, 4, model.TrailChanged},
		"moved in time":           {[]string{"UPDATE trail_records SET happened_at = '2020-01-01 00:00:00.000' WHERE seq = 4"}, 4, model.TrailChanged},
		"removed from the middle": {[]string{"DELETE FROM trail_records WHERE seq = 4"}, 4, model.TrailMissing},
		"removed and closed up": {[]string{
			"DELETE FROM trail_records WHERE seq = 4", "UPDATE trail_records SET seq = 4 WHERE seq = 5",
		}, 4, model.TrailChanged},
		"removed at the beginning": {[]string{"DELETE FROM trail_records WHERE seq = 1"}, 1, model.TrailMissing},
		"removed at the end":       {[]string{"DELETE FROM trail_records WHERE seq > 7"}, 8, model.TrailMissing},
		"removed altogether":       {[]string{"DELETE FROM trail_records"}, 1, model.TrailMissing},
		"put in another order": {[]string{
			"UPDATE trail_records SET seq = 99 WHERE seq = 4", "UPDATE trail_records SET seq = 4 WHERE seq = 5",
			"UPDATE trail_records SET seq = 5 WHERE seq = 99",
		}, 4, model.TrailChanged},
		"slipped in between": {[]string{
			"UPDATE trail_records SET seq = seq + 1000 WHERE seq >= 4", "UPDATE trail_records SET seq = seq - 999 WHERE seq > 1000",
			"UPDATE trail_records SET seq = 4, hash = 'x' WHERE seq IS NULL", "UPDATE trail_chains SET head_seq = 11",
		}, 4, model.TrailChanged},
		"slipped in behind":       {[]string{"UPDATE trail_records SET seq = 11, hash = 'x' WHERE seq IS NULL"}, 11, model.TrailForeign},
		"taken out of the chain":  {[]string{"UPDATE trail_records SET seq = NULL, hash = '' WHERE seq = 4"}, 4, model.TrailMissing},
		"the head set back":       {[]string{"UPDATE trail_chains SET head_seq = 8, head_hash = (SELECT hash FROM trail_records WHERE seq = 8)"}, 9, model.TrailForeign},
		"the head's hash changed": {[]string{"UPDATE trail_chains SET head_hash = 'x'"}, 10, model.TrailHead},
		"the anchor moved on":     {[]string{"UPDATE trail_chains SET anchor_seq = 2, anchor_hash = (SELECT hash FROM trail_records WHERE seq = 2)"}, 1, model.TrailForeign},
	} {
		t.Run(name, func(t *testing.T) {
			modeltest.OnBothFounded(t, modeltest.Now(), func(t *testing.T, d *modeltest.Database, store *model.Store) {
				s := open(store)
				write(t, s, 5)
				if v := verify(t, s, trail.Noted{}); v.Break != nil || v.Chain.HeadSeq != 10 || v.Loose != 0 {
					t.Fatalf("before: %+v %+v", v, v.Break)
				}
				_, err := s.Begin(context.Background(), model.TrailRecord{RequestID: store.NewID(), Hand: model.HandNobody})
				must(t, err)
				for _, statement := range c.tamper {
					d.Exec(t, statement)
				}
				if v := verify(t, s, trail.Noted{}); v.Break == nil || *v.Break != (model.TrailBreak{Seq: c.at, Why: c.why}) {
					t.Errorf("found %+v, want %d %s", v.Break, c.at, c.why)
				}
			})
		})
	}
}

// A chain written anew holds in itself; a head noted before tells.
func TestANotedHeadTellsAChainWrittenAnew(t *testing.T) {
	modeltest.OnBothFounded(t, modeltest.Now(), func(t *testing.T, d *modeltest.Database, store *model.Store) {
		s := open(store)
		write(t, s, 3)
		c := verify(t, s, trail.Noted{}).Chain
		noted := trail.Noted{Seq: c.HeadSeq, Hash: c.HeadHash}
		write(t, s, 2)
		if v := verify(t, s, noted); v.Break != nil {
			t.Errorf("a head of our own: %+v", v.Break)
		}
		d.Exec(t, "UPDATE trail_records SET seq = NULL, hash = ''")
		d.Exec(t, "UPDATE trail_records SET staff_name = '别人' WHERE operation = 'operation-0'")
		d.Exec(t, "UPDATE trail_chains SET head_seq = 0, head_hash = ''")
		must(t, s.Link(context.Background()))
		if v := verify(t, s, trail.Noted{}); v.Break != nil {
			t.Errorf("the chain by itself: %+v", v.Break)
		}
		if v := verify(t, s, noted); v.Break == nil || *v.Break != (model.TrailBreak{Seq: noted.Seq, Why: model.TrailNoted}) {
			t.Errorf("beside the noted head: %+v", v.Break)
		}
	})
}

// Writers and several linkers at once make one chain without gaps, with everything in it.
func TestWritersAndLinkersAtOnceMakeOneChain(t *testing.T) {
	store := modeltest.Open(t)
	s := &trail.Service{Store: store, Now: modeltest.Now, Keep: model.TrailKeep}
	const writers, each = 16, 20
	ctx, stop := context.WithCancel(context.Background())
	var linking, writing sync.WaitGroup
	for range 2 {
		linking.Go(func() {
			for ctx.Err() == nil {
				if err := s.Link(context.Background()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range writers {
		writing.Go(func() {
			for range each {
				r, err := s.Begin(context.Background(), model.TrailRecord{RequestID: store.NewID(), Hand: model.HandNobody})
				if err = errors.Join(err, s.End(context.Background(), r)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	writing.Wait()
	stop()
	linking.Wait()
	must(t, s.Link(context.Background()))
	if v := verify(t, s, trail.Noted{}); v.Break != nil || v.Loose != 0 || v.Chain.HeadSeq != writers*each*2 {
		t.Errorf("%+v %+v", v, v.Break)
	}
}

// What is old enough goes, from the old end; the chain holds from there on. Less than 180 days is refused.
func TestPurge(t *testing.T) {
	modeltest.OnBothFounded(t, modeltest.Now(), func(t *testing.T, d *modeltest.Database, store *model.Store) {
		s := open(store)
		at := modeltest.Now().Add(-model.TrailKeep - time.Hour)
		s.Now = func() time.Time { return at }
		write(t, s, 3)
		at = modeltest.Now().Add(-model.TrailKeep + time.Hour)
		write(t, s, 2)
		at = modeltest.Now()
		old := verify(t, s, trail.Noted{}).Chain
		s.Keep = model.TrailKeep - time.Second
		if _, err := s.Purge(context.Background()); !errors.Is(err, model.ErrTrailKept) {
			t.Errorf("less than 180 days: %v", err)
		}
		s.Keep = model.TrailKeep
		if n, err := s.Purge(context.Background()); n != 6 || err != nil {
			t.Errorf("%d purged, %v", n, err)
		}
		v := verify(t, s, trail.Noted{Seq: old.HeadSeq, Hash: old.HeadHash})
		if v.Break != nil || v.Chain.AnchorSeq != 6 || v.Chain.HeadSeq != 10 {
			t.Errorf("%+v %+v", v, v.Break)
		}
		write(t, s, 1)
		if v := verify(t, s, trail.Noted{}); v.Break != nil || v.Chain.HeadSeq != 12 {
			t.Errorf("%+v %+v", v, v.Break)
		}
		d.Exec(t, "DELETE FROM trail_records WHERE seq = 7")
		if v := verify(t, s, trail.Noted{}); v.Break == nil || v.Break.Seq != 7 {
			t.Errorf("behind the anchor: %+v", v.Break)
		}
	})
}

// A command leaves that it was begun and how it ended.
func TestACommandLeavesItsTrail(t *testing.T) {
	modeltest.OnBothFounded(t, modeltest.Now(), func(t *testing.T, d *modeltest.Database, store *model.Store) {
		s := open(store)
		err := s.Command(context.Background(), "staff-add", func() error {
			if d.Count(t, "SELECT COUNT(*) FROM trail_records WHERE part = 'begun' AND hand = 'command'") != 1 {
				t.Error("nothing is written before")
			}
			return model.ErrStaffNotFound
		})
		if !errors.Is(err, model.ErrStaffNotFound) {
			t.Error(err)
		}
		if d.Count(t, "SELECT COUNT(*) FROM trail_records WHERE part = 'ended' AND status = 1 AND code = 'staff_not_found'") != 1 {
			t.Error("the outcome is not written")
		}
	})
}
