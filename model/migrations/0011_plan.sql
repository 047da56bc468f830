-- +goose Up
-- What differs from the weekly plans on some days. number counts a site's exceptions: a higher one was decided later.
-- Columns that a kind has no use for are empty or zero.
CREATE TABLE plan_exceptions (
  id CHAR(26) NOT NULL PRIMARY KEY,
  site_id CHAR(26) NOT NULL,
  number INT NOT NULL,
  kind VARCHAR(16) NOT NULL,
  from_date DATE NOT NULL,
  until_date DATE NOT NULL,
  template_id VARCHAR(26) NOT NULL,
  slot_id VARCHAR(26) NOT NULL,
  service_id VARCHAR(26) NOT NULL,
  carer_id VARCHAR(26) NOT NULL,
  room VARCHAR(40) NOT NULL,
  start_minute INT NOT NULL,
  end_minute INT NOT NULL,
  capacity INT NOT NULL,
  reason VARCHAR(200) NOT NULL,
  staff_id CHAR(26) NOT NULL,
  created_at DATETIME(3) NOT NULL,
  applied_at DATETIME(3),
  lifted_at DATETIME(3),
  CONSTRAINT plan_exceptions_dates CHECK (from_date <= until_date),
  CONSTRAINT plan_exceptions_times CHECK (start_minute >= 0 AND start_minute <= end_minute AND end_minute <= 1440),
  CONSTRAINT plan_exceptions_capacity CHECK (capacity >= 0)
);
CREATE UNIQUE INDEX plan_exceptions_number ON plan_exceptions (site_id, number);
CREATE INDEX plan_exceptions_by_days ON plan_exceptions (site_id, until_date);
