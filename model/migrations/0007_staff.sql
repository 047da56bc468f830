-- +goose Up
CREATE TABLE staff (
  id CHAR(26) NOT NULL PRIMARY KEY,
  name VARCHAR(40) NOT NULL,
  status VARCHAR(16) NOT NULL,
  created_at DATETIME(3) NOT NULL,
  updated_at DATETIME(3) NOT NULL
);

CREATE TABLE staff_grants (
  id CHAR(26) NOT NULL PRIMARY KEY,
  staff_id CHAR(26) NOT NULL,
  role VARCHAR(24) NOT NULL,
  scope VARCHAR(16) NOT NULL,
  scope_id VARCHAR(26) NOT NULL,
  created_at DATETIME(3) NOT NULL
);
CREATE UNIQUE INDEX staff_grants_once ON staff_grants (staff_id, role, scope, scope_id);

-- One-time codes to sign in with. Only their hashes are kept.
CREATE TABLE staff_codes (
  hash CHAR(64) NOT NULL PRIMARY KEY,
  staff_id CHAR(26) NOT NULL,
  created_at DATETIME(3) NOT NULL,
  expires_at DATETIME(3) NOT NULL,
  used_at DATETIME(3)
);
CREATE INDEX staff_codes_expiry ON staff_codes (expires_at);

-- Every opening of sealed personal data by staff.
CREATE TABLE data_accesses (
  id CHAR(26) NOT NULL PRIMARY KEY,
  staff_id CHAR(26) NOT NULL,
  subject VARCHAR(20) NOT NULL,
  subject_id CHAR(26) NOT NULL,
  fields VARCHAR(120) NOT NULL,
  reason VARCHAR(200) NOT NULL,
  created_at DATETIME(3) NOT NULL
);
CREATE INDEX data_accesses_by_subject ON data_accesses (subject_id, id);
CREATE INDEX data_accesses_by_staff ON data_accesses (staff_id, id);
