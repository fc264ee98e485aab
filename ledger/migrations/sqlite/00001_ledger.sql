-- +goose Up
-- Times are UTC milliseconds, 0 for "not"; doc is the row as JSON, the other columns are what it is found by.

CREATE TABLE meta (
  name  TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- One row an office: its lock, the head of its chain and its state.
CREATE TABLE offices (
  office TEXT    NOT NULL PRIMARY KEY,
  seq    INTEGER NOT NULL,
  at     INTEGER NOT NULL,
  hash   BLOB    NOT NULL,
  doc    TEXT    NOT NULL
) STRICT;

CREATE TABLE holder_locks (
  holder TEXT NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- Salt and payload can be erased together; digest and hash stay and the chain still proves itself.
CREATE TABLE events (
  office  TEXT    NOT NULL,
  seq     INTEGER NOT NULL,
  at      INTEGER NOT NULL,
  digest  BLOB    NOT NULL,
  hash    BLOB    NOT NULL,
  salt    BLOB,
  payload BLOB,
  PRIMARY KEY (office, seq)
) STRICT;

CREATE TABLE tickets (
  id     TEXT    NOT NULL PRIMARY KEY,
  office TEXT    NOT NULL,
  queue  TEXT    NOT NULL,
  day    TEXT    NOT NULL,
  state  TEXT    NOT NULL,
  live   INTEGER NOT NULL,
  class  TEXT    NOT NULL,
  number TEXT    NOT NULL,
  due    INTEGER NOT NULL,
  joined INTEGER NOT NULL,
  seq    INTEGER NOT NULL,
  doc    TEXT    NOT NULL
) STRICT;
CREATE INDEX tickets_line ON tickets (queue, day, due, joined) WHERE state = 'waiting';
CREATE INDEX tickets_live ON tickets (office, day) WHERE live = 1;
CREATE INDEX tickets_number ON tickets (office, day, number);
CREATE INDEX tickets_dormant ON tickets (queue, day, due) WHERE state = 'remote';
CREATE INDEX tickets_class ON tickets (queue, day, class);

CREATE TABLE links (
  ticket TEXT NOT NULL PRIMARY KEY,
  token  TEXT NOT NULL UNIQUE
) STRICT, WITHOUT ROWID;

CREATE TABLE bookings (
  id        TEXT    NOT NULL PRIMARY KEY,
  reference TEXT    NOT NULL,
  office    TEXT    NOT NULL,
  queue     TEXT    NOT NULL,
  day       TEXT    NOT NULL,
  state     TEXT    NOT NULL,
  freed     INTEGER NOT NULL,
  start     INTEGER NOT NULL,
  made      INTEGER NOT NULL,
  release   INTEGER NOT NULL,
  seq       INTEGER NOT NULL,
  doc       TEXT    NOT NULL
) STRICT;
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
) STRICT, WITHOUT ROWID;
CREATE INDEX holders_holder ON holders (holder, id);

CREATE TABLE shifts (
  counter TEXT    NOT NULL PRIMARY KEY,
  office  TEXT    NOT NULL,
  seq     INTEGER NOT NULL,
  doc     TEXT    NOT NULL
) STRICT;
CREATE INDEX shifts_office ON shifts (office);

CREATE TABLE numbers (
  office TEXT    NOT NULL,
  day    TEXT    NOT NULL,
  series TEXT    NOT NULL,
  n      INTEGER NOT NULL,
  PRIMARY KEY (office, day, series)
) STRICT, WITHOUT ROWID;

CREATE TABLE voids (
  office TEXT    NOT NULL,
  day    TEXT    NOT NULL,
  series TEXT    NOT NULL,
  n      INTEGER NOT NULL,
  reason TEXT    NOT NULL,
  PRIMARY KEY (office, day, series, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE undos (
  counter TEXT NOT NULL PRIMARY KEY,
  doc     TEXT NOT NULL
) STRICT;

-- Idempotency keys with the ids they made.
CREATE TABLE repeats (
  principal TEXT    NOT NULL,
  route     TEXT    NOT NULL,
  key       TEXT    NOT NULL,
  body      TEXT    NOT NULL,
  ids       TEXT    NOT NULL,
  at        INTEGER NOT NULL,
  PRIMARY KEY (principal, route, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX repeats_at ON repeats (at);

CREATE TABLE records (
  kind    TEXT    NOT NULL,
  id      TEXT    NOT NULL,
  owner   TEXT    NOT NULL,
  expires INTEGER NOT NULL,
  data    BLOB    NOT NULL,
  PRIMARY KEY (kind, id)
) STRICT;
CREATE INDEX records_owner ON records (kind, owner);
CREATE INDEX records_expires ON records (expires) WHERE expires > 0;

CREATE TABLE leases (
  name   TEXT    NOT NULL PRIMARY KEY,
  holder TEXT    NOT NULL,
  until  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE secrets (
  name    TEXT NOT NULL PRIMARY KEY,
  wrapped BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- The last batch of each writer, to look up a commit whose outcome is unknown.
CREATE TABLE commits (
  writer TEXT    NOT NULL PRIMARY KEY,
  batch  TEXT    NOT NULL,
  at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
