package premises

import (
	"context"
	"strings"

	"jiamenkou/model"
)

// AddRoom adds a room to a site; its name is the answer to sending it twice.
func (s *Service) AddRoom(ctx context.Context, by model.OnDuty, siteID, name, note string) (room model.Room, err error) {
	if _, err := s.site(ctx, by, siteID); err != nil {
		return room, err
	}
	room = model.Room{SiteID: siteID, Name: strings.TrimSpace(name), Note: strings.TrimSpace(note), Status: model.RoomActive, Version: 1}
	if room.Name == "" {
		return room, model.ErrRoomUnnamed
	}
	err = s.Store.InTx(ctx, func(tx *model.Store) error {
		if _, err := tx.LockSite(ctx, siteID); err != nil {
			return err
		}
		room.ID, room.CreatedAt, room.UpdatedAt = tx.NewID(), s.Now(), s.Now()
		if err := tx.AddRoom(ctx, room); err != nil {
			return err
		}
		return tx.AddEvents(ctx, room.Changed("", by.StaffID, "", s.Now()))
	})
	return room, err
}

// ChangeRoom changes a room's name and note. Its plans and slots of today and later follow.
func (s *Service) ChangeRoom(ctx context.Context, by model.OnDuty, id string, seen int, name, note string) (model.Room, error) {
	if name = strings.TrimSpace(name); name == "" {
		return model.Room{}, model.ErrRoomUnnamed
	}
	return s.changeRoom(ctx, by, id, seen, func(tx *model.Store, room model.Room) (model.Room, string, error) {
		before, what := room.Name, "改备注"
		room.Name, room.Note = name, strings.TrimSpace(note)
		if before == name {
			return room, what, nil
		}
		return room, "原名" + before, tx.RenameRoom(ctx, room.SiteID, before, name, s.today(), s.Now())
	})
}

// RetireRoom takes a room out of use; one that plans or slots to come still need is ErrRoomInUse.
func (s *Service) RetireRoom(ctx context.Context, by model.OnDuty, id string, seen int) (model.Room, error) {
	return s.changeRoom(ctx, by, id, seen, func(tx *model.Store, room model.Room) (model.Room, string, error) {
		used, err := tx.RoomInUse(ctx, room.SiteID, room.Name, s.today(), s.Now())
		if err == nil && used {
			err = model.ErrRoomInUse
		}
		room.Status = model.RoomRetired
		return room, "", err
	})
}

// RestoreRoom lets plans use a room again.
func (s *Service) RestoreRoom(ctx context.Context, by model.OnDuty, id string, seen int) (model.Room, error) {
	return s.changeRoom(ctx, by, id, seen, func(_ *model.Store, room model.Room) (model.Room, string, error) {
		room.Status = model.RoomActive
		return room, "", nil
	})
}

// changeRoom does one thing to a room behind the lock on its site.
func (s *Service) changeRoom(ctx context.Context, by model.OnDuty, id string, seen int, do func(tx *model.Store, room model.Room) (model.Room, string, error)) (after model.Room, err error) {
	found, err := s.Store.FindRoom(ctx, id)
	if err != nil {
		return found, err
	}
	if err := s.within(ctx, by, found.SiteID, model.ErrRoomNotFound); err != nil {
		return model.Room{}, err
	}
	err = s.Store.InTx(ctx, func(tx *model.Store) error {
		if _, err := tx.LockSite(ctx, found.SiteID); err != nil {
			return err
		}
		before, err := tx.FindRoom(ctx, id) // as it is behind the lock
		if err != nil {
			return err
		}
		if before.Version != seen {
			return model.ErrChangedMeanwhile
		}
		what := ""
		if after, what, err = do(tx, before); err != nil {
			return err
		}
		after.UpdatedAt = s.Now()
		if err := tx.SaveRoom(ctx, after, seen); err != nil {
			return err
		}
		after.Version = seen + 1
		return tx.AddEvents(ctx, after.Changed(before.Status, by.StaffID, what, s.Now()))
	})
	return after, err
}
