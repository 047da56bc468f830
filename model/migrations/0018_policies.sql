-- +goose Up
-- Who published a version of a policy, why and when it was decided; published_at is from when on it holds.
ALTER TABLE service_policies ADD COLUMN staff_id VARCHAR(26) NOT NULL DEFAULT '';
ALTER TABLE service_policies ADD COLUMN reason VARCHAR(200) NOT NULL DEFAULT '';
ALTER TABLE service_policies ADD COLUMN decided_at DATETIME(3) NULL;
ALTER TABLE allowance_policies ADD COLUMN staff_id VARCHAR(26) NOT NULL DEFAULT '';
ALTER TABLE allowance_policies ADD COLUMN reason VARCHAR(200) NOT NULL DEFAULT '';
ALTER TABLE allowance_policies ADD COLUMN decided_at DATETIME(3) NULL;

-- A version is raised by every change: whoever changes what another has changed meanwhile is told so.
ALTER TABLE care_services ADD COLUMN version INT NOT NULL DEFAULT 1;
ALTER TABLE calendar_years ADD COLUMN version INT NOT NULL DEFAULT 1;

-- The next version of a policy as it is being written: one for a service, by its id, and one for the allowance.
CREATE TABLE policy_drafts (
  subject VARCHAR(26) NOT NULL PRIMARY KEY,
  based_on INT NOT NULL,
  numbers TEXT NOT NULL,
  staff_id CHAR(26) NOT NULL,
  version INT NOT NULL,
  updated_at DATETIME(3) NOT NULL
);
