-- One row per detected issue that an import removed because it corrected the rows in which it was detected.
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
  -- Time of the import with the correction, or the end of the issue if it had ended before.
  resolved_at timestamp not null
);
