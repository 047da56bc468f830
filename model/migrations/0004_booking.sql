-- +goose Up
CREATE TABLE slots (
  id CHAR(26) NOT NULL PRIMARY KEY,
  site_id CHAR(26) NOT NULL,
  service_id CHAR(26) NOT NULL,
  carer_id CHAR(26) NOT NULL,
  template_id CHAR(26),
  room VARCHAR(40) NOT NULL,
  date DATE NOT NULL,
  start_at DATETIME(3) NOT NULL,
  end_at DATETIME(3) NOT NULL,
  release_at DATETIME(3) NOT NULL,
  cutoff_at DATETIME(3) NOT NULL,
  capacity INT NOT NULL,
  booked INT NOT NULL,
  held INT NOT NULL,
  status VARCHAR(16) NOT NULL,
  cancel_reason VARCHAR(200) NOT NULL,
  created_at DATETIME(3) NOT NULL,
  updated_at DATETIME(3) NOT NULL,
  CONSTRAINT slots_times CHECK (start_at < end_at AND release_at <= start_at AND cutoff_at <= start_at),
  CONSTRAINT slots_booked_in_capacity CHECK (booked BETWEEN 0 AND capacity),
  CONSTRAINT slots_held_in_capacity CHECK (held >= 0 AND booked + held <= capacity)
);
CREATE UNIQUE INDEX slots_once_a_day ON slots (template_id, date);
CREATE INDEX slots_by_site ON slots (site_id, date);
CREATE INDEX slots_by_date ON slots (date);

CREATE TABLE allowances (
  id CHAR(26) NOT NULL PRIMARY KEY,
  child_id CHAR(26) NOT NULL,
  year INT NOT NULL,
  policy_id CHAR(26) NOT NULL,
  unit VARCHAR(16) NOT NULL,
  granted INT NOT NULL,
  used INT NOT NULL,
  CONSTRAINT allowances_used_in_granted CHECK (used BETWEEN 0 AND granted)
);
CREATE UNIQUE INDEX allowances_of_year ON allowances (child_id, year);

CREATE TABLE allowance_entries (
  id CHAR(26) NOT NULL PRIMARY KEY,
  allowance_id CHAR(26) NOT NULL,
  booking_id CHAR(26) NOT NULL,
  kind VARCHAR(16) NOT NULL,
  amount INT NOT NULL,
  created_at DATETIME(3) NOT NULL
);
CREATE UNIQUE INDEX allowance_entries_once ON allowance_entries (booking_id, kind);
CREATE INDEX allowance_entries_by_allowance ON allowance_entries (allowance_id);

CREATE TABLE bookings (
  id CHAR(26) NOT NULL PRIMARY KEY,
  resident_id CHAR(26) NOT NULL,
  child_id CHAR(26) NOT NULL,
  slot_id CHAR(26) NOT NULL,
  site_id CHAR(26) NOT NULL,
  service_id CHAR(26) NOT NULL,
  policy_id CHAR(26) NOT NULL,
  policy_version INT NOT NULL,
  allowance_id CHAR(26) NOT NULL,
  allowance_units INT NOT NULL,
  payment VARCHAR(16) NOT NULL,
  price_cents INT NOT NULL,
  start_at DATETIME(3) NOT NULL,
  end_at DATETIME(3) NOT NULL,
  free_cancel_until DATETIME(3) NOT NULL,
  status VARCHAR(16) NOT NULL,
  cancel_reason VARCHAR(200) NOT NULL,
  created_at DATETIME(3) NOT NULL,
  updated_at DATETIME(3) NOT NULL,
  -- The slot while the booking lives, else NULL; RTRIM because MariaDB otherwise fears a padded CHAR.
  live_slot_id VARCHAR(26) GENERATED ALWAYS AS (CASE WHEN status IN ('confirmed', 'checked_in') THEN RTRIM(slot_id) ELSE NULL END) STORED,
  CONSTRAINT bookings_times CHECK (start_at < end_at),
  CONSTRAINT bookings_units CHECK (allowance_units >= 0 AND price_cents >= 0)
);
CREATE UNIQUE INDEX bookings_one_live ON bookings (child_id, live_slot_id);
CREATE INDEX bookings_by_child ON bookings (child_id, start_at);
CREATE INDEX bookings_by_resident ON bookings (resident_id, id);
CREATE INDEX bookings_by_slot ON bookings (slot_id);

CREATE TABLE marks (
  id CHAR(26) NOT NULL PRIMARY KEY,
  child_id CHAR(26) NOT NULL,
  booking_id CHAR(26) NOT NULL,
  kind VARCHAR(16) NOT NULL,
  points INT NOT NULL,
  created_at DATETIME(3) NOT NULL,
  lifted_at DATETIME(3),
  lifted_reason VARCHAR(200) NOT NULL
);
CREATE UNIQUE INDEX marks_once ON marks (booking_id);
CREATE INDEX marks_by_child ON marks (child_id, created_at);
