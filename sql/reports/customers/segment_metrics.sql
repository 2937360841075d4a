/*---
title: Segment metrics
summary: Activity and revenue per segment
description: Customers, activity, revenue and conversion per segment, up to as_of.
details:
  - Members are customers whose profile names the segment or who meet its rule. A customer may be in several segments.
  - Segments without members have zeros.
http: /v0/pipes/segment_metrics.json
params:
  country: { description: Only customers with this country in their profile (case-insensitive), example: US }
  active_days: { description: Days before as_of in which a customer must have an event to count as active, default: 30, min: 1, max: 36500 }
columns:
  segment_name: { description: Segment }
  customers: { description: Members, unit: count }
  active_customers: { description: Members with an event in the last active_days days, unit: count }
  events: { description: Events of members, unit: count }
  purchases: { description: Purchase events of members, unit: count }
  orders: { description: Orders of members, unit: count }
  revenue: { description: Amount spent by members minus refunds, unit: currency }
  average_order_value: { description: Revenue divided by orders; empty without orders, unit: currency, nullable: true }
  average_lifetime_value: { description: Average lifetime value of members who have one in their profile; empty if none has, unit: currency, nullable: true }
  conversion: { description: Share of members' visits with a view that have a purchase; empty without views, unit: share, nullable: true }
  members_by_profile: { description: Members whose profile names the segment, unit: count }
  members_by_rule: { description: Members who meet the segment's rule, unit: count }
key: [segment_name]
sort:
  default: -revenue
  allow: [segment_name, customers, active_customers, events, purchases, orders, revenue, average_order_value, average_lifetime_value, conversion]
page: { kind: limit, default: 1000, max: 1000000 }
chart: { kind: hbar, x: segment_name, y: revenue, more: [customers, conversion] }
answer: { shape: tinybird }
---*/
with member_metrics as (
  select segment_name as member_segment, by_profile, by_rule, days_since_last_event, event_count, purchase_count, order_count, total_spent, lifetime_value, viewing_visits, buying_visits
  from segment_members as members
  join (select customer_id as metrics_id, days_since_last_event, event_count, purchase_count, order_count, total_spent, lifetime_value, viewing_visits, buying_visits, country
        from customer_metrics) as metrics on metrics_id = customer_id
  where $country::varchar is null or equals_ci(country, $country::varchar)
)
select segment_name,
       count(by_rule) as customers,
       count(case when days_since_last_event < $active_days::bigint then 1 end) as active_customers,
       coalesce(sum(event_count), 0) as events,
       coalesce(sum(purchase_count), 0) as purchases,
       coalesce(sum(order_count), 0) as orders,
       coalesce(sum(total_spent), 0) as revenue,
       sum(total_spent) / nullif(sum(order_count), 0)::double as average_order_value,
       avg(cast(lifetime_value as double)) as average_lifetime_value,
       sum(buying_visits) / nullif(sum(viewing_visits), 0)::double as conversion,
       coalesce(sum(by_profile), 0) as members_by_profile,
       coalesce(sum(by_rule), 0) as members_by_rule
from segment_names
left join member_metrics on member_segment = segment_name
group by segment_name
