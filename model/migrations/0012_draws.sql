-- +goose Up
-- How the places of one slot are drawn. The nonce is a secret until the draw; its hash is public from the beginning.
CREATE TABLE draws (
  id CHAR(26) NOT NULL PRIMARY KEY,
  slot_id CHAR(26) NOT NULL,
  algorithm VARCHAR(24) NOT NULL,
  nonce_sealed VARBINARY(512),
  commitment CHAR(64) NOT NULL,
  source VARCHAR(120) NOT NULL,
  randomness VARCHAR(200) NOT NULL,
  randomness_by VARCHAR(26) NOT NULL,
  wait_until DATETIME(3),
  digest VARCHAR(64) NOT NULL,
  seed VARCHAR(64) NOT NULL,
  result VARCHAR(64) NOT NULL,
  places INT NOT NULL,
  status VARCHAR(16) NOT NULL,
  drawn_at DATETIME(3),
  created_at DATETIME(3) NOT NULL,
  updated_at DATETIME(3) NOT NULL,
  CONSTRAINT draws_nonce_is_sealed CHECK (nonce_sealed IS NOT NULL AND SUBSTR(HEX(nonce_sealed), 1, 2) = '01'),
  CONSTRAINT draws_places CHECK (places >= 0),
  CONSTRAINT draws_randomness_announced CHECK (randomness = '' OR (source <> '' AND randomness_by <> '')),
  CONSTRAINT draws_closed_has_digest CHECK (status <> 'closed' OR digest <> ''),
  CONSTRAINT draws_drawn_is_whole CHECK (status <> 'drawn' OR (digest <> '' AND seed <> '' AND result <> '' AND drawn_at IS NOT NULL))
);
CREATE UNIQUE INDEX draws_one_a_slot ON draws (slot_id);

CREATE TABLE draw_applications (
  id CHAR(26) NOT NULL PRIMARY KEY,
  resident_id CHAR(26) NOT NULL,
  child_id CHAR(26) NOT NULL,
  slot_id CHAR(26) NOT NULL,
  site_id CHAR(26) NOT NULL,
  service_id CHAR(26) NOT NULL,
  policy_id CHAR(26) NOT NULL,
  policy_version INT NOT NULL,
  accept_self_paid BOOLEAN NOT NULL,
  start_at DATETIME(3) NOT NULL,
  end_at DATETIME(3) NOT NULL,
  status VARCHAR(16) NOT NULL,
  listed BOOLEAN NOT NULL,
  visited BOOLEAN NOT NULL,
  turn INT NOT NULL,
  waiting_id CHAR(26),
  created_at DATETIME(3) NOT NULL,
  updated_at DATETIME(3) NOT NULL,
  -- The slot while the application is to be drawn, else NULL.
  live_slot_id VARCHAR(26) GENERATED ALWAYS AS (CASE WHEN status = 'applied' THEN RTRIM(slot_id) ELSE NULL END) STORED,
  CONSTRAINT draw_applications_times CHECK (start_at < end_at),
  CONSTRAINT draw_applications_drawn CHECK (status NOT IN ('won', 'lost') OR (listed AND turn > 0 AND waiting_id IS NOT NULL))
);
CREATE UNIQUE INDEX draw_applications_one_live ON draw_applications (child_id, live_slot_id);
CREATE INDEX draw_applications_by_slot ON draw_applications (slot_id, id);
CREATE INDEX draw_applications_by_resident ON draw_applications (resident_id, id);
