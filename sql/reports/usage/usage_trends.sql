/*---
title: API usage trends
summary: API requests by day
description: API requests per local day.
details:
  - >-
    Days without requests are returned with 0, but none before the first or after the last request of all tokens. Without from or
    to, the first or last day with requests is the limit.
  - More than 10,000 days are an error.
  - A request counts when it arrives, whatever the response.
  - Requests rejected by the rate limit (429), and requests for /healthz and /readyz, are not counted.
  - A page opened with a token counts as one request, with all of its tiles. Without tokens, pages are not counted.
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
total: [requests]
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
-- The first and last second of all requests, whatever their token.
extent as (
  select epoch_s(min(minute)) as first_second, epoch_s(max(minute)) as last_second
  from requests
  where status <> 429
),
limits as (
  select case when epoch_s($from::timestamp) < first_second then first_second else epoch_s($from::timestamp) end as limit_from,
         case when epoch_s($to::timestamp) > last_second then last_second else epoch_s($to::timestamp) end as limit_to
  from extent
  where first_second is not null
),
used_days as (select min(day) as first_used, max(day) as last_used from by_day),
bounds as (
  select coalesce(local_date_of_epoch(limit_from, $tz::varchar), first_used) as first_day,
         coalesce(local_date_of_epoch(limit_to, $tz::varchar), last_used) as last_day
  from limits cross join used_days
),
day_numbers as (
  select first_day, unnest(range(0, bounded_buckets(date_diff('day', first_day, last_day) + 1))) as n
  from bounds cross join known_token
  where coalesce($token_name::varchar, '*') = '*' or token_count > 0
),
days as (select cast(first_day + interval (n) day as date) as date from day_numbers)
select date, coalesce(day_requests, 0) as requests
from days left join by_day on date = day
