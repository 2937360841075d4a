/*---
title: Revoke a token
description: Lets a token be of no use from now on; its name stays taken.
params:
  name: { description: The token, required: true, example: dashboard }
  as_of: { description: When; now without it, role: now, example: "2025-12-31 12:00:00" }
---*/
update tokens set revoked_at = date_trunc('second', $as_of::timestamp)
where name = $name::varchar and revoked_at is null
