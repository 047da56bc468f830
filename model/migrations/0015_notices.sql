-- +goose Up
-- What a record's guardian was told, as the nightly audit asks for every change.
CREATE INDEX notices_by_subject ON notices (subject_id);
