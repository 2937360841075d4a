-- One row per token, including revoked tokens; only a hash of the token is stored.
create table tokens (
  name varchar not null,
  -- SHA-256 of the token.
  hash varchar not null,
  scopes varchar not null,
  -- Max requests per day in UTC.
  daily_limit bigint,
  created_at timestamp not null,
  revoked_at timestamp
);
