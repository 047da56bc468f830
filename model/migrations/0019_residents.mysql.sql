-- +goose Up
-- The last four digits of a phone as a keyed hash, so that staff find an account by them without opening any. The program
-- fills it in for the numbers that are there when it starts. The same for a child's name in full.
ALTER TABLE residents ADD COLUMN phone_tail_index VARBINARY(32);
ALTER TABLE residents ADD CONSTRAINT residents_closed_has_no_tail CHECK (status <> 'closed' OR phone_tail_index IS NULL);
CREATE INDEX residents_phone_tail ON residents (phone_tail_index);
ALTER TABLE children ADD COLUMN name_index VARBINARY(32);
ALTER TABLE children ADD CONSTRAINT children_removed_has_no_name CHECK (status <> 'removed' OR name_index IS NULL);
CREATE INDEX children_name ON children (name_index);
