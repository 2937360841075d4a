/*---
title: API usage trends
description: >-
  Requests to the API by calendar day of the zone; days without any are there with 0, from the one of from, or the first with
  requests, to the one of to, or the last with requests. A request counts from the moment it comes in, whatever its answer; one
  that was refused for coming too often (429) does not count, nor do pages and the routes /healthz, /readyz and /metrics. Over
  HTTP a token is told of itself; one with the scope admin may name another, or * for all requests, those without a token too. On
  the command line, and where no token is needed, all requests are told of.
http: [/api/v1/analytics/usage/analytics, /v0/pipes/usage_trends.json]
params:
  from: { description: First moment counted, role: period_start, example: "2025-12-01" }
  to: { description: Last moment counted; a bare date counts whole, role: period_end, example: "2025-12-31" }
  tz: { description: IANA time zone of dates and days, role: time_zone, default: UTC, example: Europe/Berlin }
columns:
  date: { description: Day in the zone }
  requests: { description: Requests on it, unit: count }
key: [date]
sort: { default: date, allow: [date, requests] }
page: { kind: none }
answer:
  shape: list
  key: data
  echo: [from, to]
  totals: { total_requests: "coalesce(sum(requests), 0)" }
  missing:
    parameter: token_name
    what: token
    unless: "(select coalesce($token_name::varchar, '*') = '*' or count(*) > 0 from tokens where name = $token_name::varchar)"
chart: { kind: line, x: date, y: requests }
---*/
with asked as (
  select count(*) as tokens_asked
  from tokens
  where name = $token_name::varchar
),
-- Days of UTC are grouped by date; other zones differ from it by whole quarter-hours, so only their sums are moved into the zone.
slots as (
  select case when $tz::varchar = 'UTC' then cast(minute as date) end as utc_day,
         case when $tz::varchar = 'UTC' then 0 else idiv(epoch_s(minute), 900) end as quarter,
         sum(requests) as slot_times
  from requests_counted
  where ($from::timestamp is null or minute >= $from::timestamp) and ($to::timestamp is null or minute <= $to::timestamp)
  group by case when $tz::varchar = 'UTC' then cast(minute as date) end,
           case when $tz::varchar = 'UTC' then 0 else idiv(epoch_s(minute), 900) end
),
counted as (
  select coalesce(utc_day, local_date_of_epoch(quarter * 900, $tz::varchar)) as day, sum(slot_times) as times
  from slots
  group by coalesce(utc_day, local_date_of_epoch(quarter * 900, $tz::varchar))
),
bounds as (
  select coalesce(local_date_of_epoch(epoch_s($from::timestamp), $tz::varchar), min(day)) as first_day,
         coalesce(local_date_of_epoch(epoch_s($to::timestamp), $tz::varchar), max(day)) as last_day
  from counted
),
places as (
  select first_day, unnest(range(0, date_diff('day', first_day, last_day) + 1)) as n
  from bounds cross join asked
  where coalesce($token_name::varchar, '*') = '*' or tokens_asked > 0
),
days as (select cast(first_day + interval (n) day as date) as date from places)
select date, coalesce(times, 0) as requests
from days left join counted on date = day
