-- +goose Up
-- Times are UTC milliseconds, 0 for "not"; doc is the row as JSON, the other columns are what it is found by.

CREATE TABLE meta (
  name  TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
);

-- One row an office: its lock, the head of its chain and its state.
CREATE TABLE offices (
  office TEXT    NOT NULL PRIMARY KEY,
  seq    BIGINT NOT NULL,
  at     BIGINT NOT NULL,
  hash   BYTEA    NOT NULL,
  doc    TEXT    NOT NULL
);

CREATE TABLE holder_locks (
  holder TEXT NOT NULL PRIMARY KEY
);

-- Salt and payload can be erased together; digest and hash stay and the chain still proves itself.
CREATE TABLE events (
  office  TEXT    NOT NULL,
  seq     BIGINT NOT NULL,
  at      BIGINT NOT NULL,
  digest  BYTEA    NOT NULL,
  hash    BYTEA    NOT NULL,
  salt    BYTEA,
  payload BYTEA,
  PRIMARY KEY (office, seq)
);

CREATE TABLE tickets (
  id     TEXT    NOT NULL PRIMARY KEY,
  office TEXT    NOT NULL,
  queue  TEXT    NOT NULL,
  day    TEXT    NOT NULL,
  state  TEXT    NOT NULL,
  live   BIGINT NOT NULL,
  class  TEXT    NOT NULL,
  number TEXT    NOT NULL,
  due    BIGINT NOT NULL,
  joined BIGINT NOT NULL,
  seq    BIGINT NOT NULL,
  doc    TEXT    NOT NULL
);
CREATE INDEX tickets_line ON tickets (queue, day, due, joined) WHERE state = 'waiting';
CREATE INDEX tickets_live ON tickets (office, day) WHERE live = 1;
CREATE INDEX tickets_number ON tickets (office, day, number);
CREATE INDEX tickets_dormant ON tickets (queue, day, due) WHERE state = 'remote';
CREATE INDEX tickets_class ON tickets (queue, day, class);

CREATE TABLE links (
  ticket TEXT NOT NULL PRIMARY KEY,
  token  TEXT NOT NULL UNIQUE
);

CREATE TABLE bookings (
  id        TEXT    NOT NULL PRIMARY KEY,
  reference TEXT    NOT NULL,
  office    TEXT    NOT NULL,
  queue     TEXT    NOT NULL,
  day       TEXT    NOT NULL,
  state     TEXT    NOT NULL,
  freed     BIGINT NOT NULL,
  start     BIGINT NOT NULL,
  made      BIGINT NOT NULL,
  release   BIGINT NOT NULL,
  seq       BIGINT NOT NULL,
  doc       TEXT    NOT NULL
);
-- Only the nameless rows that keep vacated cells have no reference.
CREATE UNIQUE INDEX bookings_reference ON bookings (reference) WHERE reference <> '';
CREATE INDEX bookings_cells ON bookings (queue, day, start) WHERE freed = 0;
CREATE INDEX bookings_release ON bookings (release) WHERE release > 0;
CREATE INDEX bookings_day ON bookings (office, day, state);

-- Whose a booking or remote ticket is; nothing else says so.
CREATE TABLE holders (
  jurisdiction TEXT NOT NULL,
  id           TEXT NOT NULL,
  holder       TEXT NOT NULL,
  PRIMARY KEY (id, jurisdiction)
);
CREATE INDEX holders_holder ON holders (holder, id);

CREATE TABLE shifts (
  counter TEXT    NOT NULL PRIMARY KEY,
  office  TEXT    NOT NULL,
  seq     BIGINT NOT NULL,
  doc     TEXT    NOT NULL
);
CREATE INDEX shifts_office ON shifts (office);

CREATE TABLE numbers (
  office TEXT    NOT NULL,
  day    TEXT    NOT NULL,
  series TEXT    NOT NULL,
  n      BIGINT NOT NULL,
  PRIMARY KEY (office, day, series)
);

CREATE TABLE voids (
  office TEXT    NOT NULL,
  day    TEXT    NOT NULL,
  series TEXT    NOT NULL,
  n      BIGINT NOT NULL,
  reason TEXT    NOT NULL,
  PRIMARY KEY (office, day, series, n)
);

CREATE TABLE undos (
  counter TEXT NOT NULL PRIMARY KEY,
  doc     TEXT NOT NULL
);

-- Idempotency keys with the ids they made.
CREATE TABLE repeats (
  principal TEXT    NOT NULL,
  route     TEXT    NOT NULL,
  key       TEXT    NOT NULL,
  body      TEXT    NOT NULL,
  ids       TEXT    NOT NULL,
  at        BIGINT NOT NULL,
  PRIMARY KEY (principal, route, key)
);
CREATE INDEX repeats_at ON repeats (at);

CREATE TABLE records (
  kind    TEXT    NOT NULL,
  id      TEXT    NOT NULL,
  owner   TEXT    NOT NULL,
  expires BIGINT NOT NULL,
  data    BYTEA    NOT NULL,
  PRIMARY KEY (kind, id)
);
CREATE INDEX records_owner ON records (kind, owner);
CREATE INDEX records_expires ON records (expires) WHERE expires > 0;

CREATE TABLE leases (
  name   TEXT    NOT NULL PRIMARY KEY,
  holder TEXT    NOT NULL,
  until  BIGINT NOT NULL
);

CREATE TABLE secrets (
  name    TEXT NOT NULL PRIMARY KEY,
  wrapped BYTEA NOT NULL
);

-- The last batch of each writer, to look up a commit whose outcome is unknown.
CREATE TABLE commits (
  writer TEXT    NOT NULL PRIMARY KEY,
  batch  TEXT    NOT NULL,
  at     BIGINT NOT NULL
);
