/*---
title: Energy trends
summary: "Energy by day, week or month"
listing: top
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
  granularity: { description: Length of one period, role: granularity, choices: [day, week, month], default: day, example: week }
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
chart:
  - { kind: line, x: period, y: energy_kwh, more: [session_count] }
  - { name: sessions, kind: line, x: period, y: session_count, more: [energy_kwh] }
  - { name: total, kind: number, x: period, value: energy_kwh, more: [session_count], better: up }
  - { name: total-sessions, kind: number, x: period, value: session_count, better: up }
---*/
-- Sessions that count in one bucket are grouped first, the others are divided. Quarter-hours are converted to the zone, not sessions:
-- zones differ from UTC by whole quarter-hours. UTC needs no conversion, and a date groups much faster than two numbers.
with counted as (
  select case when $tz::varchar = 'UTC' then cast(case $by::varchar when 'end' then end_time when 'start' then start_time else greatest(start_time, coalesce($from::timestamp, start_time)) end as date) end as utc_day,
         case when $tz::varchar <> 'UTC' then idiv(epoch_s(case $by::varchar when 'end' then end_time else start_time end), 900) end as quarter,
         sum(energy) as counted_energy, count(*) as sessions
  from sessions_in_period
  where completed
    and ($by::varchar <> 'spread' or ($tz::varchar = 'UTC' and cast(start_time as date) = cast(end_time as date)))
  group by case when $tz::varchar = 'UTC' then cast(case $by::varchar when 'end' then end_time when 'start' then start_time else greatest(start_time, coalesce($from::timestamp, start_time)) end as date) end,
           case when $tz::varchar <> 'UTC' then idiv(epoch_s(case $by::varchar when 'end' then end_time else start_time end), 900) end
),
spread_sessions as (
  select energy_kwh, epoch_s(start_time) as session_start, session_end_s(start_time, end_time) as session_end,
         greatest(epoch_s(start_time), coalesce(epoch_s($from::timestamp), epoch_s(start_time))) as starts,
         least(session_end_s(start_time, end_time), coalesce(epoch_s($to::timestamp) + 1, session_end_s(start_time, end_time))) as ends
  from sessions_in_period
  where completed and $by::varchar = 'spread' and ($tz::varchar <> 'UTC' or cast(start_time as date) <> cast(end_time as date))
),
first_quarters as (
  select idiv(starts, 900) as quarter, max(ends) as latest_end
  from spread_sessions
  group by idiv(starts, 900)
),
quarter_buckets as (
  select quarter, latest_end, bucket_of_epoch($granularity::varchar, quarter * 900, $tz::varchar) as bucket
  from first_quarters
),
spread_range as (
  select min(bucket) as earliest, bucket_of_epoch($granularity::varchar, max(latest_end), $tz::varchar) as latest
  from quarter_buckets
),
spread_days as (
  select earliest, unnest(range(0, bounded_days(date_diff('day', earliest, latest) + 1, $granularity::varchar) + 32)) as n
  from spread_range
),
spread_buckets as (
  select bucket_of_date($granularity::varchar, earliest + interval (n) day) as bucket
  from spread_days
  group by bucket_of_date($granularity::varchar, earliest + interval (n) day)
),
calendar as (
  select bucket, epoch_of_local_date(bucket, $tz::varchar) as bucket_start,
         lead(epoch_of_local_date(bucket, $tz::varchar), 1, null) over (order by bucket) as bucket_end
  from spread_buckets
),
first_parts as (
  select energy_kwh, session_start, session_end, starts, ends, quarter_buckets.bucket as first_bucket, bucket_end
  from spread_sessions
    join quarter_buckets on quarter_buckets.quarter = idiv(starts, 900)
    join calendar on calendar.bucket = quarter_buckets.bucket
),
parts as (
  select energy_kwh, session_start, session_end, first_bucket as part_bucket, starts as part_start, least(ends, bucket_end) as part_end
  from first_parts
  union all
  select energy_kwh, session_start, session_end, calendar.bucket as part_bucket, bucket_start as part_start, least(ends, calendar.bucket_end) as part_end
  from first_parts join calendar on bucket_start >= first_parts.bucket_end and bucket_start < ends
  where ends > first_parts.bucket_end
),
bucket_parts as (
  select bucket_of_date($granularity::varchar, coalesce(utc_day, local_date_of_epoch(quarter * 900, $tz::varchar))) as part_bucket, counted_energy, sessions
  from counted
  union all
  select part_bucket, sum(amount_between(energy_kwh, session_start, session_end, part_start, part_end)) as counted_energy, count(*) as sessions
  from parts
  group by part_bucket
),
totals as (
  select part_bucket as bucket, sum(counted_energy) as bucket_energy, sum(sessions) as bucket_sessions
  from bucket_parts
  group by part_bucket
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
