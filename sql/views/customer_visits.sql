/*---
title: Visits of customers
description: >-
  What each known customer did in each visit up to as_of. A visit is what bears one session_id; an event without one is a
  visit of its own, which is not counted as a session.
params:
  as_of: { description: Moment the answer holds for; now without it, role: now, example: "2026-01-01" }
---*/
select customer_id,
       session_id,
       case when session_id is null then event_id end as lone_event,
       count(*) as events,
       min(event_timestamp) as first_event,
       max(event_timestamp) as last_event,
       count(case when is_purchase(event_type, quantity) then 1 end) as purchases,
       max(case when is_purchase(event_type, quantity) then event_timestamp end) as last_purchase,
       coalesce(sum(spent_amount(event_type, price, quantity)), 0) as spent,
       max(case when is_view(event_type) then 1 else 0 end) as has_view
from customer_events
where customer_id is not null and event_timestamp <= $as_of::timestamp
group by customer_id, session_id, case when session_id is null then event_id end
