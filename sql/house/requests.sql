-- Requests the server answered, counted by minute, token, route and status.
create table requests (
  minute timestamp not null,
  -- Null where none was needed.
  token varchar,
  endpoint varchar not null,
  status integer not null,
  requests bigint not null,
  milliseconds double not null
);
