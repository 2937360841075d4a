/*---
title: Behaviour of customers
description: >-
  What customers and guests did, day by day and by type of event: how often, how many of them, what it brought, on which
  devices and from which countries, and beside it how many of the day's visits came from a view to a purchase. Refunds count
  under their own type and day.
http: /v0/pipes/customer_behavioral_analysis.json
params:
  event_type: { description: "Only events of this type, whatever the case of its letters; view_to_purchase is of all types even so", example: purchase }
columns:
  date: { description: Local day }
  event_type: { description: "Type of the events, in small letters" }
  events: { description: Events, unit: count }
  customers: { description: Customers who did it; guests are not counted, unit: count }
  sessions: { description: "Visits it happened in, told apart by session_id", unit: count }
  revenue: { description: Price times quantity of purchases less refunds, unit: currency }
  view_to_purchase: { description: "Of the day's visits with a view, those with a purchase that day; none without a view", unit: share, nullable: true }
  devices: { description: "Events by kind of device, as an object" }
  countries: { description: "Events by country, as an object" }
key: [date, event_type]
sort:
  default: date
  allow: [date, event_type, events, customers, sessions, revenue, view_to_purchase]
page: { kind: limit, default: 10000, max: 1000000 }
chart: { kind: line, x: date, y: events }
answer: { shape: tinybird }
---*/
with cells as (
  select day, folded(event_type) as kind, device, place, count(*) as n, sum(spent) as brought
  from shop_events
  group by day, folded(event_type), device, place
),
counted as (
  select day, kind, sum(n) as events, coalesce(sum(brought), 0) as revenue from cells group by day, kind
),
devices as (
  select day as device_day, kind as device_kind, tally(device, of_device) as devices
  from (select day, kind, device, sum(n) as of_device from cells group by day, kind, device) as by_device
  group by day, kind
),
countries as (
  select day as place_day, kind as place_kind, tally(place, of_place) as countries
  from (select day, kind, place, sum(n) as of_place from cells group by day, kind, place) as by_place
  group by day, kind
),
people as (
  select day as people_day, folded(event_type) as people_kind, count(distinct customer_id) as customers, count(distinct session_id) as sessions
  from shop_events
  group by day, folded(event_type)
),
visits as (
  select day as visit_day, max(has_view) as viewed, max(has_purchase) as bought from shop_events group by day, session_id, loner
),
funnel as (
  select visit_day, sum(viewed * bought) / nullif(sum(viewed), 0)::double as view_to_purchase from visits group by visit_day
)
select day as date, kind as event_type, events, customers, sessions, revenue, view_to_purchase, devices, countries
from counted
join people on people_day = day and people_kind = kind
join funnel on visit_day = day
join devices on device_day = day and device_kind = kind
join countries on place_day = day and place_kind = kind
where $event_type::varchar is null or same_word(kind, $event_type::varchar)
