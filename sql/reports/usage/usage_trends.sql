/*---
title: API usage trends
description: API requests per local day.
details:
  - Days without requests are returned with 0. Without from or to, the first or last day with requests is the limit.
  - A request counts when it arrives, whatever the response.
  - Requests rejected by the rate limit (429), and requests for pages, /healthz, /readyz and /metrics, are not counted.
  - >-
    Over HTTP, the report covers the calling token. A token with the scope admin may name another token, or * for all requests,
    including those without a token.
  - On the command line, and on servers without tokens, it covers all requests.
http: [/api/v1/analytics/usage/analytics, /v0/pipes/usage_trends.json]
params:
  from: { description: Start of the period, role: period_start, example: "2025-12-01" }
  to: { description: End of the period; a bare date includes the whole day, role: period_end, example: "2025-12-31" }
  tz: { description: IANA time zone of dates and days, role: time_zone, default: UTC, example: Europe/Berlin }
columns:
  date: { description: Local day }
  requests: { description: Requests on the day, unit: count }
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
with known_token as (
  select count(*) as token_count
  from tokens
  where name = $token_name::varchar
),
-- UTC is grouped by date; other zones, which differ from UTC by whole quarter-hours, by quarter-hour and only then by local date.
slot_counts as (
  select case when $tz::varchar = 'UTC' then cast(minute as date) end as utc_day,
         case when $tz::varchar = 'UTC' then 0 else idiv(epoch_s(minute), 900) end as quarter,
         sum(requests) as slot_requests
  from api_requests
  where ($from::timestamp is null or minute >= $from::timestamp) and ($to::timestamp is null or minute <= $to::timestamp)
  group by case when $tz::varchar = 'UTC' then cast(minute as date) end,
           case when $tz::varchar = 'UTC' then 0 else idiv(epoch_s(minute), 900) end
),
by_day as (
  select coalesce(utc_day, local_date_of_epoch(quarter * 900, $tz::varchar)) as day, sum(slot_requests) as day_requests
  from slot_counts
  group by coalesce(utc_day, local_date_of_epoch(quarter * 900, $tz::varchar))
),
bounds as (
  select coalesce(local_date_of_epoch(epoch_s($from::timestamp), $tz::varchar), min(day)) as first_day,
         coalesce(local_date_of_epoch(epoch_s($to::timestamp), $tz::varchar), max(day)) as last_day
  from by_day
),
day_numbers as (
  select first_day, unnest(range(0, date_diff('day', first_day, last_day) + 1)) as n
  from bounds cross join known_token
  where coalesce($token_name::varchar, '*') = '*' or token_count > 0
),
days as (select cast(first_day + interval (n) day as date) as date from day_numbers)
select date, coalesce(day_requests, 0) as requests
from days left join by_day on date = day
