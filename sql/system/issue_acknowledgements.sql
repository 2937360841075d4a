-- One row per acknowledgement of an imported or detected issue: the newest is current, older rows are its history.
create table issue_acknowledgements (
  issue_id varchar not null,
  note varchar,
  acknowledged_at timestamp not null
);
