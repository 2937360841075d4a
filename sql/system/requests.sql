-- Number of API requests by minute, token, route and status.
create table requests (
  minute timestamp not null,
  -- Name of the token; null if none was needed or it is unknown.
  token varchar,
  endpoint varchar not null,
  -- HTTP status; 0 while the request is open, 499 if the client disconnected.
  status integer not null,
  requests bigint not null,
  -- Total duration of the requests.
  milliseconds double not null
);
