/*---
title: Tokens
description: >-
  Every token that was made by as_of: what it may do, how often it was used on the day of UTC up to as_of, and when last. A
  request that was refused for coming too often (429) is not among those of the day. The tokens themselves are not kept. Over
  HTTP this takes a token with the scope admin.
params:
  as_of: { description: Moment the answer is for; now without it, role: now, example: "2025-12-31 12:00:00" }
columns:
  name: { description: Name of the token }
  scopes: { description: "What it may do: read, append, sql, separated by commas; admin is all of it" }
  daily_limit: { description: Requests it may make a day of UTC; empty where there is no limit, unit: count, nullable: true }
  requests_today: { description: Requests on this day of UTC, unit: count }
  last_used: { description: "Minute of its last request, UTC", nullable: true }
  created_at: { description: "When it was made, UTC" }
  revoked_at: { description: "When it was revoked, UTC", nullable: true }
key: [name]
sort: { default: name, allow: [name, requests_today, last_used, created_at, revoked_at] }
page: { kind: limit, default: 1000, max: 1000000 }
table: [name, scopes, revoked_at, requests_today, daily_limit, last_used]
answer: { shape: tinybird }
scope: admin
---*/
with used as (
  select token,
         coalesce(sum(requests) filter (where idiv(epoch_s(minute), 86400) = idiv(epoch_s($as_of::timestamp), 86400) and status <> 429), 0) as used_today,
         max(minute) as last_minute
  from requests
  where minute <= $as_of::timestamp and token is not null
  group by token
),
made as (
  select name as token_name, scopes, daily_limit, created_at, case when revoked_at <= $as_of::timestamp then revoked_at end as gone_at
  from tokens
  where created_at <= $as_of::timestamp
)
select token_name as name, scopes, daily_limit,
       coalesce(used_today, 0) as requests_today,
       last_minute as last_used,
       created_at,
       gone_at as revoked_at
from made left join used on token_name = token
