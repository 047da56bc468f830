-- +goose Up
-- epoch is raised by whatever ends all sessions of a person at once: a session is of the epoch it began in.
ALTER TABLE staff ADD COLUMN epoch INT NOT NULL DEFAULT 0;

-- A code no longer signs in: it invites to choose a password and a second factor, or a second factor alone.
ALTER TABLE staff_codes ADD COLUMN kind VARCHAR(16) NOT NULL DEFAULT 'everything';

-- What a member of staff signs in with; the id is the person's. totp_step is the last step that was used: no step is
-- used twice.
CREATE TABLE staff_credentials (
  id CHAR(26) NOT NULL PRIMARY KEY,
  login VARCHAR(40) NOT NULL,
  password_hash VARCHAR(200) NOT NULL,
  password_set_at DATETIME(3) NOT NULL,
  must_change BOOLEAN NOT NULL,
  totp_sealed VARBINARY(512),
  totp_step INT NOT NULL,
  created_at DATETIME(3) NOT NULL,
  updated_at DATETIME(3) NOT NULL,
  CONSTRAINT staff_credentials_totp_is_sealed CHECK (totp_sealed IS NULL OR SUBSTR(HEX(totp_sealed), 1, 2) = '01')
);
CREATE UNIQUE INDEX staff_credentials_login ON staff_credentials (login);

-- Passwords somebody had before, hashed, so that none comes back too soon.
CREATE TABLE staff_former_passwords (
  id CHAR(26) NOT NULL PRIMARY KEY,
  staff_id CHAR(26) NOT NULL,
  password_hash VARCHAR(200) NOT NULL,
  created_at DATETIME(3) NOT NULL
);
CREATE INDEX staff_former_passwords_by_staff ON staff_former_passwords (staff_id, id);

-- Public keys of passkeys. credential_hash is the hex SHA-256 of the credential's id; sign_count is ten digits, which
-- compare as text as they do as numbers.
CREATE TABLE staff_passkeys (
  id CHAR(26) NOT NULL PRIMARY KEY,
  staff_id CHAR(26) NOT NULL,
  name VARCHAR(40) NOT NULL,
  credential_hash CHAR(64) NOT NULL,
  credential TEXT NOT NULL,
  sign_count VARCHAR(10) NOT NULL,
  created_at DATETIME(3) NOT NULL,
  last_used_at DATETIME(3)
);
CREATE UNIQUE INDEX staff_passkeys_credential ON staff_passkeys (credential_hash);
CREATE INDEX staff_passkeys_by_staff ON staff_passkeys (staff_id, id);

-- Wrong tries in a row, of a login name or of an address; both are hashed. A try is counted before it is judged.
CREATE TABLE staff_tries (
  hash CHAR(64) NOT NULL PRIMARY KEY,
  tries INT NOT NULL,
  locks INT NOT NULL,
  since DATETIME(3) NOT NULL,
  locked_until DATETIME(3),
  CONSTRAINT staff_tries_count CHECK (tries >= 0 AND locks >= 0)
);
CREATE INDEX staff_tries_since ON staff_tries (since);

-- Every try to sign in. staff_id is empty when nobody has that login name, which is not kept: it may be a password
-- typed into the wrong field.
CREATE TABLE staff_sign_ins (
  id CHAR(26) NOT NULL PRIMARY KEY,
  staff_id VARCHAR(26) NOT NULL,
  address VARCHAR(64) NOT NULL,
  device VARCHAR(60) NOT NULL,
  method VARCHAR(16) NOT NULL,
  outcome VARCHAR(24) NOT NULL,
  created_at DATETIME(3) NOT NULL
);
CREATE INDEX staff_sign_ins_by_staff ON staff_sign_ins (staff_id, id);

-- One asks that somebody's second factor, or everything, be set anew; another approves.
CREATE TABLE staff_resets (
  id CHAR(26) NOT NULL PRIMARY KEY,
  staff_id CHAR(26) NOT NULL,
  kind VARCHAR(16) NOT NULL,
  reason VARCHAR(200) NOT NULL,
  status VARCHAR(16) NOT NULL,
  asked_by CHAR(26) NOT NULL,
  decided_by VARCHAR(26) NOT NULL,
  created_at DATETIME(3) NOT NULL,
  expires_at DATETIME(3) NOT NULL,
  decided_at DATETIME(3),
  CONSTRAINT staff_resets_by_two CHECK (status <> 'approved' OR (decided_by <> '' AND decided_by <> asked_by AND decided_by <> staff_id)),
  CONSTRAINT staff_resets_of_another CHECK (asked_by <> staff_id)
);
CREATE INDEX staff_resets_by_staff ON staff_resets (staff_id, id);
CREATE INDEX staff_resets_by_status ON staff_resets (status, id);
