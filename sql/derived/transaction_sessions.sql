-- Sessions from the OCPP transactions in charge_point_events, computed from all stored events of a transaction, so that the order,
-- repetition and splitting of logs do not matter. Runs within the transaction of an import, in temporary tables; the result is
-- `staged`. It reads
--   stored_events, stored_sessions: the tables with all declared columns
--   touched_events (station_id, transaction_id, start_time): transactions and starts with new events
--   pruned_sessions (session_id): sessions that stay as they are, because some of their events were deleted
-- Session IDs begin with `ocpp/`: this marks the sessions that come from a log.

-- OCPP 1.6: calls of StartTransaction.
create or replace temp table tx_calls as
select distinct station_id, coalesce(json_extract_string(payload, '$[3].connectorId'), '') as connector, event_time as start_time,
  last_updated as called_at, json_extract_string(payload, '$[1]') as message_id,
  nullif(trim(json_extract_string(payload, '$[3].idTag')), '') as id_tag, finite_number(json_extract_string(payload, '$[3].meterStart')) as meter_start
from stored_events
where event_type = 'start_transaction' and payload is not null and station_id in (select station_id from touched_events);

-- One row per start and transaction ID of its responses. Message IDs are reused after a reboot: a response belongs to the nearest
-- call with its ID, and a call has one response. Calls of one connector with one time are the same start, sent again.
create or replace temp table tx_starts as
with responses as (
    select distinct station_id, transaction_id, last_updated as answered_at, json_extract_string(payload, '$[1]') as message_id
    from stored_events
    where event_type = 'call_result' and transaction_id is not null and payload is not null and station_id in (select station_id from touched_events)),
  pairs as (
    select station_id, message_id, connector, start_time, called_at, transaction_id, answered_at, answered_at < called_at as is_early,
      abs(epoch_us(answered_at) - epoch_us(called_at)) as distance
    from tx_calls join responses using (station_id, message_id)),
  ranked as (
    select *,
      row_number() over (partition by station_id, message_id, connector, start_time, called_at order by is_early, distance, answered_at, transaction_id) as response_place,
      row_number() over (partition by station_id, message_id, transaction_id, answered_at order by is_early, distance, called_at, start_time, connector) as call_place
    from pairs where distance <= 86400000000),
  answers as (
    select station_id, connector, start_time, transaction_id, max(answered_at) as answered_at
    from ranked where response_place = 1 and call_place = 1 group by all),
  starts as (
    select station_id, connector, start_time, min(called_at) as called_at, max(called_at) as last_called_at, min(id_tag) as id_tag, min(meter_start) as meter_start
    from tx_calls group by all)
select *, count(transaction_id) over (partition by station_id, connector, start_time) as ids
from starts left join answers using (station_id, connector, start_time);

create or replace temp table tx_touched as
select station_id, transaction_id from touched_events where transaction_id is not null
union
select station_id, tx_starts.transaction_id from tx_starts join touched_events using (station_id, start_time) where tx_starts.transaction_id is not null;

-- Stops and meter values, without those of other transactions whose start is known.
create or replace temp table tx_frames as
select event_id, station_id, transaction_id, event_type = 'stop_transaction' as is_stop, event_time, last_updated as logged_at,
  case when event_type = 'meter' then nullif(connector_id, '0') end as connector, id_tag, meter_wh
from stored_events e
where event_type in ('stop_transaction', 'meter') and transaction_id is not null and payload is not null
  and station_id in (select station_id from touched_events)
  and (exists (select 1 from tx_touched t where t.station_id = e.station_id and t.transaction_id = e.transaction_id)
    or not exists (select 1 from tx_starts s where s.station_id = e.station_id and s.transaction_id = e.transaction_id and s.ids = 1));

-- One row per start; of several transaction IDs, the one that is used.
create or replace temp table tx_known as
with used as (select distinct station_id, transaction_id, true as is_used from tx_frames)
select station_id, connector, start_time, called_at, last_called_at, id_tag, meter_start, transaction_id, answered_at
from (
  select *, row_number() over (partition by station_id, connector, start_time order by coalesce(is_used, false) desc, answered_at desc nulls last, transaction_id) as place
  from tx_starts left join used using (station_id, transaction_id))
where place = 1;

