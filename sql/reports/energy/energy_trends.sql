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
  granularity: { description: Size of the buckets, choices: [day, week, month], default: day, example: week }
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
-- Days of UTC are slots of their own; other zones differ from it by whole quarter-hours, so only their sums are moved into the zone.
with chosen as (
  select energy_kwh,
         session_end_s(start_time, end_time) - epoch_s(start_time) as seconds,
         case $by::varchar
           when 'start' then epoch_s(start_time)
           when 'end' then epoch_s(end_time)
           else greatest(epoch_s(start_time), coalesce(epoch_s($from::timestamp), epoch_s(start_time)))
         end as starts,
         least(session_end_s(start_time, end_time), coalesce(epoch_s($to::timestamp) + 1, session_end_s(start_time, end_time))) as ends,
         case $tz::varchar when 'UTC' then 86400 else 900 end as width,
         case $by::varchar when 'end' then end_time else start_time end as placed_at
  from sessions_in_period
  where completed
),
placed_in as (
  select energy_kwh, seconds, starts, ends, width,
         idiv(starts, width) as starts_in,
         idiv(starts, width) + case $by::varchar when 'spread' then idiv(greatest(ends - 1, starts), width) - idiv(starts, width) else 0 end as ends_in,
         -- Whole sessions and days of UTC are grouped by date, much faster than by a number; two numbers are grouped as one.
         case when $tz::varchar = 'UTC' and $by::varchar <> 'spread' then cast(placed_at as date) end as utc_day
  from chosen
),
-- Sessions that run in the same slots are shared out together.
alike as (
  select utc_day, case when $tz::varchar = 'UTC' and $by::varchar <> 'spread' then 0 else starts_in * 1000000000 + ends_in end as both_slots, count(*) as sessions,
         sum(case $by::varchar when 'spread' then energy_kwh * (least(ends, (starts_in + 1) * width) - starts) / nullif(seconds, 0)::double else energy_kwh end) as first_energy,
         sum(case $by::varchar when 'spread' then energy_kwh * width / nullif(seconds, 0)::double end) as middle_energy,
         sum(case $by::varchar when 'spread' then energy_kwh * (ends - ends_in * width) / nullif(seconds, 0)::double end) as last_energy
  from placed_in
  group by utc_day, case when $tz::varchar = 'UTC' and $by::varchar <> 'spread' then 0 else starts_in * 1000000000 + ends_in end
),
spans as (
  select coalesce(date_diff('day', date '1970-01-01', utc_day), idiv(both_slots, 1000000000)) as first_slot,
         coalesce(date_diff('day', date '1970-01-01', utc_day), both_slots % 1000000000) as last_slot,
         sessions, first_energy, middle_energy, last_energy
  from alike
),
parts as (
  select first_slot, last_slot, sessions, first_energy, middle_energy, last_energy,
         unnest(range(first_slot, last_slot + 1)) as slot
  from spans
),
slots as (
  select slot * case $tz::varchar when 'UTC' then 86400 else 900 end as slot_starts,
         sum(case slot when first_slot then first_energy when last_slot then last_energy else middle_energy end) as energy,
         sum(sessions) as running,
         sum(case slot when first_slot then sessions else 0 end) as begun
  from parts
  group by slot
),
placed as (
  select bucket_of_epoch($granularity::varchar, slot_starts, $tz::varchar) as bucket,
         bucket_of_epoch($granularity::varchar, slot_starts - 1, $tz::varchar) as bucket_before,
         energy, running, begun
  from slots
),
-- A session that runs on is counted again in the slot a bucket begins with.
filled as (
  select bucket, sum(energy) as bucket_energy, sum(case when bucket_before = bucket then begun else running end) as bucket_sessions
  from placed
  group by bucket
),
bounds as (
  select coalesce(bucket_of_epoch($granularity::varchar, epoch_s($from::timestamp), $tz::varchar), min(bucket)) as first_bucket,
         coalesce(bucket_of_epoch($granularity::varchar, epoch_s($to::timestamp), $tz::varchar), max(bucket)) as last_bucket
  from filled
),
days as (select first_bucket, unnest(range(0, date_diff('day', first_bucket, last_bucket) + 1)) as n from bounds),
buckets as (
  select bucket_of_date($granularity::varchar, first_bucket + interval (n) day) as period
  from days
  group by bucket_of_date($granularity::varchar, first_bucket + interval (n) day)
)
select period, coalesce(bucket_energy, 0) as energy_kwh, coalesce(bucket_sessions, 0) as session_count
from buckets left join filled on bucket = period
