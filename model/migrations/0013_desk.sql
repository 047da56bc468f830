-- +goose Up
-- Who may fetch a child besides the guardian. A removed one keeps its row, for the hand-over that names it, without the
-- person.
CREATE TABLE pickup_persons (
  id CHAR(26) NOT NULL PRIMARY KEY,
  child_id CHAR(26) NOT NULL,
  relation VARCHAR(16) NOT NULL,
  name_sealed VARBINARY(512),
  phone_sealed VARBINARY(512),
  status VARCHAR(16) NOT NULL,
  created_at DATETIME(3) NOT NULL,
  updated_at DATETIME(3) NOT NULL,
  CONSTRAINT pickup_persons_name_is_sealed CHECK (name_sealed IS NULL OR SUBSTR(HEX(name_sealed), 1, 2) = '01'),
  CONSTRAINT pickup_persons_phone_is_sealed CHECK (phone_sealed IS NULL OR SUBSTR(HEX(phone_sealed), 1, 2) = '01'),
  CONSTRAINT pickup_persons_removed_is_erased CHECK (status <> 'removed' OR (name_sealed IS NULL AND phone_sealed IS NULL))
);
CREATE INDEX pickup_persons_by_child ON pickup_persons (child_id, status);

-- That a child came and went, by which hands.
CREATE TABLE attendances (
  id CHAR(26) NOT NULL PRIMARY KEY,
  booking_id CHAR(26) NOT NULL,
  child_id CHAR(26) NOT NULL,
  checked_in_at DATETIME(3) NOT NULL,
  checked_in_by CHAR(26) NOT NULL,
  by_code BOOLEAN NOT NULL,
  temperature_sealed VARBINARY(512),
  remark_sealed VARBINARY(2048),
  ended_at DATETIME(3),
  ended_by VARCHAR(26) NOT NULL,
  ending VARCHAR(16) NOT NULL,
  pickup_person_id CHAR(26),
  CONSTRAINT attendances_temperature_is_sealed CHECK (temperature_sealed IS NULL OR SUBSTR(HEX(temperature_sealed), 1, 2) = '01'),
  CONSTRAINT attendances_remark_is_sealed CHECK (remark_sealed IS NULL OR SUBSTR(HEX(remark_sealed), 1, 2) = '01'),
  CONSTRAINT attendances_ending CHECK ((ended_at IS NULL AND ending = '') OR (ended_at IS NOT NULL AND ending <> '')),
  CONSTRAINT attendances_pickup_person CHECK ((ending = 'pickup_person') = (pickup_person_id IS NOT NULL))
);
CREATE UNIQUE INDEX attendances_once ON attendances (booking_id);
CREATE INDEX attendances_by_child ON attendances (child_id);

CREATE TABLE appeals (
  id CHAR(26) NOT NULL PRIMARY KEY,
  mark_id CHAR(26) NOT NULL,
  child_id CHAR(26) NOT NULL,
  resident_id CHAR(26) NOT NULL,
  booking_id CHAR(26) NOT NULL,
  site_id CHAR(26) NOT NULL,
  reason VARCHAR(24) NOT NULL,
  note_sealed VARBINARY(2048),
  status VARCHAR(16) NOT NULL,
  answer VARCHAR(200) NOT NULL,
  answered_by VARCHAR(26) NOT NULL,
  answered_at DATETIME(3),
  created_at DATETIME(3) NOT NULL,
  CONSTRAINT appeals_note_is_sealed CHECK (note_sealed IS NULL OR SUBSTR(HEX(note_sealed), 1, 2) = '01'),
  CONSTRAINT appeals_answered CHECK ((status = 'open') = (answered_at IS NULL))
);
CREATE UNIQUE INDEX appeals_once ON appeals (mark_id);
CREATE INDEX appeals_by_status ON appeals (status, site_id, id);
CREATE INDEX appeals_by_child ON appeals (child_id);

CREATE INDEX slots_by_status ON slots (status, end_at);
