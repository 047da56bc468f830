-- +goose Up
-- Figures are counted from this index alone: the sessions of a time, and of each how its bookings stand and whose they are.
DROP INDEX bookings_by_slot;
CREATE INDEX bookings_by_slot ON bookings (slot_id, status, payment, child_id);
