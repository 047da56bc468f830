-- +goose Up
-- What the last audit found, and when it ran; each run takes the place of the one before.
CREATE TABLE audit_runs (
  id CHAR(26) NOT NULL PRIMARY KEY,
  started_at DATETIME(3) NOT NULL,
  ended_at DATETIME(3) NOT NULL
);

CREATE TABLE audit_findings (
  id CHAR(26) NOT NULL PRIMARY KEY,
  rule VARCHAR(160) NOT NULL,
  subject_id VARCHAR(64) NOT NULL
);
CREATE INDEX audit_findings_by_rule ON audit_findings (rule);
