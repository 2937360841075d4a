/*---
title: Requests counted
description: >-
  Requests to the API by the minute they came in: those of one token, or all. One counts from the moment it comes in, whatever
  its answer, but not where it was refused for coming too often (429).
params:
  token_name: { description: "Name of a token, or * for all requests", role: caller, example: dashboard }
---*/
select minute, endpoint, requests
from requests
where status <> 429
  and (coalesce($token_name::varchar, '*') = '*' or token = $token_name::varchar)
