/*---
title: Energy trends
description: Energy and number of completed sessions per day, week or month.
details:
  - Weeks begin on Monday.
  - A session belongs to the day, week or month it starts in; with by=end to the one it ends in.
  - With by=spread, its energy is divided over the days, weeks or months it ran in, and it is counted in each of them.
  - >-
    Empty days, weeks and months between from and to are returned with 0, but none before the first or after the last session of
    all charge points. Without from or to, the first or last one with energy is the limit.
  - More than 10,000 days, weeks or months are an error.
http: [/api/v1/analytics/energy/trends, /v0/pipes/energy_trends.json]
params:
  granularity: { description: Length of one period, choices: [day, week, month], default: day, example: week }
  tz: { description: IANA time zone of dates and periods, role: time_zone, default: UTC, example: Europe/Berlin }
columns:
  period: { description: "First day of the period, local time" }
  energy_kwh: { description: Energy of the completed sessions, unit: kWh }
  session_count: { description: Completed sessions, unit: count }
key: [period]
total: [energy_kwh, session_count]
sort: { default: period, allow: [period, energy_kwh, session_count] }
page: { kind: none }
answer: { shape: list, key: data, echo: [from, to, granularity] }
chart: { kind: line, x: period, y: energy_kwh }
---*/
-- A slot is a day of UTC; for other zones, which differ from UTC by whole quarter-hours, it is a quarter-hour.
with sessions as (
  select energy_kwh,
         session_end_s(start_time, end_time) - epoch_s(start_time) as seconds,
         case $by::varchar
           when 'start' then epoch_s(start_time)
           when 'end' then epoch_s(end_time)
           else greatest(epoch_s(start_time), coalesce(epoch_s($from::timestamp), epoch_s(start_time)))
         end as starts,
         least(session_end_s(start_time, end_time), coalesce(epoch_s($to::timestamp) + 1, session_end_s(start_time, end_time))) as ends,
         case $tz::varchar when 'UTC' then 86400 else 900 end as width,
         case $by::varchar when 'end' then end_time else start_time end as counted_at
  from sessions_in_period
  where completed
),
slotted as (
  select energy_kwh, seconds, starts, ends, width,
         idiv(starts, width) as start_slot,
         idiv(starts, width) + case $by::varchar when 'spread' then idiv(greatest(ends - 1, starts), width) - idiv(starts, width) else 0 end as end_slot,
         -- A date, or one number packed of two, groups much faster than two numbers.
         case when $tz::varchar = 'UTC' and $by::varchar <> 'spread' then cast(counted_at as date) end as utc_day
  from sessions
),
-- Sessions with the same first and last slot are added up before they are spread.
same_span as (
  select utc_day, case when $tz::varchar = 'UTC' and $by::varchar <> 'spread' then 0 else start_slot * 1000000000 + end_slot end as packed_slots, count(*) as sessions,
         sum(case $by::varchar when 'spread' then energy_kwh * (least(ends, (start_slot + 1) * width) - starts) / nullif(seconds, 0)::double else energy_kwh end) as first_energy,
         sum(case $by::varchar when 'spread' then energy_kwh * width / nullif(seconds, 0)::double end) as middle_energy,
         sum(case $by::varchar when 'spread' then energy_kwh * (ends - end_slot * width) / nullif(seconds, 0)::double end) as last_energy
  from slotted
  group by utc_day, case when $tz::varchar = 'UTC' and $by::varchar <> 'spread' then 0 else start_slot * 1000000000 + end_slot end
),
spans as (
  select coalesce(date_diff('day', date '1970-01-01', utc_day), idiv(packed_slots, 1000000000)) as first_slot,
         coalesce(date_diff('day', date '1970-01-01', utc_day), packed_slots % 1000000000) as last_slot,
         sessions, first_energy, middle_energy, last_energy
  from same_span
),
parts as (
  select first_slot, last_slot, sessions, first_energy, middle_energy, last_energy,
         unnest(range(first_slot, last_slot + 1)) as slot
  from spans
),
slots as (
  select slot * case $tz::varchar when 'UTC' then 86400 else 900 end as slot_start,
         sum(case slot when first_slot then first_energy when last_slot then last_energy else middle_energy end) as energy,
         sum(sessions) as active_sessions,
         sum(case slot when first_slot then sessions else 0 end) as started_sessions
  from parts
  group by slot
),
slot_buckets as (
  select bucket_of_epoch($granularity::varchar, slot_start, $tz::varchar) as bucket,
         bucket_of_epoch($granularity::varchar, slot_start - 1, $tz::varchar) as previous_bucket,
         energy, active_sessions, started_sessions
  from slots
),
-- In the first slot of a bucket, sessions that started before it count too.
totals as (
  select bucket, sum(energy) as bucket_energy, sum(case when previous_bucket = bucket then started_sessions else active_sessions end) as bucket_sessions
  from slot_buckets
  group by bucket
),
used_buckets as (select min(bucket) as first_used, max(bucket) as last_used from totals),
bounds as (
  select coalesce(bucket_of_epoch($granularity::varchar, limit_from, $tz::varchar), first_used) as first_bucket,
         coalesce(bucket_of_epoch($granularity::varchar, limit_to, $tz::varchar), last_used) as last_bucket
  from period_in_data cross join used_buckets
),
days as (
  select first_bucket, unnest(range(0, bounded_days(date_diff('day', first_bucket, last_bucket) + 1, $granularity::varchar))) as n
  from bounds
),
buckets as (
  select bucket_of_date($granularity::varchar, first_bucket + interval (n) day) as period
  from days
  group by bucket_of_date($granularity::varchar, first_bucket + interval (n) day)
)
select period, coalesce(bucket_energy, 0) as energy_kwh, coalesce(bucket_sessions, 0) as session_count
from buckets left join totals on bucket = period
