/*---
title: Customer metrics
description: Metrics per customer who signed up or has an event by as_of. Segment rules may use these metrics.
details:
  - A metric that a customer does not have is null. A comparison with it is never true.
  - Days are whole days elapsed.
params:
  as_of: { description: "Point in time the report is computed for; default: now", role: now, example: "2026-01-01" }
columns:
  customer_id: { description: Customer ID }
  total_spent: { description: Price times quantity of all purchases minus refunds, unit: currency }
  purchase_count: { description: Purchase events, unit: count }
  order_count: { description: "Orders; purchases in one visit are one order, a purchase without a visit is an order of its own", unit: count }
  average_order_value: { description: total_spent divided by order_count; empty without orders, unit: currency }
  session_count: { description: "Distinct visits, by session_id", unit: count }
  event_count: { description: Events of any type, unit: count }
  days_since_first_event: { description: Days since the first event }
  days_since_last_event: { description: Days since the last event }
  days_since_last_purchase: { description: Days since the last purchase }
  days_since_signup: { description: Days since the sign-up day in the profile }
  lifetime_value: { description: Lifetime value in the profile, unit: currency }
  age: { description: Age in the profile, unit: years }
  country: { description: "Country in the profile, as in the file (case-sensitive)" }
  city: { description: City in the profile }
  gender: { description: Gender in the profile }
  viewing_visits: { description: "Visits with a view (view, page_view, product_view, view_item)", unit: count }
  buying_visits: { description: Visits with a view and a purchase, unit: count }
---*/
-- Events with one session_id are a visit; an event without session_id is a separate visit.
with visits as (
  select customer_id, session_id,
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
),
activity as (
  select customer_id as activity_id,
         sum(spent) as spent_total,
         sum(purchases) as purchase_total,
         count(case when purchases > 0 then 1 end) as orders,
         count(session_id) as sessions,
         sum(events) as event_total,
         min(first_event) as first_at,
         max(last_event) as last_at,
         max(last_purchase) as last_purchase_at,
         sum(has_view) as view_visits,
         count(case when has_view = 1 and purchases > 0 then 1 end) as purchase_visits
  from visits
  group by customer_id
),
profiles as (
  select customer_id as profile_id, signup_date, lifetime_value, age, country, city, gender from profiles_as_of
)
select coalesce(profile_id, activity_id) as customer_id,
       coalesce(spent_total, 0) as total_spent,
       coalesce(purchase_total, 0) as purchase_count,
       coalesce(orders, 0) as order_count,
       spent_total / nullif(orders, 0)::double as average_order_value,
       coalesce(sessions, 0) as session_count,
       coalesce(event_total, 0) as event_count,
       days_between(first_at, $as_of::timestamp) as days_since_first_event,
       days_between(last_at, $as_of::timestamp) as days_since_last_event,
       days_between(last_purchase_at, $as_of::timestamp) as days_since_last_purchase,
       days_between(signup_date::timestamp, $as_of::timestamp) as days_since_signup,
       lifetime_value, age, country, city, gender,
       coalesce(view_visits, 0) as viewing_visits,
       coalesce(purchase_visits, 0) as buying_visits
from profiles
full join activity on profile_id = activity_id
