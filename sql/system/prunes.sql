-- One row per event type and run of `wattduck prune` that deleted events of it.
create table prunes (
  prune_id bigint not null,
  event_type varchar not null,
  -- Events before this time were deleted.
  pruned_before timestamp not null,
  rows_deleted bigint not null,
  -- Older events that stayed: last states, and those of sessions that had not ended.
  rows_kept bigint not null,
  pruned_at timestamp not null
);
