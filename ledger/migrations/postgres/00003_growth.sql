-- +goose NO TRANSACTION
-- +goose Up
-- Without these all tickets an office ever had were read to find those that are live, and all records of a kind to find
-- an owner's. The hubs of before go on writing meanwhile; an index that an earlier try left half built is begun anew.

SET lock_timeout = '10min';

DROP INDEX CONCURRENTLY IF EXISTS tickets_alive;
CREATE INDEX CONCURRENTLY tickets_alive ON tickets (live, office, day) WHERE live = 1;
DROP INDEX CONCURRENTLY IF EXISTS tickets_live;

DROP INDEX CONCURRENTLY IF EXISTS records_owned;
CREATE INDEX CONCURRENTLY records_owned ON records (kind, owner, id);
DROP INDEX CONCURRENTLY IF EXISTS records_owner;

RESET lock_timeout;
