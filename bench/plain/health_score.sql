with told as (
  select station_id, event_time, event_type = 'disconnect' as gone, case when event_type = 'heartbeat' then event_time end as beat,
         epoch_us(event_time) * 4 + case event_type when 'disconnect' then 1 when 'connect' then 2 else 0 end as place
  from charge_point_events where event_time <= timestamp '2025-01-01'
),
heard as (
  select station_id, event_time, gone,
         lead(event_time) over (partition by station_id order by place) as next_told,
         last_value(beat ignore nulls) over (partition by station_id order by place rows between unbounded preceding and current row) as last_beat,
         first_value(case when not gone then event_time end ignore nulls) over (partition by station_id order by place rows between 1 following and unbounded following) as next_heard
  from told
),
offline as (
  select heard.station_id, next_heard, min(case when gone then event_time else event_time + to_seconds(2 * heartbeat_interval_seconds) end) as gone_at
  from heard join charge_points using (station_id)
  where gone
     or (coalesce(next_told, timestamp '2025-01-01') > event_time + to_seconds(2 * heartbeat_interval_seconds) and last_beat >= event_time - to_seconds(2 * heartbeat_interval_seconds))
  group by heard.station_id, next_heard
),
states as (
  select station_id, connector_id, event_time, status,
         lead(event_time) over (partition by station_id, connector_id order by event_time, event_id) as until
  from charge_point_events where status is not null and event_time <= timestamp '2025-01-01'
),
ports as (
  select connectors.station_id, connectors.connector_id, greatest(min(event_time), timestamp '2024-12-02') as counted_from
  from connectors join charge_point_events using (station_id) group by all
),
down as (
  select station_id, connector_id, greatest(down_from, counted_from) as down_from, coalesce(down_to, timestamp '2025-01-01') as down_to, counted_from
  from (select station_id, connector_id, gone_at as down_from, next_heard as down_to from offline join connectors using (station_id)
        union all
        select station_id, connector_id, event_time, until from states where status = 'Faulted') join ports using (station_id, connector_id)
  where coalesce(down_to, timestamp '2025-01-01') > counted_from
),
apart as (
  select *, max(down_to) over (partition by station_id, connector_id order by down_from rows between unbounded preceding and 1 preceding) as covered_to from down
),
lost as (
  select station_id, connector_id, sum(greatest(epoch(down_to) - greatest(epoch(down_from), coalesce(epoch(covered_to), 0)), 0)) as seconds
  from apart group by all
),
uptime as (
  select avg(100 - 100 * coalesce(seconds, 0) / (epoch(timestamp '2025-01-01') - epoch(counted_from))) as share from ports left join lost using (station_id, connector_id)
),
known as (select count(distinct station_id) as n from charge_point_events where event_time <= timestamp '2025-01-01'),
off_now as (select count(*) as n from offline where next_heard is null),
faulted_now as (select count(distinct station_id) as n from states where until is null and status = 'Faulted'),
recent as (
  select end_time >= start_time and energy_kwh > 0 and status <> 'failed' as completed,
         abs((meter_stop - meter_start) / 1000 - energy_kwh) > greatest(0.1, 0.01 * energy_kwh) or abs(amount_paid::double - price_per_kwh * energy_kwh) > 0.02 as wrong
  from charging_sessions join tariffs using (tariff_id)
  where end_time > timestamp '2024-12-02' and end_time <= timestamp '2025-01-01'
),
sessions as (
  select 100 * count(*) filter (where completed) / count(*) as success, 100 * count(*) filter (where completed and not wrong) / count(*) filter (where completed) as right_bills from recent
),
firmware as (
  select 100 * count(*) filter (where firmware_version = newest) / count(*) as share
  from charge_points join (select model, max_by(firmware_version, released_at) as newest from firmware_releases where approved and released_at <= timestamp '2025-01-01' group by model) using (model)
)
select round(0.25 * (100 * (known.n - off_now.n) / known.n + uptime.share + success) + 0.1 * firmware.share + 0.15 * right_bills) as score, timestamp '2025-01-01' as calculated_at,
       round(100 * (known.n - off_now.n) / known.n) as connectivity, round(uptime.share) as uptime, round(success) as session_success_rate, round(firmware.share) as firmware_compliance,
       round(right_bills) as billing_accuracy, known.n as total, known.n - off_now.n as online, faulted_now.n as faulted
from known, off_now, faulted_now, uptime, sessions, firmware