-- Frames by start. Transaction IDs are reused (0, -1, counters that begin again): a frame belongs to the last start before it, by the
-- clock of the charge point or of the log, whose connector, tag and meter fit.
create or replace temp table tx_placed as
with known as (
    select *, count(*) over (partition by station_id, transaction_id) as starts from tx_known where transaction_id is not null),
  reused as (select * exclude starts from known where starts > 1),
  connectors as (
    select *, count(*) over (partition by station_id, transaction_id) as n from (select distinct station_id, transaction_id, connector from reused)),
  frames as (
    select f.* exclude connector, c.connector from tx_frames f join connectors c using (station_id, transaction_id)
    where f.connector is null or f.connector = c.connector or n = 1),
  marks as (
    select null as event_id, station_id, transaction_id, connector, start_time, start_time as event_time, called_at as logged_at from reused
    union all
    select event_id, station_id, transaction_id, connector, null, event_time, logged_at from frames),
  lasts as (
    select event_id, station_id, transaction_id, connector, max(start_time) over (partition by station_id, transaction_id, connector
        order by event_time, event_id nulls first rows between unbounded preceding and current row) as by_event,
      max(start_time) over (partition by station_id, transaction_id, connector
        order by logged_at, event_id nulls first rows between unbounded preceding and current row) as by_log
    from marks),
  candidates as (
    select f.event_id, f.event_time, f.logged_at, f.is_stop, f.id_tag as tag, f.meter_wh, s.connector, s.start_time, s.called_at, s.id_tag, s.meter_start
    from (select distinct event_id, station_id, transaction_id, connector, unnest([by_event, by_log]) as start_time from lasts where event_id is not null) l
      join reused s using (station_id, transaction_id, connector, start_time) join tx_frames f on f.event_id = l.event_id),
  chosen as (
    select event_id, connector, start_time
    from candidates
    qualify row_number() over (partition by event_id order by event_time >= start_time and logged_at >= called_at desc, coalesce(not is_stop or equals_ci(tag, id_tag), true) desc,
      meter_fits(meter_wh, meter_start, start_time, event_time) desc, start_time desc, connector) = 1)
select * from chosen
union all
select f.event_id, s.connector, s.start_time
from tx_frames f join known s using (station_id, transaction_id)
where starts = 1 and (f.event_time >= s.start_time or f.logged_at >= s.called_at);

-- Frames without a start, by part: each stop ends one. Later meter values are late ones, unless the ID is one that is reused.
create or replace temp table tx_unplaced as
with frames as (
    select *, is_stop and row_number() over (partition by station_id, transaction_id, is_stop, event_time, meter_wh order by logged_at, event_id) = 1 as ends_part
    from tx_frames where event_id not in (select event_id from tx_placed)),
  counted as (
    select *, coalesce(sum(ends_part::int) over (partition by station_id, transaction_id order by logged_at, event_time, is_stop, event_id
        rows between unbounded preceding and 1 preceding), 0) as stops_before,
      sum(ends_part::int) over (partition by station_id, transaction_id) as stops
    from frames)
select * exclude (stops_before, stops, ends_part),
  case when is_stop then min(stops_before) over (partition by station_id, transaction_id, is_stop, event_time, meter_wh)
       when transaction_id in ('0', '-1') then stops_before else least(stops_before, greatest(stops - 1, 0)) end as part
from counted;

create or replace temp table tx_parts as
select station_id, transaction_id, part, min(event_time) as first_time, min(event_time) filter (is_stop) as stop_time,
  case when count(distinct connector) = 1 then min(connector) end as connector, min(id_tag) filter (is_stop) as id_tag,
  coalesce(max(meter_wh) filter (is_stop), max(meter_wh)) as meter_wh
from tx_unplaced group by all;

-- Starts without a response, as in a log of calls alone, by the parts they fit: the last start of a connector before the part.
create or replace temp table tx_candidates as
with connectors as (select distinct station_id, connector from tx_known where station_id in (select station_id from tx_parts)),
  marks as (
    select station_id, connector, start_time, start_time as seen_at, null as transaction_id, null as part from tx_known semi join connectors using (station_id, connector)
    union all
    select p.station_id, c.connector, null, p.first_time, p.transaction_id, p.part from tx_parts p join connectors c using (station_id)
    where p.connector is null or p.connector = c.connector),
  lasts as (
    select station_id, connector, transaction_id, part, max(start_time) over (partition by station_id, connector
        order by seen_at, transaction_id nulls first, part rows between unbounded preceding and current row) as start_time
    from marks)
select p.station_id, p.transaction_id, p.part, p.first_time, s.connector, s.start_time,
  meter_fits(p.meter_wh, s.meter_start, s.start_time, coalesce(p.stop_time, p.first_time)) as fits
