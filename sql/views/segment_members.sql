/*---
title: Segment members
description: "Members of each segment at as_of: customers whose profile names it (case-insensitive), and customers who meet its rule."
details:
  - "Columns: segment_name, customer_id, by_profile and by_rule (1 or 0)."
params:
  as_of: { description: "Point in time the report is computed for; default: now", role: now, example: "2026-01-01" }
---*/
with members as (
  select fold_case(customer_segment) as segment_key, customer_id, 1 as in_profile, 0 as meets_segment
  from profiles_as_of
  where customer_segment is not null
  union all
  select fold_case(segment_name), customer_id, 0, 1
  from customer_metrics
  cross join customer_segments
  where meets_rule(segment_id, total_spent, purchase_count, order_count, average_order_value, session_count, event_count,
    days_since_first_event, days_since_last_event, days_since_last_purchase, days_since_signup, lifetime_value, age, country, city, gender)
)
select segment_name, customer_id, max(in_profile) as by_profile, max(meets_segment) as by_rule
from members
join segment_names on name_key = segment_key
group by segment_name, customer_id
