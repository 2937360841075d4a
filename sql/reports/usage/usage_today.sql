/*---
title: API usage today
description: >-
  Requests to the API on the calendar day of as_of in the zone, up to as_of, and what is left of the daily limit of a token. A
  request counts from the moment it comes in, this one too, whatever its answer; one that was refused for coming too often (429)
  does not count, nor do pages and the routes /healthz, /readyz and /metrics. A limit is for a day of UTC: what is left of it is
  the limit less the requests of that day. Over HTTP a token is told of itself; one with the scope admin may name another, or *
  for all requests, those without a token too. On the command line, and where no token is needed, all requests are told of.
http: [/api/v1/analytics/usage/today, /v0/pipes/usage_today.json]
params:
  as_of: { description: Moment the answer is for; now without it, role: now, example: "2025-12-31 12:00:00" }
  tz: { description: IANA time zone of the day, role: time_zone, default: UTC, example: Europe/Berlin }
columns:
  date: { description: Day in the zone }
  requests_today: { description: Requests on it, unit: count }
  rate_limit: { description: Requests the token may make a day of UTC; empty where there is no limit, unit: count, nullable: true }
  remaining: { description: Of them left, unit: count, nullable: true }
  endpoint: { description: "Method and route, one of the ten asked most; unknown stands for paths that are not there", nullable: true }
  count: { description: Requests to it, unit: count, nullable: true }
key: [endpoint]
sort: { default: -count, allow: [] }
page: { kind: none }
answer:
  shape: object
  list: { key: top_endpoints, columns: [endpoint, count] }
  missing: { parameter: token_name, what: token }
---*/
with asked as (
  select max(daily_limit) as asked_limit, count(*) as tokens_asked
  from tokens
  where name = $token_name::varchar
),
-- A day has at most 25 hours.
chosen as (
  select endpoint as route,
         requests as times,
         idiv(epoch_s(minute), 86400) = idiv(epoch_s($as_of::timestamp), 86400) as in_limited_day,
         local_date_of_epoch(epoch_s(minute), $tz::varchar) as day
  from requests_counted
  where minute > $as_of::timestamp - interval 26 hour and minute <= $as_of::timestamp
),
used as (
  select local_date_of_epoch(epoch_s($as_of::timestamp), $tz::varchar) as today,
         coalesce(sum(times) filter (where day = local_date_of_epoch(epoch_s($as_of::timestamp), $tz::varchar)), 0) as used_today,
         coalesce(sum(times) filter (where in_limited_day), 0) as used_of_limit
  from chosen
),
routes as (
  select day as route_day, route, sum(times) as route_times,
         row_number() over (partition by day order by sum(times) desc, route) as place
  from chosen
  group by day, route
),
top as (select route_day, route, route_times from routes where place <= 10)
select today as date,
       used_today as requests_today,
       asked_limit as rate_limit,
       case when used_of_limit < asked_limit then asked_limit - used_of_limit when asked_limit is not null then 0 end as remaining,
       route as endpoint,
       route_times as count
from asked cross join used left join top on today = route_day
where coalesce($token_name::varchar, '*') = '*' or tokens_asked > 0
