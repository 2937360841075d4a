/*---
title: From view to purchase
description: >-
  How many visits looked at something, put it into the cart and bought, by day, kind of device, country or in all. A visit
  bears one session_id; without one it is all a customer did in a local day, or a single event of a guest. A visit counts once
  on each day, device and country it has events of, by those events alone: one that looks before midnight and buys after it is
  a purchase after a view in all, but on neither day.
http: /v0/pipes/customer_funnel.json
params:
  group_by: { description: What the visits are grouped by, choices: [day, device, country, all], default: day }
columns:
  group: { description: "Local day, kind of device or country; all for all together" }
  visits: { description: Visits, unit: count }
  viewed: { description: "Visits with a view (view, page_view, pageview, product_view, view_item, view_product)", unit: count }
  carted: { description: "Visits that put something into the cart (cart, add_to_cart, addtocart, add-to-cart) or began to pay (begin_checkout, checkout)", unit: count }
  bought: { description: Visits with a purchase, unit: count }
  view_to_cart: { description: "Of the visits with a view, those with something in the cart", unit: share, nullable: true }
  cart_to_purchase: { description: "Of the visits with something in the cart, those with a purchase", unit: share, nullable: true }
  view_to_purchase: { description: "Of the visits with a view, those with a purchase", unit: share, nullable: true }
  revenue: { description: Price times quantity of purchases less refunds, unit: currency }
key: [group]
sort:
  default: group
  allow: [group, visits, viewed, carted, bought, view_to_purchase, revenue]
page: { kind: limit, default: 10000, max: 1000000 }
chart: { kind: line, x: group, y: view_to_purchase }
answer: { shape: tinybird }
---*/
with parts as (
  select case $group_by::varchar when 'day' then cast(day as varchar) when 'device' then device when 'country' then place else 'all' end as part,
         -- Without a session a visit ends with its day.
         case when session_id is null then day end as lone_day,
         session_id, loner, has_view, has_cart, has_purchase, spent
  from shop_events
),
visits_in as (
  select part, max(has_view) as looked, max(has_cart) as filled, max(has_purchase) as paid, coalesce(sum(spent), 0) as brought
  from parts
  group by part, lone_day, session_id, loner
)
select part as "group",
       count(*) as visits,
       sum(looked) as viewed,
       sum(filled) as carted,
       sum(paid) as bought,
       sum(looked * filled) / nullif(sum(looked), 0)::double as view_to_cart,
       sum(filled * paid) / nullif(sum(filled), 0)::double as cart_to_purchase,
       sum(looked * paid) / nullif(sum(looked), 0)::double as view_to_purchase,
       sum(brought) as revenue
from visits_in
group by part
