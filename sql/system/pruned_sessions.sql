-- Sessions from logs that lost events to `wattduck prune`. Imports no longer change them.
create table pruned_sessions (session_id varchar not null);
