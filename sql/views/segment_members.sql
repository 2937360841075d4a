/*---
title: Members of segments
description: >-
  Who is in which segment, as of as_of: customers whose profile names the segment, whatever the case of its letters, and
  customers who meet its rule. Columns: segment_name, customer_id, by_profile and by_rule (1 or 0).
params:
  as_of: { description: Moment the answer holds for; now without it, role: now, example: "2026-01-01" }
---*/
with members as (
  select folded(customer_segment) as segment_key, customer_id, 1 as said, 0 as met
  from profiles_known
  where customer_segment is not null
  union all
  select folded(segment_name), customer_id, 0, 1
  from customer_metrics
  cross join customer_segments
  where meets_rule(segment_id, total_spent, purchase_count, order_count, average_order_value, session_count, event_count,
    days_since_first_event, days_since_last_event, days_since_last_purchase, days_since_signup, lifetime_value, age, country, city, gender)
)
select segment_name, customer_id, max(said) as by_profile, max(met) as by_rule
from members
join segment_names on name_key = segment_key
group by segment_name, customer_id
