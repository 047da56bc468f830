-- +goose Up
-- Who did what when from where. Rows are only ever added: one before something is done, one with how it ended. The
-- number and the hash in the chain are given afterwards, so that writers wait for nobody.
CREATE TABLE trail_records (
  id CHAR(26) NOT NULL PRIMARY KEY,
  request_id CHAR(26) NOT NULL,
  part VARCHAR(8) NOT NULL,
  happened_at DATETIME(3) NOT NULL,
  hand VARCHAR(16) NOT NULL,
  staff_id VARCHAR(26) NOT NULL,
  staff_name VARCHAR(40) NOT NULL,
  operation VARCHAR(80) NOT NULL,
  subject VARCHAR(24) NOT NULL,
  subject_id VARCHAR(26) NOT NULL,
  site_id VARCHAR(26) NOT NULL,
  subdistrict_code VARCHAR(26) NOT NULL,
  address VARCHAR(64) NOT NULL,
  device VARCHAR(60) NOT NULL,
  status INT NOT NULL,
  code VARCHAR(48) NOT NULL,
  seq BIGINT,
  hash VARCHAR(64) NOT NULL,
  CONSTRAINT trail_records_linked CHECK ((seq IS NULL) = (hash = ''))
);
CREATE UNIQUE INDEX trail_records_once ON trail_records (request_id, part);
CREATE UNIQUE INDEX trail_records_seq ON trail_records (seq);
CREATE INDEX trail_records_by_time ON trail_records (happened_at);
CREATE INDEX trail_records_by_staff ON trail_records (staff_id, happened_at);
CREATE INDEX trail_records_by_subject ON trail_records (subject_id, happened_at);

-- Where the chain ends, and what stood last before what has been purged. There is one row.
CREATE TABLE trail_chains (
  id INT NOT NULL PRIMARY KEY,
  head_seq BIGINT NOT NULL,
  head_hash VARCHAR(64) NOT NULL,
  anchor_seq BIGINT NOT NULL,
  anchor_hash VARCHAR(64) NOT NULL,
  CONSTRAINT trail_chains_order CHECK (anchor_seq >= 0 AND anchor_seq <= head_seq)
);
INSERT INTO trail_chains (id, head_seq, head_hash, anchor_seq, anchor_hash) VALUES (1, 0, '', 0, '');
