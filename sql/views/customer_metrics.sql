/*---
title: Metrics of customers
description: >-
  One row a customer who has signed up or has an event by as_of: what is known of them, and what rules of segments may compare.
  A metric a customer does not have is null, and a comparison with it holds for nobody. Days are whole days gone by.
params:
  as_of: { description: Moment the answer holds for; now without it, role: now, example: "2026-01-01" }
columns:
  customer_id: { description: Identifier of the customer }
  total_spent: { description: "Price times quantity over all purchases, less refunds", unit: currency }
  purchase_count: { description: Purchase events, unit: count }
  order_count: { description: "Orders: the purchases of one visit are one order, a purchase without a visit is one of its own", unit: count }
  average_order_value: { description: total_spent over order_count; none without an order, unit: currency }
  session_count: { description: "Visits, told apart by session_id", unit: count }
  event_count: { description: Events of any type, unit: count }
  days_since_first_event: { description: Days since the first event }
  days_since_last_event: { description: Days since the last event }
  days_since_last_purchase: { description: Days since the last purchase }
  days_since_signup: { description: Days since the profile's day of sign-up }
  lifetime_value: { description: Lifetime value the profile tells, unit: currency }
  age: { description: Age the profile tells, unit: years }
  country: { description: "Country the profile tells; as the file has it, letter by letter" }
  city: { description: City the profile tells }
  gender: { description: Gender the profile tells }
  viewing_visits: { description: "Visits with a view (view, page_view, product_view, view_item)", unit: count }
  buying_visits: { description: Visits with a view and a purchase, unit: count }
---*/
-- A visit is what bears one session_id; an event without one is a visit of its own.
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
active as (
  select customer_id as active_id,
         sum(spent) as spent_in_all,
         sum(purchases) as purchases_in_all,
         count(case when purchases > 0 then 1 end) as orders,
         count(session_id) as sessions,
         sum(events) as events_in_all,
         min(first_event) as began,
         max(last_event) as ended,
         max(last_purchase) as bought,
         sum(has_view) as viewing,
         count(case when has_view = 1 and purchases > 0 then 1 end) as buying
  from visits
  group by customer_id
),
profiles as (
  select customer_id as profile_id, signup_date, lifetime_value, age, country, city, gender from profiles_known
)
select coalesce(profile_id, active_id) as customer_id,
       coalesce(spent_in_all, 0) as total_spent,
       coalesce(purchases_in_all, 0) as purchase_count,
       coalesce(orders, 0) as order_count,
       spent_in_all / nullif(orders, 0)::double as average_order_value,
       coalesce(sessions, 0) as session_count,
       coalesce(events_in_all, 0) as event_count,
       days_between(began, $as_of::timestamp) as days_since_first_event,
       days_between(ended, $as_of::timestamp) as days_since_last_event,
       days_between(bought, $as_of::timestamp) as days_since_last_purchase,
       days_between(signup_date::timestamp, $as_of::timestamp) as days_since_signup,
       lifetime_value, age, country, city, gender,
       coalesce(viewing, 0) as viewing_visits,
       coalesce(buying, 0) as buying_visits
from profiles
full join active on profile_id = active_id