from lasts l join tx_parts p using (station_id, transaction_id, part) join tx_known s on s.station_id = l.station_id and s.connector = l.connector and s.start_time = l.start_time
where s.transaction_id is null and epoch_us(p.first_time) - epoch_us(s.start_time) <= 7 * 86400000000 and coalesce(equals_ci(p.id_tag, s.id_tag), true);

create or replace temp table tx_pairs as
with chosen as (
    select *, count(*) over (partition by station_id, transaction_id, part) as candidates,
      count(*) filter (fits) over (partition by station_id, transaction_id, part) as fitting
    from tx_candidates),
  claims as (
    select *, row_number() over (partition by station_id, connector, start_time order by fits desc, first_time, transaction_id, part) as claim
    from chosen where candidates = 1 or (fits and fitting = 1))
select station_id, transaction_id, part, connector, start_time from claims where claim = 1;

-- Once more without the starts that are taken.
insert into tx_pairs
with chosen as (
    select *, count(*) over (partition by station_id, transaction_id, part) as candidates,
      count(*) filter (fits) over (partition by station_id, transaction_id, part) as fitting
    from tx_candidates c
    where not exists (select 1 from tx_pairs t where t.station_id = c.station_id and t.connector = c.connector and t.start_time = c.start_time)
      and not exists (select 1 from tx_pairs t where t.station_id = c.station_id and t.transaction_id = c.transaction_id and t.part = c.part)),
  claims as (
    select *, row_number() over (partition by station_id, connector, start_time order by fits desc, first_time, transaction_id, part) as claim
    from chosen where candidates = 1 or (fits and fitting = 1))
select station_id, transaction_id, part, connector, start_time from claims where claim = 1;

-- The sessions from logs that are there, without those that stay as they are.
create or replace temp table tx_before as
select session_id, station_id, transaction_id, start_time, "timestamp" as version from stored_sessions
where starts_with(session_id, 'ocpp/') and station_id in (select station_id from touched_events)
  and session_id not in (select session_id from pruned_sessions);

-- Transactions of OCPP 1.6 to compute: touched ones, and starts that now have another transaction.
create or replace temp table tx_scope as
with transactions as (
    select 'ocpp/' || s.station_id || '/' || s.connector || '/' || iso_utc(s.start_time) as tx, s.station_id, s.connector, s.start_time,
      s.id_tag, s.meter_start, coalesce(s.transaction_id, p.transaction_id) as transaction_id, p.part, p.part is not null as is_paired,
      greatest(s.last_called_at, s.answered_at) as version
    from tx_known s left join tx_pairs p using (station_id, connector, start_time)
    union all
    select 'part/' || p.station_id || '/' || p.transaction_id || '/' || p.part, p.station_id, p.connector, null, null, null, p.transaction_id, p.part, true, null
    from tx_parts p anti join tx_pairs using (station_id, transaction_id, part)),
  compared as (
    select t.*, b.transaction_id as transaction_before, t.start_time is not null and (b.session_id is null and t.is_paired
        or b.session_id is not null and b.transaction_id is distinct from t.transaction_id) as is_changed,
      exists (select 1 from touched_events e where e.station_id = t.station_id and e.start_time = t.start_time) as is_touched
    from transactions t left join tx_before b on b.session_id = t.tx),
  ids as (
    select station_id, transaction_id from tx_touched
    union
    select station_id, unnest([transaction_id, transaction_before]) from compared where is_changed or is_touched)
select * exclude (is_changed, is_touched) from compared c
where is_changed or is_touched or exists (select 1 from ids where ids.station_id = c.station_id and ids.transaction_id = c.transaction_id);

-- Frames of these transactions. Meter values are only needed for a state of charge, and for the energy if the start or the stop has none.
create or replace temp table tx_places as
with places as (
    select s.tx, f.event_id, f.is_stop, f.logged_at, f.meter_wh, s.meter_start
    from tx_frames f join tx_placed p using (event_id)
      join tx_scope s on s.station_id = f.station_id and s.connector = p.connector and s.start_time = p.start_time
    union all
    select s.tx, u.event_id, u.is_stop, u.logged_at, u.meter_wh, s.meter_start
    from tx_unplaced u join tx_scope s on s.station_id = u.station_id and s.transaction_id = u.transaction_id and s.part = u.part and s.is_paired)
select tx, event_id, is_stop, max(logged_at) over (partition by tx) as version,
  is_stop or meter_start is null or count(meter_wh) filter (is_stop) over (partition by tx) = 0 as needs_energy
from places;

