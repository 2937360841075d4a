-- Sessions from logs that rows of a file now provide. Runs within the transaction of an import of charging_sessions, whose rows are in
-- `staged`. It reads stored_sessions, the table with all declared columns.
create or replace temp table tx_stale as
with imported as (
    select station_id, connector_id, start_time, end_time, coalesce(transaction_id, session_id) as transaction_id from stored_sessions
    where not starts_with(session_id, 'ocpp/') and session_id in (select session_id from staged)),
  logged as (
    select session_id, station_id, connector_id, start_time, end_time, transaction_id from stored_sessions
    where starts_with(session_id, 'ocpp/') and station_id in (select station_id from imported))
select l.session_id from logged l join imported i using (station_id, transaction_id) where is_same_transaction(transaction_id, l.start_time, i.start_time)
union
select l.session_id from logged l join (select *, unnest([-1, 0, 1]) + start_slot(start_time) as slot from imported) i
  on i.station_id = l.station_id and i.slot = start_slot(l.start_time)
where is_same_session(l.connector_id, l.start_time, l.end_time, i.connector_id, i.start_time, i.end_time);
