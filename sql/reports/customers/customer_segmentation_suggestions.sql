/*---
title: Suggested segments
description: >-
  For every customer who has signed up or has an event by as_of: when they last bought, how often and for how much, in which fifth of all
  buyers each of these puts them (5 is best, equal values share a fifth), the segment that follows, why, and how it differs from
  the profile's. Buyers are who placed an order. Value is the mean of the fifths of frequency and money, halves rounded up.
  Champions: recency 4-5, value 4-5. Loyal: 3, 4-5. Cannot lose: 1-2, 5. At risk: 1-2, 3-4. New: 4-5, one order. Promising: the
  others from 3 on. Dormant: the others. Who never bought is a Prospect with an event in the last 30 days, a Lapsed visitor with
  an older one, else Never active.
http: /v0/pipes/customer_segmentation_suggestions.json
params:
  country: { description: "Only customers whose profile has this country, whatever the case of its letters; fifths are of all buyers even so", example: US }
columns:
  customer_id: { description: Customer }
  recency_days: { description: Whole days since the last purchase; none without one, nullable: true }
  frequency: { description: Orders, unit: count }
  monetary: { description: Money spent less refunds, unit: currency }
  recency_quintile: { description: "Fifth by recency, 5 the most recent; none without an order", nullable: true }
  frequency_quintile: { description: "Fifth by orders, 5 the most", nullable: true }
  monetary_quintile: { description: "Fifth by money, 5 the most", nullable: true }
  suggested_segment: { description: "Champions, Loyal, Cannot lose, At risk, New, Promising, Dormant, Prospect, Lapsed visitor or Never active" }
  reason: { description: "Why, in words" }
  profile_segment: { description: Segment the profile puts them in, nullable: true }
  difference: { description: "How the suggestion differs from the profile: unchanged, or from what to what" }
  rules_met: { description: "Segments of customer_segments whose rules they meet, by name", nullable: true }
key: [customer_id]
sort:
  default: -monetary
  allow: [customer_id, recency_days, frequency, monetary, suggested_segment]
page: { kind: limit, default: 1000, max: 1000000 }
table: [customer_id, suggested_segment, profile_segment, recency_days, frequency, monetary]
answer: { shape: tinybird }
---*/
with ranked as (
  select customer_id, days_since_last_purchase as recency_days, order_count as frequency, total_spent as monetary, days_since_last_event, country,
         order_count > 0 as is_buyer,
         -- Buyers surpassed, in fifths of all buyers.
         idiv(5 * (rank() over (partition by order_count > 0 order by days_since_last_purchase desc) - 1), count(*) over (partition by order_count > 0)) + 1 as r,
         idiv(5 * (rank() over (partition by order_count > 0 order by order_count) - 1), count(*) over (partition by order_count > 0)) + 1 as f,
         idiv(5 * (rank() over (partition by order_count > 0 order by total_spent) - 1), count(*) over (partition by order_count > 0)) + 1 as m
  from customer_metrics
),
named as (
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
told as (
  select customer_id as profile_id, customer_segment as profile_segment from profiles_known
),
met as (
  select customer_id as member_id, listed(segment_name) as rules_met
  from segment_members
  where by_rule = 1
  group by customer_id
)
select customer_id, recency_days, frequency, monetary, recency_quintile, frequency_quintile, monetary_quintile, suggested_segment,
       case when recency_quintile is not null
            then 'last bought ' || count_of(recency_days, 'day') || ' ago (fifth ' || recency_quintile || ' of 5), '
                 || count_of(frequency, 'order') || ' (' || frequency_quintile || '), ' || two_decimals(monetary) || ' spent (' || monetary_quintile || ')'
            when days_since_last_event is not null then 'never bought, last seen ' || count_of(days_since_last_event, 'day') || ' ago'
            else 'no event yet' end as reason,
       profile_segment,
       case when same_word(profile_segment, suggested_segment) then 'unchanged'
            else coalesce(profile_segment, 'none') || ' → ' || suggested_segment end as difference,
       rules_met
from named
left join told on profile_id = customer_id
left join met on member_id = customer_id
where $country::varchar is null or same_word(country, $country::varchar)
