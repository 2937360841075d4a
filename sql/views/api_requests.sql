/*---
title: Counted requests
description: API requests per minute of arrival, of one token or of all.
details:
  - A request counts when it arrives, whatever the response, unless it was rejected by the rate limit (429).
params:
  token_name: { description: "Name of a token, or * for all requests", role: caller, example: dashboard }
---*/
select minute, endpoint, requests
from requests
where status <> 429
  and (coalesce($token_name::varchar, '*') = '*' or token = $token_name::varchar)
