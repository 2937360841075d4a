/*---
title: Revoke a token
description: Revokes a token immediately. Its name cannot be reused.
params:
  name: { description: Name of the token, required: true, example: dashboard }
  as_of: { description: "Time of the action; default: now", role: now, example: "2025-12-31 12:00:00" }
---*/
update tokens set revoked_at = date_trunc('second', $as_of::timestamp)
where name = $name::varchar and revoked_at is null
