-- +goose Up
-- facts are named values for messages, as JSON; after useful_until a message about the notice is worthless.
ALTER TABLE notices ADD COLUMN facts VARCHAR(1000) NOT NULL DEFAULT '{}';
ALTER TABLE notices ADD COLUMN useful_until DATETIME(3);

-- Consents a resident has given to messages of a WeChat template: those left, and those set aside for messages under way.
CREATE TABLE message_consents (
  resident_id CHAR(26) NOT NULL,
  template_id VARCHAR(64) NOT NULL,
  remaining INT NOT NULL,
  reserved INT NOT NULL,
  updated_at DATETIME(3) NOT NULL,
  PRIMARY KEY (resident_id, template_id),
  CONSTRAINT message_consents_remaining CHECK (remaining >= 0),
  CONSTRAINT message_consents_reserved CHECK (reserved >= 0)
);

-- What became of the message about a notice. There is at most one: the primary key keeps a message from being sent twice.
CREATE TABLE message_deliveries (
  notice_id CHAR(26) NOT NULL PRIMARY KEY,
  resident_id CHAR(26) NOT NULL,
  template_id VARCHAR(64) NOT NULL,
  status VARCHAR(16) NOT NULL,
  reason VARCHAR(200) NOT NULL,
  created_at DATETIME(3) NOT NULL,
  updated_at DATETIME(3) NOT NULL
);
CREATE INDEX message_deliveries_by_resident ON message_deliveries (resident_id, template_id, status);

-- Which reminders of a booking have been given: each kind once.
CREATE TABLE reminders (
  booking_id CHAR(26) NOT NULL,
  kind VARCHAR(16) NOT NULL,
  created_at DATETIME(3) NOT NULL,
  PRIMARY KEY (booking_id, kind)
);
