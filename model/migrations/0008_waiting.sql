-- +goose Up
ALTER TABLE service_policies ADD COLUMN release_mode VARCHAR(16) NOT NULL DEFAULT 'first_come';
ALTER TABLE service_policies ADD COLUMN draw_minutes INT NOT NULL DEFAULT 4320 CHECK (draw_minutes >= 0);
ALTER TABLE service_policies ADD COLUMN offer_minutes INT NOT NULL DEFAULT 30 CHECK (offer_minutes > 0);
ALTER TABLE service_policies ADD COLUMN check_in_minutes INT NOT NULL DEFAULT 60 CHECK (check_in_minutes >= 0);
ALTER TABLE service_policies ADD COLUMN no_show_minutes INT NOT NULL DEFAULT 30 CHECK (no_show_minutes >= 0);
ALTER TABLE service_policies ADD COLUMN appeal_days INT NOT NULL DEFAULT 14 CHECK (appeal_days >= 0);

-- waiting is how many children wait for a place: as many of the free places are theirs, and not the public's.
-- waiting_turn is the last turn that was given out; turns are never given out twice.
ALTER TABLE slots ADD COLUMN release_mode VARCHAR(16) NOT NULL DEFAULT 'first_come';
ALTER TABLE slots ADD COLUMN draw_at DATETIME(3);
ALTER TABLE slots ADD COLUMN drawn_at DATETIME(3);
ALTER TABLE slots ADD COLUMN waiting INT NOT NULL DEFAULT 0 CHECK (waiting >= 0);
ALTER TABLE slots ADD COLUMN waiting_turn INT NOT NULL DEFAULT 0 CHECK (waiting_turn >= 0);
ALTER TABLE slots ADD COLUMN exception_id CHAR(26);

ALTER TABLE bookings ADD COLUMN moved_from CHAR(26);
CREATE INDEX bookings_by_status ON bookings (status, start_at);

CREATE TABLE waiting_entries (
  id CHAR(26) NOT NULL PRIMARY KEY,
  resident_id CHAR(26) NOT NULL,
  child_id CHAR(26) NOT NULL,
  slot_id CHAR(26) NOT NULL,
  site_id CHAR(26) NOT NULL,
  service_id CHAR(26) NOT NULL,
  policy_id CHAR(26) NOT NULL,
  policy_version INT NOT NULL,
  turn INT NOT NULL,
  accept_self_paid BOOLEAN NOT NULL,
  start_at DATETIME(3) NOT NULL,
  end_at DATETIME(3) NOT NULL,
  status VARCHAR(16) NOT NULL,
  offered_at DATETIME(3),
  offer_expires_at DATETIME(3),
  booking_id CHAR(26),
  created_at DATETIME(3) NOT NULL,
  updated_at DATETIME(3) NOT NULL,
  -- The slot while the child waits or is offered a place, else NULL.
  live_slot_id VARCHAR(26) GENERATED ALWAYS AS (CASE WHEN status IN ('waiting', 'offered') THEN RTRIM(slot_id) ELSE NULL END) STORED,
  CONSTRAINT waiting_entries_times CHECK (start_at < end_at),
  CONSTRAINT waiting_entries_offer CHECK (status <> 'offered' OR offer_expires_at IS NOT NULL),
  CONSTRAINT waiting_entries_accepted CHECK (status <> 'accepted' OR booking_id IS NOT NULL)
);
CREATE UNIQUE INDEX waiting_entries_one_live ON waiting_entries (child_id, live_slot_id);
CREATE UNIQUE INDEX waiting_entries_turn ON waiting_entries (slot_id, turn);
CREATE INDEX waiting_entries_by_slot ON waiting_entries (slot_id, status, turn);
CREATE INDEX waiting_entries_by_resident ON waiting_entries (resident_id, id);
CREATE INDEX waiting_entries_by_child ON waiting_entries (child_id, status);
