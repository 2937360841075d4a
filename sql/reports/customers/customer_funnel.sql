/*---
title: Conversion funnel
summary: From view to purchase
listing: top
description: Visits that viewed, added to the cart and purchased, by day, device, country or in total.
details:
  - A visit counts once for each day, device and country it has events in, and only those events count there.
  - Devices and countries ignore case, and have the alphabetically first of their spellings, capitals first.
  - A visit with a view before midnight and a purchase after it converts in the total, but on neither day.
http: /v0/pipes/customer_funnel.json
params:
  group_by: { description: Grouping of the visits, choices: [day, device, country, all], default: day }
columns:
  group: { description: "Local day, device type or country; \"all\" for the total", bucket: day }
  visits: { description: Visits, unit: count }
  viewed: { description: "Visits with a view (view, page_view, pageview, product_view, view_item, view_product)", unit: count }
  carted: { description: "Visits that added to the cart (cart, add_to_cart, addtocart, add-to-cart) or started checkout (begin_checkout, checkout)", unit: count }
  bought: { description: Visits with a purchase, unit: count }
  view_to_cart: { description: Share of visits with a view that added to the cart, unit: share, nullable: true }
  cart_to_purchase: { description: Share of visits with a cart that have a purchase, unit: share, nullable: true }
  view_to_purchase: { description: Share of visits with a view that have a purchase, unit: share, nullable: true }
  revenue: { description: Price times quantity of purchases minus refunds, unit: currency }
key: [group]
total: [revenue]
sort:
  default: group
  allow: [group, visits, viewed, carted, bought, view_to_purchase, revenue]
page: { kind: limit, default: 10000, max: 1000000 }
chart:
  - { kind: line, x: group, y: view_to_purchase, more: [visits, bought], with: { group_by: day } }
  - { name: conversion, kind: number, value: view_to_purchase, better: up, more: [viewed], with: { group_by: all } }
  - { name: buyers, kind: number, value: bought, better: up, more: [visits], with: { group_by: all } }
  - { name: visits, kind: number, value: visits, better: up, more: [carted], with: { group_by: all } }
  - { name: revenue, kind: number, x: group, value: revenue, better: up, with: { group_by: day } }
  - { name: parts, kind: hbar, x: group, y: view_to_purchase, more: [visits, bought], with: { group_by: device } }
answer: { shape: tinybird }
---*/
with grouped_events as (
  select case $group_by::varchar when 'day' then cast(day as varchar) when 'device' then fold_case(device) when 'country' then fold_case(place) else 'all' end as group_key,
         case $group_by::varchar when 'device' then device when 'country' then place end as spelling,
         -- A visit without session_id ends with the day.
         case when session_id is null then day end as fallback_day,
         session_id, loner, has_view, has_cart, has_purchase, spent
  from shop_events
),
visit_steps as (
  select group_key, min(spelling) as first_spelling, max(has_view) as has_viewed, max(has_cart) as has_carted, max(has_purchase) as has_bought, coalesce(sum(spent), 0) as amount
  from grouped_events
  group by group_key, fallback_day, session_id, loner
)
select coalesce(min(first_spelling), group_key) as "group",
       count(*) as visits,
       sum(has_viewed) as viewed,
       sum(has_carted) as carted,
       sum(has_bought) as bought,
       sum(has_viewed * has_carted) / nullif(sum(has_viewed), 0)::double as view_to_cart,
       sum(has_carted * has_bought) / nullif(sum(has_carted), 0)::double as cart_to_purchase,
       sum(has_viewed * has_bought) / nullif(sum(has_viewed), 0)::double as view_to_purchase,
       sum(amount) as revenue
from visit_steps
group by group_key
