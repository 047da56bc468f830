-- +goose Up
CREATE TABLE events (
  id CHAR(26) NOT NULL PRIMARY KEY,
  subject VARCHAR(20) NOT NULL,
  subject_id CHAR(26) NOT NULL,
  from_state VARCHAR(20) NOT NULL,
  to_state VARCHAR(20) NOT NULL,
  actor VARCHAR(16) NOT NULL,
  actor_id VARCHAR(26) NOT NULL,
  reason VARCHAR(200) NOT NULL,
  created_at DATETIME(3) NOT NULL
);
CREATE INDEX events_by_subject ON events (subject_id, id);

CREATE TABLE notices (
  id CHAR(26) NOT NULL PRIMARY KEY,
  resident_id CHAR(26) NOT NULL,
  kind VARCHAR(32) NOT NULL,
  title VARCHAR(80) NOT NULL,
  body VARCHAR(500) NOT NULL,
  subject_id CHAR(26) NOT NULL,
  created_at DATETIME(3) NOT NULL,
  read_at DATETIME(3)
);
CREATE INDEX notices_by_resident ON notices (resident_id, id);

CREATE TABLE idempotent_answers (
  owner_id CHAR(26) NOT NULL,
  idempotency_key VARCHAR(64) NOT NULL,
  operation VARCHAR(32) NOT NULL,
  request_hash CHAR(64) NOT NULL,
  answer TEXT NOT NULL,
  created_at DATETIME(3) NOT NULL,
  expires_at DATETIME(3) NOT NULL,
  PRIMARY KEY (owner_id, idempotency_key)
);
CREATE INDEX idempotent_answers_expiry ON idempotent_answers (expires_at);
