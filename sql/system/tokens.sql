-- One row a token that was ever made: what it may do, never the token itself.
create table tokens (
  name varchar not null,
  -- SHA-256 of the token.
  hash varchar not null,
  scopes varchar not null,
  -- Most requests a day, UTC.
  daily_limit bigint,
  created_at timestamp not null,
  revoked_at timestamp
);
