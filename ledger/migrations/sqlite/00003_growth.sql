-- +goose Up
-- SQLite has no statistics and takes the index with the most columns that a query gives a value for. Without these it
-- read all tickets an office ever had to find those that are live, and all records of a kind to find an owner's.

CREATE INDEX tickets_alive ON tickets (live, office, day) WHERE live = 1;
DROP INDEX tickets_live;

CREATE INDEX records_owned ON records (kind, owner, id);
DROP INDEX records_owner;
