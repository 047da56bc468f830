-- +goose Up
-- What is owed to be done apart from requests, taken by lease. What recurs has its kind for an id, and every_seconds.
CREATE TABLE owed_work (
  id VARCHAR(26) NOT NULL PRIMARY KEY,
  kind VARCHAR(24) NOT NULL,
  lane VARCHAR(16) NOT NULL,
  subject_id VARCHAR(26) NOT NULL,
  due_at DATETIME(3) NOT NULL,
  every_seconds INT NOT NULL,
  status VARCHAR(16) NOT NULL,
  attempts INT NOT NULL,
  lease VARCHAR(26) NOT NULL,
  leased_until DATETIME(3),
  last_error VARCHAR(500) NOT NULL,
  created_at DATETIME(3) NOT NULL,
  updated_at DATETIME(3) NOT NULL,
  CONSTRAINT owed_work_attempts CHECK (attempts >= 0),
  CONSTRAINT owed_work_every CHECK (every_seconds >= 0)
);
CREATE INDEX owed_work_due ON owed_work (lane, status, due_at, id);
CREATE INDEX owed_work_lease ON owed_work (lease);
CREATE INDEX owed_work_by_subject ON owed_work (subject_id);
