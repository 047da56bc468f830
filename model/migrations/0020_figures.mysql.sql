-- +goose Up
-- Figures are counted from this index alone: the sessions of a time, and of each how its bookings stand and whose they are.
ALTER TABLE bookings DROP INDEX bookings_by_slot, ADD INDEX bookings_by_slot (slot_id, status, payment, child_id);
