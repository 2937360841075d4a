/*---
title: Customer activity
summary: Events of one customer
description: Events of one customer, newest first.
http: /v0/pipes/customer_activity.json
params:
  customer_id: { description: Customer ID, role: customer, required: true, example: cust-789 }
  event_type: { description: Only events of this type (case-insensitive), example: page_view }
  start_date: { description: Start of the period, role: period_start, example: "2025-01-01" }
  end_date: { description: End of the period; a bare date includes the whole day, role: period_end, example: "2025-12-31" }
columns:
  event_id: { description: Event ID }
  event_timestamp: { description: "Time of the event, UTC" }
  event_type: { description: Event type }
  session_id: { description: Visit ID, nullable: true }
  page_url: { description: Page, nullable: true }
  product_id: { description: Product, nullable: true }
  category_id: { description: Category of the product, nullable: true }
  price: { description: Unit price, unit: currency, nullable: true }
  quantity: { description: Quantity, nullable: true }
  device_type: { description: Device type, nullable: true }
  country: { description: Country, nullable: true }
  referrer: { description: Referring page, nullable: true }
  user_agent: { description: Browser's user agent, nullable: true }
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
  and ($event_type::varchar is null or equals_ci(event_type, $event_type::varchar))
  and ($start_date::timestamp is null or event_timestamp >= $start_date::timestamp)
  and ($end_date::timestamp is null or event_timestamp <= $end_date::timestamp)
