/*---
title: API usage today
summary: API requests today
description: API requests on the local day of as_of, and what remains of the token's daily limit.
details:
  - A request counts when it arrives, including this one, whatever the response.
  - Requests rejected by the rate limit (429), and requests for /healthz and /readyz, are not counted.
  - A page opened with a token counts as one request, with all of its tiles. Without tokens, pages are not counted.
  - "Limits are per UTC day: the remaining requests are the limit minus the requests of the UTC day."
  - >-
    Over HTTP, the report covers the calling token. A token with the scope admin may name another token, or * for all requests,
    including those without a token.
  - On the command line, and on servers without tokens, it covers all requests.
http: [/api/v1/analytics/usage/today, /v0/pipes/usage_today.json]
params:
  as_of: { description: "Point in time the report is computed for; default: now", role: now, example: "2025-12-31 12:00:00" }
  tz: { description: IANA time zone of the day, role: time_zone, default: UTC, example: Europe/Berlin }
columns:
  date: { description: Local day }
  requests_today: { description: Requests on the day, unit: count }
  rate_limit: { description: Maximum requests per UTC day for the token; empty without a limit, unit: count, nullable: true }
  remaining: { description: Remaining requests, unit: count, nullable: true }
  endpoint: { description: "Method and route, one of the ten with the most requests; \"unknown\" stands for paths that do not exist", nullable: true }
  count: { description: Requests to the endpoint, unit: count, nullable: true }
key: [endpoint]
sort: { default: -count, allow: [] }
page: { kind: none }
answer:
  shape: object
  list: { key: top_endpoints, columns: [endpoint, count] }
  missing: { parameter: token_name, what: token }
---*/
with known_token as (
  select max(daily_limit) as token_limit, count(*) as token_count
  from tokens
  where name = $token_name::varchar
),
-- A local day has at most 25 hours.
recent_requests as (
  select endpoint as route,
         requests as request_count,
         idiv(epoch_s(minute), 86400) = idiv(epoch_s($as_of::timestamp), 86400) as in_utc_day,
         local_date_of_epoch(epoch_s(minute), $tz::varchar) as day
  from api_requests
  where minute > $as_of::timestamp - interval 26 hour and minute <= $as_of::timestamp
),
usage as (
  select local_date_of_epoch(epoch_s($as_of::timestamp), $tz::varchar) as today,
         coalesce(sum(request_count) filter (where day = local_date_of_epoch(epoch_s($as_of::timestamp), $tz::varchar)), 0) as used_today,
         coalesce(sum(request_count) filter (where in_utc_day), 0) as used_in_utc_day
  from recent_requests
),
routes as (
  select day as route_day, route, sum(request_count) as route_requests,
         row_number() over (partition by day order by sum(request_count) desc, route) as route_rank
  from recent_requests
  group by day, route
),
top as (select route_day, route, route_requests from routes where route_rank <= 10)
select today as date,
       used_today as requests_today,
       token_limit as rate_limit,
       case when used_in_utc_day < token_limit then token_limit - used_in_utc_day when token_limit is not null then 0 end as remaining,
       route as endpoint,
       route_requests as count
from known_token cross join usage left join top on today = route_day
where coalesce($token_name::varchar, '*') = '*' or token_count > 0
