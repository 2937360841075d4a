/*---
title: Profiles of customers known by then
description: The customer_profiles of those who had signed up by as_of, with all their columns.
params:
  as_of: { description: Moment the answer holds for; now without it, role: now, example: "2026-01-01" }
---*/
select *
from customer_profiles
where signup_date::timestamp <= $as_of::timestamp
