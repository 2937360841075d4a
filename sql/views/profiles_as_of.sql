/*---
title: Known customer profiles
description: The customer_profiles of customers who signed up by as_of, with all columns.
params:
  as_of: { description: "Point in time the report is computed for; default: now", role: now, example: "2026-01-01" }
---*/
select *
from customer_profiles
where signup_date::timestamp <= $as_of::timestamp
