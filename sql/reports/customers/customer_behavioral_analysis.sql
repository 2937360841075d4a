/*---
title: Customer behaviour
summary: Events and conversion by day
description: Events, customers, visits, revenue and conversion per local day and event type, with devices and countries.
details:
  - Guest events count as events but not as customers.
  - view_to_purchase is the share of the day's visits that went from a view to a purchase.
  - Refunds count under their own type and day.
  - Devices and countries ignore case, and have the alphabetically first of their spellings, capitals first.
http: /v0/pipes/customer_behavioral_analysis.json
params:
  event_type: { description: Only events of this type (case-insensitive); view_to_purchase always covers all types, example: purchase }
columns:
  date: { description: Local day }
  event_type: { description: Event type in lower case }
  events: { description: Events, unit: count }
  customers: { description: "Distinct customers, without guests", unit: count }
  sessions: { description: "Distinct visits, by session_id", unit: count }
  revenue: { description: Price times quantity of purchases minus refunds, unit: currency }
  view_to_purchase: { description: Share of the day's visits with a view that also have a purchase that day; empty without views, unit: share, nullable: true }
  devices: { description: "Events by device type, as an object" }
  countries: { description: "Events by country, as an object" }
key: [date, event_type]
total: [events, revenue]
sort:
  default: date
  allow: [date, event_type, events, customers, sessions, revenue, view_to_purchase]
page: { kind: limit, default: 10000, max: 1000000 }
chart: { kind: bar, x: date, y: events, series: event_type, more: [customers, revenue] }
answer: { shape: tinybird }
---*/
with counts as (
  select day, fold_case(event_type) as kind, device, place, count(*) as event_count, sum(spent) as amount
  from shop_events
  group by day, fold_case(event_type), device, place
),
totals as (
  select day, kind, sum(event_count) as events, coalesce(sum(amount), 0) as revenue from counts group by day, kind
),
device_names as (select fold_case(device) as device_key, min(device) as device_name from counts group by fold_case(device)),
place_names as (select fold_case(place) as place_key, min(place) as place_name from counts group by fold_case(place)),
by_device as (
  select day, kind, device_name, sum(event_count) as device_count
  from counts join device_names on device_key = fold_case(device)
  group by day, kind, device_name
),
by_place as (
  select day, kind, place_name, sum(event_count) as place_count
  from counts join place_names on place_key = fold_case(place)
  group by day, kind, place_name
),
devices as (
  select day as device_day, kind as device_kind, count_object(device_name, device_count) as devices from by_device group by day, kind
),
countries as (
  select day as place_day, kind as place_kind, count_object(place_name, place_count) as countries from by_place group by day, kind
),
audience as (
  select day as audience_day, fold_case(event_type) as audience_kind, count(distinct customer_id) as customers, count(distinct session_id) as sessions
  from shop_events
  group by day, fold_case(event_type)
),
visits as (
  select day as visit_day, max(has_view) as viewed, max(has_purchase) as bought from shop_events group by day, session_id, loner
),
funnel as (
  select visit_day, sum(viewed * bought) / nullif(sum(viewed), 0)::double as view_to_purchase from visits group by visit_day
)
select day as date, kind as event_type, events, customers, sessions, revenue, view_to_purchase, devices, countries
from totals
join audience on audience_day = day and audience_kind = kind
join funnel on visit_day = day
join devices on device_day = day and device_kind = kind
join countries on place_day = day and place_kind = kind
where $event_type::varchar is null or equals_ci(kind, $event_type::varchar)
