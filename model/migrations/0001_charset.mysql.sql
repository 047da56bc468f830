-- +goose Up
-- Ids, codes and keys are compared byte by byte on every engine; MySQL's default would fold case and accents.
ALTER DATABASE CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
