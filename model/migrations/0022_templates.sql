-- +goose Up
-- What the console has said of the WeChat template of a kind of messages, version by version: the newest holds. source is
-- console for the template of the row, settings for the one of the settings file, off for none; fields is JSON.
CREATE TABLE message_templates (
  id CHAR(26) NOT NULL PRIMARY KEY,
  kind VARCHAR(32) NOT NULL,
  version INT NOT NULL,
  source VARCHAR(16) NOT NULL,
  template_id VARCHAR(64) NOT NULL,
  page VARCHAR(128) NOT NULL,
  fields VARCHAR(1000) NOT NULL,
  staff_id CHAR(26) NOT NULL,
  reason VARCHAR(200) NOT NULL,
  created_at DATETIME(3) NOT NULL,
  CONSTRAINT message_templates_version CHECK (version >= 1),
  CONSTRAINT message_templates_source CHECK ((source = 'console') = (template_id <> ''))
);
CREATE UNIQUE INDEX message_templates_once ON message_templates (kind, version);