create or replace temp table tx_events as
select tx, e.event_id, e.station_id, e.transaction_id, event_time, last_updated as logged_at, e.connector_id, e.id_tag, payload,
  case when is_stop then 'Ended' else 'Updated' end as kind, null::double as charging_seconds
from stored_events e join tx_places using (event_id)
where event_type in ('stop_transaction', 'meter') and e.station_id in (select station_id from tx_scope) and (needs_energy or contains(payload::varchar, '"SoC"'))
union all
-- OCPP 2.0.1: the charge point numbers its transactions.
select 'ocpp/' || e.station_id || '/' || e.transaction_id, event_id, e.station_id, e.transaction_id, event_time, last_updated, connector_id, id_tag, payload,
  json_extract_string(payload, '$[3].eventType'), finite_number(json_extract_string(payload, '$[3].transactionInfo.timeSpentCharging'))
from stored_events e semi join tx_touched using (station_id, transaction_id)
where event_type = 'TransactionEvent' and payload is not null;

-- Total energy registers in Wh and states of charge. Values of a phase and of an interval are not the register.
create or replace temp table tx_readings as
with entries as (
    select tx, event_time, utc_time(coalesce(json_extract_string(payload, '$[3].timestamp'), json_extract_string(payload, '$[3].meterValue[0].timestamp'))) as frame_time,
      unnest(list_concat(ocpp_meter_values(json_extract(payload, '$[3].meterValue')), ocpp_meter_values(json_extract(payload, '$[3].transactionData')))) as entry
    from tx_events),
  timed as (
    -- A time without an offset, or of a clock that is not set, is as far from the time of the frame as in the frame.
    select tx, entry."sampledValue" as samples,
      coalesce(utc_time(entry."timestamp") + case when regexp_matches(entry."timestamp", '(Z|[+-][0-9]{2}:?[0-9]{2})$') and utc_time(entry."timestamp") >= timestamp '2008-01-01'
        then interval 0 seconds else coalesce(event_time - frame_time, interval 0 seconds) end, event_time) as reading_time
    from entries),
  sampled as (select tx, reading_time, unnest(samples) as sample from timed),
  valued as (
    select tx, reading_time, coalesce(sample.measurand, 'Energy.Active.Import.Register') as measurand, sample.context,
      lower(coalesce(sample.unit, sample."unitOfMeasure".unit, 'Wh')) as unit, coalesce(sample.location, 'Outlet') = 'Outlet' as is_outlet,
      finite_number(sample.value) * pow(10, coalesce(finite_number(sample."unitOfMeasure".multiplier), 0)) as value
    from sampled where sample.phase is null)
select tx, reading_time, context, is_outlet, case when measurand = 'SoC' then value end as soc,
  case when measurand = 'Energy.Active.Import.Register' then value * case unit when 'wh' then 1 when 'kwh' then 1000 when 'mwh' then 1000000 end end as wh
from valued where isfinite(value) and measurand in ('Energy.Active.Import.Register', 'SoC');

-- Every computed session; start_time is null if the log does not say when it started.
create or replace temp table tx_sessions as
with readings as (
    select tx,
      first(wh order by is_outlet desc, context = 'Transaction.Begin' desc nulls last, reading_time, wh) filter (wh is not null) as first_wh,
      first(wh order by is_outlet desc, context = 'Transaction.End' desc nulls last, reading_time desc, wh desc) filter (wh is not null) as last_wh,
      min(reading_time) filter (context = 'Transaction.Begin') as begin_time,
      count(distinct reading_time) filter (wh is not null) as times,
      first(soc order by reading_time, soc) filter (soc between 0 and 100) as first_soc,
      first(soc order by reading_time desc, soc desc) filter (soc between 0 and 100) as last_soc
    from tx_readings group by tx),
  stops as (
    select tx, event_time as ended_at, logged_at as end_logged_at, finite_number(json_extract_string(payload, '$[3].meterStop')) as meter_stop,
      coalesce(json_extract_string(payload, '$[3].reason'), json_extract_string(payload, '$[3].transactionInfo.stoppedReason')) as stop_reason
    from tx_events where kind = 'Ended' qualify row_number() over (partition by tx order by logged_at, event_id) = 1),
  messages as (
    select tx, min(station_id) as station_id, min(transaction_id) as transaction_id, min(event_time) filter (kind = 'Started') as started_at,
      max(logged_at) as version, max(connector_id) as connector, max(charging_seconds) as charging_seconds,
      first(trim(id_tag) order by event_time, event_id) filter (trim(id_tag) <> '') as id_tag
    from tx_events group by tx),
  versions as (select tx, max(version) as version from tx_places group by tx),
  joined as (
    select coalesce(s.tx, m.tx) as tx, coalesce(s.station_id, m.station_id) as station_id, coalesce(s.transaction_id, m.transaction_id) as transaction_id,
      coalesce(s.connector, nullif(m.connector, '0')) as connector, coalesce(s.id_tag, m.id_tag) as id_tag, coalesce(s.start_time, started_at, begin_time) as start_time,
      ended_at is not null as has_ended, ended_at, end_logged_at, greatest(s.version, v.version, m.version) as version,
      coalesce(s.meter_start, case when times > 1 or begin_time is not null then first_wh end) as meter_start, last_wh, meter_stop, stop_reason, charging_seconds, first_soc, last_soc
    from tx_scope s full join messages m on m.tx = s.tx left join readings r on r.tx = coalesce(s.tx, m.tx)
      left join stops e on e.tx = coalesce(s.tx, m.tx) left join versions v on v.tx = s.tx),
  ended as (
    select *, case when not has_ended then null when ended_at >= start_time then ended_at when end_logged_at >= start_time then end_logged_at else start_time end as end_time,
      case when has_ended then coalesce(meter_stop, last_wh) end as end_wh
    from joined)
