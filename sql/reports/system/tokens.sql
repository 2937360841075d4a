/*---
title: Tokens
summary: API tokens and their usage
listing: helper
description: API tokens with their scopes, limits and usage.
details:
  - Lists every token created by as_of. Requests cover the UTC day of as_of, up to as_of.
  - Requests rejected by the rate limit (429) are not counted.
  - The tokens themselves are not stored.
  - Over HTTP, this report requires a token with the scope admin.
params:
  as_of: { description: "Point in time the report is computed for; default: now", role: now, example: "2025-12-31 12:00:00" }
columns:
  name: { description: Name of the token }
  scopes: { description: "Scopes of the token: read, append, sql, separated by commas; or admin, which includes all" }
  daily_limit: { description: Maximum requests per UTC day; empty without a limit, unit: count, nullable: true }
  requests_today: { description: Requests on this UTC day, unit: count }
  last_used: { description: "Minute of the last request, UTC", nullable: true }
  created_at: { description: "Creation time, UTC" }
  revoked_at: { description: "Revocation time, UTC", nullable: true }
key: [name]
sort: { default: name, allow: [name, requests_today, last_used, created_at, revoked_at] }
page: { kind: limit, default: 1000, max: 1000000 }
leading_columns: [name, scopes, revoked_at, requests_today, daily_limit, last_used]
answer: { shape: tinybird }
scope: admin
---*/
with token_usage as (
  select token,
         coalesce(sum(requests) filter (where idiv(epoch_s(minute), 86400) = idiv(epoch_s($as_of::timestamp), 86400) and status <> 429), 0) as today_count,
         max(minute) as last_minute
  from requests
  where minute <= $as_of::timestamp and token is not null
  group by token
),
known_tokens as (
  select name as token_name, scopes, daily_limit, created_at, case when revoked_at <= $as_of::timestamp then revoked_at end as revocation
  from tokens
  where created_at <= $as_of::timestamp
)
select token_name as name, scopes, daily_limit,
       coalesce(today_count, 0) as requests_today,
       last_minute as last_used,
       created_at,
       revocation as revoked_at
from known_tokens left join token_usage on token_name = token
