-- Sessions from logs of which `wattduck prune` deleted events. Imports no longer change them.
create table pruned_sessions (session_id varchar not null);
