-- +goose Up
CREATE TABLE subdistricts (
  code CHAR(9) NOT NULL PRIMARY KEY,
  name VARCHAR(40) NOT NULL
);

CREATE TABLE sites (
  id CHAR(26) NOT NULL PRIMARY KEY,
  subdistrict_code CHAR(9) NOT NULL,
  name VARCHAR(80) NOT NULL,
  host_kind VARCHAR(40) NOT NULL,
  host_name VARCHAR(80) NOT NULL,
  address VARCHAR(160) NOT NULL,
  latitude DOUBLE NOT NULL,
  longitude DOUBLE NOT NULL,
  phone VARCHAR(32) NOT NULL,
  hours VARCHAR(160) NOT NULL,
  intro VARCHAR(1000) NOT NULL,
  photos TEXT NOT NULL,
  status VARCHAR(16) NOT NULL,
  created_at DATETIME(3) NOT NULL,
  updated_at DATETIME(3) NOT NULL,
  CONSTRAINT sites_latitude_on_earth CHECK (latitude BETWEEN -90 AND 90),
  CONSTRAINT sites_longitude_on_earth CHECK (longitude BETWEEN -180 AND 180)
);
CREATE INDEX sites_by_subdistrict ON sites (subdistrict_code);

CREATE TABLE carers (
  id CHAR(26) NOT NULL PRIMARY KEY,
  site_id CHAR(26) NOT NULL,
  name VARCHAR(40) NOT NULL,
  title VARCHAR(40) NOT NULL,
  intro VARCHAR(400) NOT NULL,
  status VARCHAR(16) NOT NULL
);
CREATE INDEX carers_by_site ON carers (site_id);

CREATE TABLE carer_certificates (
  id CHAR(26) NOT NULL PRIMARY KEY,
  carer_id CHAR(26) NOT NULL,
  kind VARCHAR(40) NOT NULL,
  issuer VARCHAR(80) NOT NULL,
  issued_on DATE NOT NULL,
  expires_on DATE
);
CREATE INDEX carer_certificates_by_carer ON carer_certificates (carer_id);

CREATE TABLE care_services (
  id CHAR(26) NOT NULL PRIMARY KEY,
  code VARCHAR(40) NOT NULL,
  name VARCHAR(40) NOT NULL,
  intro VARCHAR(400) NOT NULL,
  position INT NOT NULL,
  status VARCHAR(16) NOT NULL
);
CREATE UNIQUE INDEX care_services_code ON care_services (code);

CREATE TABLE service_policies (
  id CHAR(26) NOT NULL PRIMARY KEY,
  service_id CHAR(26) NOT NULL,
  version INT NOT NULL,
  min_age_months INT NOT NULL,
  max_age_months INT NOT NULL,
  release_days INT NOT NULL,
  release_minute INT NOT NULL,
  cutoff_minutes INT NOT NULL,
  free_cancel_minutes INT NOT NULL,
  uses_allowance BOOLEAN NOT NULL,
  late_cancel_debits BOOLEAN NOT NULL,
  late_cancel_points INT NOT NULL,
  no_show_points INT NOT NULL,
  points_per_strike INT NOT NULL,
  strikes_to_block INT NOT NULL,
  strike_window_days INT NOT NULL,
  block_days INT NOT NULL,
  published_at DATETIME(3) NOT NULL,
  CONSTRAINT service_policies_ages CHECK (min_age_months >= 0 AND max_age_months > min_age_months),
  CONSTRAINT service_policies_release CHECK (release_days >= 0 AND release_minute BETWEEN 0 AND 1439),
  CONSTRAINT service_policies_strikes CHECK (points_per_strike > 0 AND strikes_to_block > 0 AND late_cancel_points >= 0 AND no_show_points >= 0),
  CONSTRAINT service_policies_cancel CHECK (cutoff_minutes >= 0 AND free_cancel_minutes >= 0)
);
CREATE UNIQUE INDEX service_policies_version ON service_policies (service_id, version);

CREATE TABLE allowance_policies (
  id CHAR(26) NOT NULL PRIMARY KEY,
  version INT NOT NULL,
  unit VARCHAR(16) NOT NULL,
  amount INT NOT NULL,
  year_start_month INT NOT NULL,
  year_start_day INT NOT NULL,
  beyond VARCHAR(16) NOT NULL,
  self_paid_cents_per_hour INT NOT NULL,
  published_at DATETIME(3) NOT NULL,
  CONSTRAINT allowance_policies_amount CHECK (amount >= 0),
  CONSTRAINT allowance_policies_price CHECK (self_paid_cents_per_hour BETWEEN 0 AND 10000)
);
CREATE UNIQUE INDEX allowance_policies_version ON allowance_policies (version);

CREATE TABLE weekly_templates (
  id CHAR(26) NOT NULL PRIMARY KEY,
  site_id CHAR(26) NOT NULL,
  service_id CHAR(26) NOT NULL,
  carer_id CHAR(26) NOT NULL,
  room VARCHAR(40) NOT NULL,
  weekday INT NOT NULL,
  start_minute INT NOT NULL,
  end_minute INT NOT NULL,
  capacity INT NOT NULL,
  on_rest_days BOOLEAN NOT NULL,
  valid_from DATE NOT NULL,
  valid_until DATE,
  CONSTRAINT weekly_templates_weekday CHECK (weekday BETWEEN 1 AND 7),
  CONSTRAINT weekly_templates_times CHECK (start_minute >= 0 AND start_minute < end_minute AND end_minute <= 1440),
  CONSTRAINT weekly_templates_capacity CHECK (capacity >= 0)
);
CREATE INDEX weekly_templates_by_site ON weekly_templates (site_id);

CREATE TABLE calendar_years (
  year INT NOT NULL PRIMARY KEY,
  status VARCHAR(16) NOT NULL,
  source VARCHAR(200) NOT NULL
);

CREATE TABLE calendar_days (
  date DATE NOT NULL PRIMARY KEY,
  kind VARCHAR(16) NOT NULL,
  name VARCHAR(40) NOT NULL
);
