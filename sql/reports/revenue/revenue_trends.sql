/*---
title: Revenue trends
summary: "Revenue by day, week or month"
description: Revenue and number of completed sessions per day, week or month.
details:
  - Revenue is the sum of the amounts of all sessions, including failed and active ones.
  - Weeks begin on Monday.
  - A session belongs to the day, week or month it starts in; with by=end to the one it ends in.
  - With by=spread, its amount is divided over the days, weeks or months it ran in, and it is counted in each of them.
  - >-
    Empty days, weeks and months between from and to are returned with 0, but none before the first or after the last session of
    all charge points. Without from or to, the first or last one with a session is the limit.
  - The revenue of a day, week or month is empty if it has sessions, but none with an amount.
  - More than 10,000 days, weeks or months are an error.
http: [/api/v1/analytics/revenue/trends, /v0/pipes/revenue_trends.json]
params:
  granularity: { description: Length of one period, role: granularity, choices: [day, week, month], default: day, example: week }
  tz: { description: IANA time zone of dates and periods, role: time_zone, default: UTC, example: Europe/Berlin }
columns:
  period: { description: "First day of the period, local time" }
  revenue: { description: "Amounts of all sessions, including failed and active ones; empty if none has an amount", unit: currency, nullable: true }
  session_count: { description: Completed sessions, unit: count }
  currency: { description: Currency of all amounts, nullable: true }
key: [period]
total: [revenue, session_count]
sort: { default: period, allow: [period, revenue, session_count] }
page: { kind: limit, default: 10000, max: 10000 }
answer: { shape: list, key: data, echo: [from, to, granularity] }
notes: [amount_notes]
chart:
  - { kind: line, x: period, y: revenue, more: [session_count] }
  - { name: total, kind: number, x: period, value: revenue, more: [session_count], better: up }
---*/
-- Sessions that are not spread: by day of UTC, or by quarter-hour for other zones, which differ from UTC by whole quarter-hours.
with utc_days as (
  select cast(case $by::varchar when 'end' then end_time else start_time end as date) as utc_day,
         sum(money) as day_amount, count(money) as day_amounts, count(*) filter (where completed) as day_sessions
  from amounts_in_period
  where $by::varchar <> 'spread' and $tz::varchar = 'UTC'
  group by cast(case $by::varchar when 'end' then end_time else start_time end as date)
),
quarters as (
  select idiv(epoch_s(case $by::varchar when 'end' then end_time else start_time end), 900) as quarter,
         sum(money) as quarter_amount, count(money) as quarter_amounts, count(*) filter (where completed) as quarter_sessions
  from amounts_in_period
  where $by::varchar <> 'spread' and $tz::varchar <> 'UTC'
  group by idiv(epoch_s(case $by::varchar when 'end' then end_time else start_time end), 900)
),
-- Sessions that are spread: each is cut at the limits of the days, weeks or months it ran in.
running as (
  select amount, completed, epoch_s(start_time) as starts, session_end_s(start_time, end_time) as ends,
         greatest(epoch_s(start_time), coalesce(epoch_s($from::timestamp), epoch_s(start_time))) as counted_from,
         least(session_end_s(start_time, end_time), coalesce(epoch_s($to::timestamp) + 1, session_end_s(start_time, end_time))) as counted_to
  from amounts_in_period
  where $by::varchar = 'spread'
),
extent as (
  select idiv(min(counted_from), 86400) - 1 as first_day, idiv(max(counted_to), 86400) + 1 as last_day
  from running
),
day_numbers as (
  select unnest(range(first_day, first_day + bounded_days(last_day - first_day + 1, $granularity::varchar))) as utc_number
  from extent
),
edges as (
  select bucket_of_date($granularity::varchar, bucket_of_epoch('day', first_day * 86400, $tz::varchar) + interval (utc_number - first_day) day) as edge
  from day_numbers cross join extent
  group by bucket_of_date($granularity::varchar, bucket_of_epoch('day', first_day * 86400, $tz::varchar) + interval (utc_number - first_day) day)
),
numbered_edges as (
  select edge, row_number() over (order by edge) as place, epoch_of_local_date(edge, $tz::varchar) as edge_start,
         lead(epoch_of_local_date(edge, $tz::varchar), 1, null) over (order by edge) as next_start
  from edges
),
-- The days, weeks or months that overlap each day of UTC, so that sessions find theirs by an equal join.
calendar as (
  select utc_number, place, edge_start, next_start
  from day_numbers join numbered_edges on edge_start < (utc_number + 1) * 86400 and coalesce(next_start, (utc_number + 1) * 86400) > utc_number * 86400
),
placed as (
  select amount, completed, starts, ends, counted_from, counted_to, first_edges.place as first_place, last_edges.place as last_place
  from running
    join calendar as first_edges
      on first_edges.utc_number = idiv(counted_from, 86400) and counted_from >= first_edges.edge_start
         and counted_from < coalesce(first_edges.next_start, counted_from + 1)
    join calendar as last_edges
      on last_edges.utc_number = idiv(counted_to - 1, 86400) and counted_to - 1 >= last_edges.edge_start
         and counted_to - 1 < coalesce(last_edges.next_start, counted_to)
),
parts as (
  select amount, completed, starts, ends, counted_from, counted_to, unnest(range(first_place, last_place + 1)) as part_place
  from placed
),
part_amounts as (
  select edge, completed,
         amount_between(amount, starts, ends, greatest(counted_from, edge_start), least(counted_to, coalesce(next_start, counted_to))) as part_amount
  from parts join numbered_edges on place = part_place
  -- A zone may skip a day.
  where least(counted_to, coalesce(next_start, counted_to)) > greatest(counted_from, edge_start)
),
slots as (
  select bucket_of_date($granularity::varchar, utc_day) as bucket, day_amount as slot_amount, day_amounts as slot_amounts, day_sessions as slot_sessions
  from utc_days
  union all
  select bucket_of_epoch($granularity::varchar, quarter * 900, $tz::varchar) as bucket, quarter_amount as slot_amount, quarter_amounts as slot_amounts,
         quarter_sessions as slot_sessions
  from quarters
  union all
  select edge as bucket, sum(part_amount) as slot_amount, count(part_amount) as slot_amounts, count(*) filter (where completed) as slot_sessions
  from part_amounts
  group by edge
),
totals as (
  select bucket, sum(slot_amount) as bucket_amount, sum(slot_amounts) as bucket_amounts, sum(slot_sessions) as bucket_sessions
  from slots
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
select period,
       case when bucket_amounts > 0 then bucket_amount when bucket is null then 0 end as revenue,
       coalesce(bucket_sessions, 0) as session_count,
       answer_currency as currency
from buckets cross join answer_currency left join totals on bucket = period