select tx, case when starts_with(tx, 'part/') then 'ocpp/' || station_id || '/' || coalesce(connector, '') || '/' || iso_utc(start_time) else tx end as session_id,
  transaction_id, station_id, nullif(connector, '') as connector_id, id_tag as rfid, start_time, end_time,
  case when case when has_ended then end_wh else last_wh end >= meter_start
    then try_cast(round((case when has_ended then end_wh else last_wh end - meter_start) / 1000, 6) as decimal(18, 6)) end as energy_kwh,
  meter_start, end_wh as meter_stop, end_wh < meter_start as invalid_meter_reading, first_soc as start_soc, case when has_ended then last_soc end as stop_soc,
  charging_seconds, stop_reason, version as "timestamp"
from ended;

-- Sessions that another file provides: nothing is added to them.
create or replace temp table tx_provided as
with provided as (
    select station_id, connector_id, start_time, end_time, coalesce(transaction_id, session_id) as transaction_id from stored_sessions
    where not starts_with(session_id, 'ocpp/') and station_id in (select station_id from tx_sessions))
select s.tx from tx_sessions s join provided p using (station_id, transaction_id) where is_same_transaction(transaction_id, s.start_time, p.start_time)
union
select s.tx from tx_sessions s join (select *, unnest([-1, 0, 1]) + start_slot(start_time) as slot from provided) p
  on p.station_id = s.station_id and p.slot = start_slot(s.start_time)
where is_same_session(s.connector_id, s.start_time, s.end_time, p.connector_id, p.start_time, p.end_time);

-- Sessions that stay as they are. Their remaining events may begin later than they did.
create or replace temp table tx_final as
with final as (
    select session_id, station_id, connector_id, transaction_id, start_time, coalesce(end_time, "timestamp") as last_time
    from stored_sessions semi join pruned_sessions using (session_id) where station_id in (select station_id from tx_sessions))
select tx from tx_sessions semi join final using (session_id)
union
select s.tx from tx_sessions s join final f using (station_id, transaction_id)
where s.start_time >= f.start_time and s.start_time < f.last_time and coalesce(s.connector_id = f.connector_id, true);

create or replace temp table staged as
select * exclude tx from tx_sessions
where start_time is not null and tx not in (select tx from tx_provided) and tx not in (select tx from tx_final);

-- Sessions from logs that are no longer computed.
create or replace temp table tx_stale as
with ids as (
    select station_id, transaction_id from tx_touched
    union
    select station_id, unnest([transaction_id, transaction_before]) from tx_scope),
  candidates as (
    select session_id from tx_before semi join ids using (station_id, transaction_id)
    union
    select session_id from tx_before semi join touched_events using (station_id, start_time)
    union
    select session_id from tx_before where session_id in (select tx from tx_scope))
select session_id from candidates where session_id not in (select session_id from staged);
;

-- Sessions whose last frame turned out to be of another transaction, so that their version is older than before. The version of a
-- session from a log is the time of one of its events; others are later corrections, which stay.
create or replace temp table tx_outdated as
with later as (
    select b.session_id, b.station_id, b.version as version_before, s."timestamp" as version
    from tx_before b join staged s using (session_id) where b.version > s."timestamp")
select session_id, version from later
where exists (select 1 from stored_events e where e.station_id = later.station_id and e.last_updated = later.version_before)
