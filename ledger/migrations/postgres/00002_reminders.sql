-- +goose Up
-- Reminders by cause and channel, without holder or address; ahead is how long before the start, in milliseconds.

CREATE TABLE reminders (
  booking TEXT    NOT NULL,
  start   BIGINT NOT NULL,
  ahead   BIGINT NOT NULL,
  channel TEXT    NOT NULL,
  state   TEXT    NOT NULL,
  due     BIGINT NOT NULL,
  office  TEXT    NOT NULL,
  day     TEXT    NOT NULL,
  at      BIGINT NOT NULL,
  hub     TEXT    NOT NULL,
  reason  TEXT    NOT NULL,
  tries   BIGINT NOT NULL,
  next    BIGINT NOT NULL,
  PRIMARY KEY (booking, start, ahead, channel)
);
CREATE INDEX reminders_planned ON reminders (due) WHERE state = 'planned';
CREATE INDEX reminders_queued ON reminders (channel, start, booking, ahead) WHERE state = 'queued';
CREATE INDEX reminders_sending ON reminders (channel, office) WHERE state = 'sending';
CREATE INDEX reminders_day ON reminders (office, day);
CREATE INDEX reminders_start ON reminders (start);

CREATE INDEX bookings_confirmed ON bookings (start, id) WHERE state = 'confirmed';
