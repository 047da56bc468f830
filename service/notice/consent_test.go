package notice_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"jiamenkou/model"
)

func TestAgreeing(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		resident := h.w.AddResident()
		for range 2 { // the same key, the same answer
			got, err := h.Agree(ctx, resident, "agree-0001", []string{templateID, templateID})
			if err != nil || len(got) != 5 || got[0].Kind != model.NoticeBooked || got[0].Remaining != 1 {
				t.Fatalf("agreed: %+v, %v", got, err)
			}
		}
		if _, err := h.Agree(ctx, resident, "agree-0001", nil); !errors.Is(err, model.ErrKeyReused) {
			t.Errorf("the key for something else: %v", err)
		}
		if _, err := h.Agree(ctx, resident, "agree-0002", []string{templateID, "none"}); !errors.Is(err, model.ErrTemplateUnknown) {
			t.Errorf("an unknown template: %v", err)
		}
		_, err := h.Agree(ctx, resident, "agree-0003", []string{templateID})
		must(t, err)
		h.holds(resident, 2)
		other := h.w.AddResident()
		if got, err := h.QuestionsFor(ctx, other); err != nil || got[0].Remaining != 0 {
			t.Errorf("another resident has agreed to %+v, %v", got, err)
		}
	})
}

// One press of the button that is sent many times, while messages go out.
func TestAgreeingManyTimesAtOnce(t *testing.T) {
	h := onMariaDB(t)
	resident, _ := h.person(0)
	var all sync.WaitGroup
	for i := range 32 {
		all.Go(func() {
			_, err := h.Agree(context.Background(), resident, []string{"agree-0001", "agree-0002"}[i%2], []string{templateID})
			if err != nil && !errors.Is(err, model.ErrStillRunning) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	h.holds(resident, 2)
}

// Whoever has left agrees to nothing.
func TestAgreeingAfterLeaving(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		resident := h.w.AddResident()
		h.leave(resident)
		got, err := h.Agree(ctx, resident, "agree-0001", []string{templateID})
		if err != nil || got[0].Remaining != 0 {
			t.Errorf("agreed to %+v, %v", got, err)
		}
		if list, err := h.Store.ListMessageConsents(ctx, resident); err != nil || len(list) != 0 {
			t.Errorf("a consent of nobody: %+v, %v", list, err)
		}
	})
}
