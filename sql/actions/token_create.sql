/*---
title: Create a token
description: Stores a new token's name, scopes and hash. The token itself is not stored.
params:
  name: { description: Name of the token, required: true, example: dashboard }
  hash: { description: SHA-256 of the token, required: true, example: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 }
  scopes: { description: Comma-separated scopes, required: true, example: "read,append" }
  daily_limit: { description: "Maximum requests per UTC day; default: no limit", min: 1, max: 1000000000000, example: 100000 }
  as_of: { description: "Time of the action; default: now", role: now, example: "2025-12-31 12:00:00" }
---*/
insert into tokens (name, hash, scopes, daily_limit, created_at)
values ($name::varchar, $hash::varchar, $scopes::varchar, $daily_limit::bigint, date_trunc('second', $as_of::timestamp))
