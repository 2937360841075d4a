-- One row an acknowledgement of an issue, entered or found: the newest holds, the older ones are its history.
create table issue_acknowledgements (
  issue_id varchar not null,
  note varchar,
  acknowledged_at timestamp not null
);
