-- +goose Up
CREATE TABLE residents (
  id CHAR(26) NOT NULL PRIMARY KEY,
  open_id_index VARBINARY(32),
  open_id_sealed VARBINARY(512),
  nickname VARCHAR(40) NOT NULL,
  subdistrict_code CHAR(9) NOT NULL,
  phone_sealed VARBINARY(512),
  phone_index VARBINARY(32),
  phone_verified_at DATETIME(3),
  status VARCHAR(16) NOT NULL,
  created_at DATETIME(3) NOT NULL,
  updated_at DATETIME(3) NOT NULL,
  closed_at DATETIME(3),
  CONSTRAINT residents_open_id_is_sealed CHECK (open_id_sealed IS NULL OR SUBSTR(HEX(open_id_sealed), 1, 2) = '01'),
  CONSTRAINT residents_phone_is_sealed CHECK (phone_sealed IS NULL OR SUBSTR(HEX(phone_sealed), 1, 2) = '01'),
  CONSTRAINT residents_closed_is_erased CHECK (status <> 'closed' OR (open_id_index IS NULL AND open_id_sealed IS NULL AND phone_sealed IS NULL AND phone_index IS NULL))
);
CREATE UNIQUE INDEX residents_open_id ON residents (open_id_index);
CREATE INDEX residents_phone ON residents (phone_index);

-- The fingerprint outlives erasure: it is a keyed hash that names nobody, and it keeps a removed child who is
-- added again from being granted a second allowance in the same year.
CREATE TABLE children (
  id CHAR(26) NOT NULL PRIMARY KEY,
  resident_id CHAR(26) NOT NULL,
  fingerprint VARBINARY(32) NOT NULL,
  name_sealed VARBINARY(512),
  birth_date_sealed VARBINARY(512),
  health_note_sealed VARBINARY(2048),
  gender VARCHAR(16) NOT NULL,
  status VARCHAR(16) NOT NULL,
  created_at DATETIME(3) NOT NULL,
  updated_at DATETIME(3) NOT NULL,
  CONSTRAINT children_name_is_sealed CHECK (name_sealed IS NULL OR SUBSTR(HEX(name_sealed), 1, 2) = '01'),
  CONSTRAINT children_birth_date_is_sealed CHECK (birth_date_sealed IS NULL OR SUBSTR(HEX(birth_date_sealed), 1, 2) = '01'),
  CONSTRAINT children_health_note_is_sealed CHECK (health_note_sealed IS NULL OR SUBSTR(HEX(health_note_sealed), 1, 2) = '01'),
  CONSTRAINT children_removed_is_erased CHECK (status <> 'removed' OR (name_sealed IS NULL AND birth_date_sealed IS NULL AND health_note_sealed IS NULL))
);
CREATE UNIQUE INDEX children_fingerprint ON children (fingerprint);
CREATE INDEX children_by_resident ON children (resident_id);

-- What a child was stated as before it was changed: added again under an old name, it is still the same child.
CREATE TABLE former_fingerprints (
  fingerprint VARBINARY(32) NOT NULL PRIMARY KEY,
  child_id CHAR(26) NOT NULL
);

CREATE TABLE documents (
  id CHAR(26) NOT NULL PRIMARY KEY,
  code VARCHAR(40) NOT NULL,
  version INT NOT NULL,
  title VARCHAR(80) NOT NULL,
  body TEXT NOT NULL,
  needed_for VARCHAR(16) NOT NULL,
  published_at DATETIME(3) NOT NULL
);
CREATE UNIQUE INDEX documents_version ON documents (code, version);

CREATE TABLE consents (
  id CHAR(26) NOT NULL PRIMARY KEY,
  resident_id CHAR(26) NOT NULL,
  document_id CHAR(26) NOT NULL,
  agreed_at DATETIME(3) NOT NULL,
  withdrawn_at DATETIME(3)
);
CREATE UNIQUE INDEX consents_once ON consents (resident_id, document_id);
