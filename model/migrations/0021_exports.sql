-- +goose Up
-- Files of figures that staff asked for. sites are the ids of the sites they hold, as JSON; done and total count the lines.
CREATE TABLE exports (
  id CHAR(26) NOT NULL PRIMARY KEY,
  staff_id CHAR(26) NOT NULL,
  content VARCHAR(16) NOT NULL,
  format VARCHAR(8) NOT NULL,
  from_date DATE NOT NULL,
  until_date DATE NOT NULL,
  sites TEXT NOT NULL,
  status VARCHAR(16) NOT NULL,
  done INT NOT NULL,
  total INT NOT NULL,
  created_at DATETIME(3) NOT NULL,
  expires_at DATETIME(3) NOT NULL,
  CONSTRAINT exports_dates CHECK (from_date <= until_date),
  CONSTRAINT exports_lines CHECK (done >= 0 AND total >= 0)
);
CREATE INDEX exports_by_staff ON exports (staff_id, id);
CREATE INDEX exports_by_expiry ON exports (expires_at);

-- The file, in parts that fit into one packet; it is written as a whole when it is ready.
CREATE TABLE export_parts (
  export_id CHAR(26) NOT NULL,
  part INT NOT NULL,
  content MEDIUMBLOB,
  PRIMARY KEY (export_id, part),
  CONSTRAINT export_parts_content CHECK (content IS NOT NULL)
);
