package booking

import (
	"context"
	"strings"

	"jiamenkou/model"
)

// StaffDrawOf is DrawOf for staff: of the slots within their scope.
func (s *Service) StaffDrawOf(ctx context.Context, by model.OnDuty, slotID string) (SlotDraw, error) {
	if _, err := s.slotWithin(ctx, by, slotID); err != nil {
		return SlotDraw{}, err
	}
	return s.DrawOf(ctx, slotID)
}

// StaffDrawDocumentOf is DrawDocumentOf for staff: of the slots within their scope.
func (s *Service) StaffDrawDocumentOf(ctx context.Context, by model.OnDuty, slotID string) (model.DrawDocument, error) {
	if _, err := s.slotWithin(ctx, by, slotID); err != nil {
		return model.DrawDocument{}, err
	}
	return s.DrawDocumentOf(ctx, slotID)
}

// AnnounceSource says from where the public randomness of a draw will come, until applications end. An empty source takes
// back what was announced.
func (s *Service) AnnounceSource(ctx context.Context, by model.OnDuty, slotID, source string) (SlotDraw, error) {
	source = strings.TrimSpace(source)
	return s.changeDraw(ctx, by, slotID, func(tx *model.Store, slot model.Slot, d *model.Draw) error {
		if d.Source == source {
			return nil
		}
		if err := d.Announce(source, slot, s.Now()); err != nil {
			return err
		}
		return s.saveChanged(ctx, tx, *d, by, "随机数来源："+source)
	})
}

// EnterRandomness notes the randomness that was announced, and makes the draw due. The same again changes nothing.
func (s *Service) EnterRandomness(ctx context.Context, by model.OnDuty, slotID, randomness string) (SlotDraw, error) {
	randomness = strings.TrimSpace(randomness)
	return s.changeDraw(ctx, by, slotID, func(tx *model.Store, slot model.Slot, d *model.Draw) error {
		now := s.Now()
		entered, err := d.Enter(randomness, by.StaffID, now)
		if err != nil || !entered {
			return err
		}
		if err := s.saveChanged(ctx, tx, *d, by, "填写随机数"); err != nil {
			return err
		}
		return tx.Owe(ctx, model.Owed(model.WorkDraw, slot.ID, now, now))
	})
}

func (s *Service) saveChanged(ctx context.Context, tx *model.Store, d model.Draw, by model.OnDuty, reason string) error {
	if err := tx.SaveDraw(ctx, d, d.Status); err != nil {
		return err
	}
	return tx.AddEvents(ctx, d.Changed(d.Status, model.ActorStaff, by.StaffID, reason))
}

func (s *Service) changeDraw(ctx context.Context, by model.OnDuty, slotID string, change func(*model.Store, model.Slot, *model.Draw) error) (SlotDraw, error) {
	if _, err := s.StaffDrawOf(ctx, by, slotID); err != nil { // also makes it
		return SlotDraw{}, err
	}
	err := s.Store.InTx(ctx, func(tx *model.Store) error {
		slot, err := tx.LockSlot(ctx, slotID)
		if err != nil {
			return err
		}
		d, err := tx.FindDraw(ctx, slotID)
		if err != nil {
			return err
		}
		return change(tx, slot, &d)
	})
	if err != nil {
		return SlotDraw{}, err
	}
	return s.DrawOf(ctx, slotID)
}
