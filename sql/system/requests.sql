-- Requests to the API, counted by the minute they came in, token, route and status.
create table requests (
  minute timestamp not null,
  -- Its name; null where none was needed or it was not known.
  token varchar,
  endpoint varchar not null,
  -- That of HTTP; 0 while it is not answered, 499 where the answer did not reach its end.
  status integer not null,
  requests bigint not null,
  -- They took in all.
  milliseconds double not null
);
