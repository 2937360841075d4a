-- IDs that mappings made of raw text become IDs made of typed values, as new imports make them. Rows are recognized by the mapping in
-- the ingest log and by the old ID, which begins with the row's own values. `union all by name` adds columns the file does not store.

-- requires table charging_sessions
create temp table migrated_sessions as
with sessions as (
    select rowid as old_row, * from charging_sessions
    union all by name
    select null::bigint as old_row, null::varchar as connector_id, null::timestamp as end_time where false),
  old_ids as (
    select *, concat_ws('/', station_id, connector_id) || '/' as prefix, replace(start_time::varchar, ' ', 'T') || 'Z' as start_text from sessions),
  -- 51519/2/2018-08-31 22:48/2018-08-31 22:58/2.78
  perth as (
    select old_row, station_id || '/' || coalesce(connector_id, '') || '/' || start_text as base, end_time, "timestamp", true as merges from old_ids
    where exists (select 1 from ingests where mapping = 'perth_kinross') and starts_with(session_id, prefix)
      and regexp_full_match(substr(session_id, length(prefix) + 1), '[0-9]{1,4}[-./][0-9]{1,2}[-./][0-9]{1,4} [0-9]{1,2}:[0-9]{2}(:[0-9]{2})?(/.*)?')),
  -- TOWN / OAK/2018/01/12 15:54:00+00/1:28:23/6.706#2
  arcgis as (
    select old_row, station_id || '/' || start_text as base, end_time, "timestamp", false as merges from old_ids
    where exists (select 1 from ingests where mapping = 'chargepoint_arcgis') and starts_with(session_id, station_id || '/')
      and regexp_full_match(substr(session_id, length(station_id) + 2), '[0-9]{1,4}[-./][0-9]{1,2}[-./][0-9]{1,4}[ T][0-9].*/[0-9]+:[0-9]{2}:[0-9]{2}(/[^/]*)?')),
  found as (select * from perth union all select * from arcgis),
  -- Newest first; a session that has ended replaces the same session without an end.
  ranked as (
    select *, row_number() over (partition by base, merges, end_time order by "timestamp" desc, old_row desc) as place,
      count(end_time) over (partition by base, merges) > 0 as has_end
    from found)
select old_row, base, merges and (place > 1 or (end_time is null and has_end)) as is_superseded,
  row_number() over (partition by base, merges and (place > 1 or (end_time is null and has_end)) order by end_time nulls last, old_row) as number
from ranked;

update charging_sessions set session_id = base || case when number = 1 then '' else '#' || number end
from migrated_sessions where old_row = charging_sessions.rowid and not is_superseded;
delete from charging_sessions where rowid in (select old_row from migrated_sessions where is_superseded);
drop table migrated_sessions;

-- requires table customer_events
create temp table migrated_events as
with events as (
    select rowid as old_row, * from customer_events
    union all by name
    select null::bigint as old_row, null::varchar as customer_id, null::varchar as session_id, null::varchar as product_id, null::decimal(18, 6) as price,
      null::bigint as quantity where false),
  texts as (select *, rtrim(rtrim(price::varchar, '0'), '.') as price_text from events),
  -- user/visit/2019-10-01 00:00:00 UTC/view/44600062/35.79
  rees46 as (
    select old_row, last_updated, concat_ws('/', coalesce(customer_id, ''), coalesce(session_id, ''), replace(event_timestamp::varchar, ' ', 'T') || 'Z', event_type,
        coalesce(product_id, ''), coalesce(price_text, '')) as new_id
    from texts where exists (select 1 from ingests where mapping = 'rees46') and starts_with(event_id, concat_ws('/', customer_id, session_id) || '/')
      and regexp_matches(substr(event_id, length(concat_ws('/', customer_id, session_id)) + 2), '^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:.]+( UTC)?/')
      and contains(event_id, '/' || event_type)),
  -- 536365/85123A/6/2.550#2
  uci as (
    select old_row, last_updated, concat_ws('/', session_id, product_id, quantity::varchar, price_text) || regexp_extract(event_id, '(#[0-9]+)?$') as new_id
    from texts where exists (select 1 from ingests where mapping = 'uci_online_retail') and price is not null and quantity is not null
      and starts_with(event_id, session_id || '/' || product_id || '/')
      and regexp_full_match(substr(event_id, length(session_id) + length(product_id) + 3), '[+-]?[0-9]+(\.0+)?/[+-]?[0-9.,]+(#[0-9]+)?')),
  found as (select * from rees46 union all select * from uci)
select old_row, new_id, row_number() over (partition by new_id order by last_updated desc, old_row desc) > 1 as is_superseded from found;

update customer_events set event_id = new_id from migrated_events where old_row = customer_events.rowid and not is_superseded and event_id <> new_id;
delete from customer_events where rowid in (select old_row from migrated_events where is_superseded);
drop table migrated_events;

-- requires table charge_point_events
-- CH-1/2025-10-01T08:00:00.000Z/heartbeat/h1#2: only the time is rewritten.
create temp table migrated_logs as
with events as (select rowid as old_row, event_id, station_id, event_type, last_updated from charge_point_events),
  places as (select *, strpos(substr(event_id, length(station_id) + 2), '/' || event_type || '/') as place from events),
  found as (
    select old_row, last_updated, station_id || '/' || replace(last_updated::varchar, ' ', 'T') || 'Z' || substr(event_id, length(station_id) + 1 + place) as new_id
    from places where exists (select 1 from ingests where mapping = 'ocpp_log') and place > 0 and starts_with(event_id, station_id || '/')
      and regexp_matches(substr(event_id, length(station_id) + 2, place - 1), '^[0-9]{1,4}[-./][0-9]{1,2}[-./][0-9]{1,4}[ T][0-9:.]+'))
select old_row, new_id, row_number() over (partition by new_id order by last_updated desc, old_row desc) > 1 as is_superseded from found;

update charge_point_events set event_id = new_id from migrated_logs where old_row = charge_point_events.rowid and not is_superseded and event_id <> new_id;
delete from charge_point_events where rowid in (select old_row from migrated_logs where is_superseded);
drop table migrated_logs;
