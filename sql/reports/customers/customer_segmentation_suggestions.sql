/*---
title: Suggested segments
summary: Segments from behaviour
description: A suggested segment for every customer, from the recency, frequency and amount of their purchases (RFM), with the reason.
details:
  - Includes every customer who signed up or has an event by as_of. Buyers are customers with an order.
  - Quintiles cover all buyers. 5 is best; equal values are in the same quintile.
  - Value is the mean of the frequency and monetary quintiles, with halves rounded up.
  - "Champions: recency 4-5, value 4-5. Loyal: recency 3, value 4-5. Cannot lose: recency 1-2, value 5. At risk: recency 1-2, value 3-4."
  - "New: recency 4-5, one order. Promising: all other buyers with recency 3 or more. Dormant: all remaining buyers."
  - >-
    Customers without an order are Prospect with an event in the last 30 days, Lapsed visitor with an older event, and Never
    active without events.
http: /v0/pipes/customer_segmentation_suggestions.json
params:
  country: { description: Only customers with this country in their profile (case-insensitive); quintiles always cover all buyers, example: US }
columns:
  customer_id: { description: Customer }
  recency_days: { description: Whole days since the last purchase; empty without one, nullable: true }
  frequency: { description: Orders, unit: count }
  monetary: { description: Amount spent minus refunds, unit: currency }
  recency_quintile: { description: "Quintile by recency, 5 for the most recent; empty without an order", nullable: true }
  frequency_quintile: { description: "Quintile by number of orders, 5 for the most", nullable: true }
  monetary_quintile: { description: "Quintile by amount, 5 for the highest", nullable: true }
  suggested_segment: { description: "Suggested segment: Champions, Loyal, Cannot lose, At risk, New, Promising, Dormant, Prospect, Lapsed visitor or Never active" }
  reason: { description: Reason for the suggestion }
  profile_segment: { description: Segment in the customer's profile, nullable: true }
  difference: { description: "Difference from the profile's segment: unchanged, or from one segment to another" }
  rules_met: { description: Names of the customer_segments whose rules the customer meets, nullable: true }
key: [customer_id]
sort:
  default: -monetary
  allow: [customer_id, recency_days, frequency, monetary, suggested_segment]
page: { kind: limit, default: 1000, max: 1000000 }
leading_columns: [customer_id, suggested_segment, profile_segment, recency_days, frequency, monetary]
answer: { shape: tinybird }
---*/
with ranked as (
  select customer_id, days_since_last_purchase as recency_days, order_count as frequency, total_spent as monetary, days_since_last_event, country,
         order_count > 0 as is_buyer,
         -- Quintile from 1 to 5 among the buyers.
         idiv(5 * (rank() over (partition by order_count > 0 order by days_since_last_purchase desc) - 1), count(*) over (partition by order_count > 0)) + 1 as r,
         idiv(5 * (rank() over (partition by order_count > 0 order by order_count) - 1), count(*) over (partition by order_count > 0)) + 1 as f,
         idiv(5 * (rank() over (partition by order_count > 0 order by total_spent) - 1), count(*) over (partition by order_count > 0)) + 1 as m
  from customer_metrics
),
suggestions as (
  select customer_id, recency_days, frequency, monetary, days_since_last_event, country,
         case when is_buyer then r end as recency_quintile,
         case when is_buyer then f end as frequency_quintile,
         case when is_buyer then m end as monetary_quintile,
         case when not is_buyer then
                case when days_since_last_event < 30 then 'Prospect' when days_since_last_event is not null then 'Lapsed visitor' else 'Never active' end
              when r >= 4 and idiv(f + m + 1, 2) >= 4 then 'Champions'
              when r = 3 and idiv(f + m + 1, 2) >= 4 then 'Loyal'
              when r <= 2 and idiv(f + m + 1, 2) = 5 then 'Cannot lose'
              when r <= 2 and idiv(f + m + 1, 2) >= 3 then 'At risk'
              when r >= 4 and frequency = 1 then 'New'
              when r >= 3 then 'Promising'
              else 'Dormant' end as suggested_segment
  from ranked
),
profiles as (
  select customer_id as profile_id, customer_segment as profile_segment from profiles_as_of
),
rule_segments as (
  select customer_id as member_id, list_names(segment_name) as rules_met
  from segment_members
  where by_rule = 1
  group by customer_id
)
select customer_id, recency_days, frequency, monetary, recency_quintile, frequency_quintile, monetary_quintile, suggested_segment,
       case when recency_quintile is not null
            then 'last bought ' || pluralize(recency_days, 'day') || ' ago (fifth ' || recency_quintile || ' of 5), '
                 || pluralize(frequency, 'order') || ' (' || frequency_quintile || '), ' || two_decimals(monetary) || ' spent (' || monetary_quintile || ')'
            when days_since_last_event is not null then 'never bought, last seen ' || pluralize(days_since_last_event, 'day') || ' ago'
            else 'no event yet' end as reason,
       profile_segment,
       case when equals_ci(profile_segment, suggested_segment) then 'unchanged'
            else coalesce(profile_segment, 'none') || ' → ' || suggested_segment end as difference,
       rules_met
from suggestions
left join profiles on profile_id = customer_id
left join rule_segments on member_id = customer_id
where $country::varchar is null or equals_ci(country, $country::varchar)
