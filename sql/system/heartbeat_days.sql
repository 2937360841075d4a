-- Heartbeats without values of their own, one row per charge point, spelling of the event type and UTC day.
-- Heartbeat i (from 0) is at first_at + (i * step + deviations[i]) * unit_ms milliseconds.
create table heartbeat_days (
  station_id varchar not null,
  event_type varchar not null,
  day date not null,
  first_at timestamp not null,
  last_at timestamp not null,
  heartbeat_count bigint not null,
  -- Milliseconds of the longest time between two of them.
  longest_gap_ms bigint not null,
  -- 1000 if all times are whole seconds, else 1.
  unit_ms integer not null,
  step integer not null,
  deviations integer[] not null
);
