-- +goose Up
-- A version is raised by every change: whoever changes what another has changed meanwhile is told so.
ALTER TABLE sites ADD COLUMN version INT NOT NULL DEFAULT 1;
ALTER TABLE carers ADD COLUMN version INT NOT NULL DEFAULT 1;

-- The rooms of a site, by the name that plans and slots use.
CREATE TABLE site_rooms (
  id CHAR(26) NOT NULL PRIMARY KEY,
  site_id CHAR(26) NOT NULL,
  name VARCHAR(40) NOT NULL,
  note VARCHAR(200) NOT NULL,
  status VARCHAR(16) NOT NULL,
  version INT NOT NULL,
  created_at DATETIME(3) NOT NULL,
  updated_at DATETIME(3) NOT NULL
);
CREATE UNIQUE INDEX site_rooms_name ON site_rooms (site_id, name);

-- Rooms that plans and coming slots use already. Their ids are those of a plan or slot in small letters, which no other
-- record has.
INSERT INTO site_rooms (id, site_id, name, note, status, version, created_at, updated_at)
  SELECT LOWER(MIN(t.id)), t.site_id, t.room, '', 'active', 1, MIN(s.created_at), MIN(s.created_at)
  FROM weekly_templates t JOIN sites s ON s.id = t.site_id
  WHERE t.valid_until IS NULL OR t.valid_until >= CURRENT_DATE
  GROUP BY t.site_id, t.room;
INSERT INTO site_rooms (id, site_id, name, note, status, version, created_at, updated_at)
  SELECT LOWER(MIN(o.id)), o.site_id, o.room, '', 'active', 1, MIN(s.created_at), MIN(s.created_at)
  FROM slots o JOIN sites s ON s.id = o.site_id LEFT JOIN site_rooms r ON r.site_id = o.site_id AND r.name = o.room
  WHERE o.date >= CURRENT_DATE AND r.id IS NULL
  GROUP BY o.site_id, o.room;

-- Pictures of sites as they are handed out; their order and captions stand in sites.photos. digest is the hex SHA-256 of
-- the content.
CREATE TABLE photo_files (
  id CHAR(26) NOT NULL PRIMARY KEY,
  site_id CHAR(26) NOT NULL,
  digest CHAR(64) NOT NULL,
  width INT NOT NULL,
  height INT NOT NULL,
  content MEDIUMBLOB,
  created_at DATETIME(3) NOT NULL,
  CONSTRAINT photo_files_content CHECK (content IS NOT NULL)
);
CREATE UNIQUE INDEX photo_files_once ON photo_files (site_id, digest);
