/*---
title: Activity of a customer
description: What one customer did, the newest first.
http: /v0/pipes/customer_activity.json
params:
  customer_id: { description: Customer whose events are wanted, required: true, example: cust-789 }
  event_type: { description: "Only events of this type, whatever the case of its letters", example: page_view }
  start_date: { description: First moment of the period, role: period_start, example: "2025-01-01" }
  end_date: { description: Last moment of the period; a bare date counts whole, role: period_end, example: "2025-12-31" }
columns:
  event_id: { description: Identifier of the event }
  event_timestamp: { description: "When it happened, UTC" }
  event_type: { description: What it was }
  session_id: { description: Visit it belongs to, nullable: true }
  page_url: { description: Page, nullable: true }
  product_id: { description: Product, nullable: true }
  category_id: { description: Category of the product, nullable: true }
  price: { description: Price of one piece, unit: currency, nullable: true }
  quantity: { description: Pieces, nullable: true }
  device_type: { description: Device, nullable: true }
  country: { description: Country, nullable: true }
  referrer: { description: Where the visitor came from, nullable: true }
  user_agent: { description: Browser in its own words, nullable: true }
key: [event_id]
sort:
  default: -event_timestamp
  allow: [event_timestamp, event_type]
page: { kind: limit, default: 100, max: 1000000 }
answer: { shape: tinybird }
---*/
select event_id, event_timestamp, event_type, session_id, page_url, product_id, category_id, price, quantity, device_type, country, referrer, user_agent
from customer_events
where customer_id = $customer_id::varchar
  and ($event_type::varchar is null or same_word(event_type, $event_type::varchar))
  and ($start_date::timestamp is null or event_timestamp >= $start_date::timestamp)
  and ($end_date::timestamp is null or event_timestamp <= $end_date::timestamp)
