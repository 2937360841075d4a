-- One row per detected issue of a session that an import removed because it corrected the session or its tariff.
create table resolved_issues (
  issue_id varchar not null,
  -- The rule that detected it.
  rule varchar not null,
  type varchar not null,
  severity varchar not null,
  station_id varchar not null,
  connector_id varchar,
  session_id varchar,
  description varchar,
  created_at timestamp not null,
  -- Time of the import with the correction.
  resolved_at timestamp not null
);
