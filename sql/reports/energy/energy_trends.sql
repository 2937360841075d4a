/*---
title: Energy trends
description: >-
  Energy delivered and completed sessions per day, week from Monday or calendar month of the zone asked for. A completed
  session has an end that is not before its start, delivered energy, and is not marked failed or invalid. It stands in
  the bucket it starts in; with by=end in the one it ends in; with by=spread its energy is shared out evenly over the
  seconds it ran, what lies in the period counts, and the session is counted in every bucket it ran in. Buckets without
  energy are there with 0: from the one of from, or the first with energy, to the one of to, or the last with energy.
http: [/api/v1/analytics/energy/trends, /v0/pipes/energy_trends.json]
params:
  from: { description: First moment of the period, role: period_start, example: "2025-01-01" }
  to: { description: Last moment of the period; a bare date counts whole, role: period_end, example: "2025-01-31" }
  granularity: { description: Size of the buckets, choices: [day, week, month], default: day, example: week }
  charge_point_id: { description: Only this charge point, example: cp_007 }
  project_id: { description: "Only this site: the session's own, or where it has none that of its charge point", example: site_03 }
  by: { description: "What puts a session into the period and a bucket: its start, its end, or energy spread over the time it ran", choices: [start, end, spread], default: start }
  tz: { description: IANA time zone of dates and buckets, role: time_zone, default: UTC, example: Europe/Berlin }
columns:
  period: { description: First day of the bucket in the zone }
  energy_kwh: { description: Energy of the completed sessions, unit: kWh }
  session_count: { description: Completed sessions, unit: count }
key: [period]
sort: { default: period, allow: [period, energy_kwh, session_count] }
page: { kind: none }
answer: { shape: list, key: data, echo: [from, to, granularity] }
chart: { kind: line, x: period, y: energy_kwh }
---*/
with chosen as (
  select energy_kwh, start_time, end_time
  from charging_sessions
  where is_completed(start_time, end_time, energy_kwh, status)
    and in_period(start_time, end_time, $from::timestamp, $to::timestamp, $by::varchar)
    and ($charge_point_id::varchar is null or station_id = $charge_point_id::varchar)
    and ($project_id::varchar is null or site_id = $project_id::varchar
         or (site_id is null and station_id in (select station_id from charge_points where site_id = $project_id::varchar)))
),
-- Zones differ from UTC by whole quarter-hours, so energy is summed by quarter-hour and only the sums are moved into the zone.
whole as (
  select idiv(epoch_s(case $by::varchar when 'end' then end_time else start_time end), 900) as slot,
         sum(energy_kwh) as energy, count(*) as sessions, count(*) as begun
  from chosen
  where $by::varchar <> 'spread'
  group by idiv(epoch_s(case $by::varchar when 'end' then end_time else start_time end), 900)
),
running as (
  select energy_kwh, session_end_s(start_time, end_time) - epoch_s(start_time) as seconds,
         greatest(epoch_s(start_time), coalesce(epoch_s($from::timestamp), epoch_s(start_time))) as starts,
         least(session_end_s(start_time, end_time), coalesce(epoch_s($to::timestamp) + 1, session_end_s(start_time, end_time))) as ends
  from chosen
  where $by::varchar = 'spread'
),
parts as (
  select energy_kwh, seconds, starts, ends, unnest(range(idiv(starts, 900), idiv(ends - 1, 900) + 1)) as slot
  from running
),
shared as (
  select slot, sum(energy_kwh * (least(ends, (slot + 1) * 900) - greatest(starts, slot * 900)) / nullif(seconds, 0)::double) as energy,
         count(*) as sessions, count(*) filter (where slot = idiv(starts, 900)) as begun
  from parts
  group by slot
),
slots as (
  select slot, energy, sessions, begun from whole
  union all
  select slot, energy, sessions, begun from shared
),
-- A session that runs on is counted once more in the quarter-hour a bucket begins with.
placed as (
  select bucket_of_epoch($granularity::varchar, slot * 900, $tz::varchar) as bucket,
         bucket_of_epoch($granularity::varchar, slot * 900 - 900, $tz::varchar) as bucket_before,
         energy, sessions, begun
  from slots
),
filled as (
  select bucket, sum(energy) as bucket_energy, sum(case when bucket_before = bucket then begun else sessions end) as bucket_sessions
  from placed
  group by bucket
),
ends_of as (
  select coalesce(bucket_of_epoch($granularity::varchar, epoch_s($from::timestamp), $tz::varchar), min(bucket)) as first_bucket,
         coalesce(bucket_of_epoch($granularity::varchar, epoch_s($to::timestamp), $tz::varchar), max(bucket)) as last_bucket
  from filled
),
days as (select first_bucket, unnest(range(0, date_diff('day', first_bucket, last_bucket) + 1)) as n from ends_of),
buckets as (
  select bucket_of_date($granularity::varchar, first_bucket + interval (n) day) as period
  from days
  group by bucket_of_date($granularity::varchar, first_bucket + interval (n) day)
)
select period, coalesce(bucket_energy, 0) as energy_kwh, coalesce(bucket_sessions, 0) as session_count
from buckets left join filled on bucket = period
