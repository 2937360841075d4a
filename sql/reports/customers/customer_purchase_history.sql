/*---
title: Customer purchase history
summary: Purchases of one customer
description: Purchases and refunds of one customer, newest first, with a running total.
details:
  - A refund has a negative total_amount.
http: /v0/pipes/customer_purchase_history.json
params:
  customer_id: { description: Customer ID, role: customer, required: true, example: cust-789 }
  start_date: { description: Start of the period, role: period_start, example: "2025-01-01" }
  end_date: { description: End of the period; a bare date includes the whole day, role: period_end, example: "2025-12-31" }
  category_id: { description: Only purchases of this category, example: cat-cables }
columns:
  event_id: { description: Event ID of the purchase or refund }
  event_timestamp: { description: "Time, UTC" }
  product_id: { description: Product, nullable: true }
  category_id: { description: Category of the product, nullable: true }
  price: { description: Unit price, unit: currency, nullable: true }
  quantity: { description: Quantity; negative if the file has refunds as negative, nullable: true }
  total_amount: { description: Price times quantity (1 if the file has none); negative for a refund, unit: currency, nullable: true }
  running_total: { description: "Sum of total_amount from the first selected purchase up to this one, regardless of limit", unit: currency }
  page_url: { description: Page, nullable: true }
  device_type: { description: Device type, nullable: true }
  country: { description: Country, nullable: true }
key: [event_id]
sort:
  default: -event_timestamp
  allow: [event_timestamp, total_amount, price, quantity]
page: { kind: limit, default: 50, max: 1000000 }
leading_columns: [event_timestamp, product_id, quantity, price, total_amount, running_total]
answer: { shape: tinybird }
---*/
with purchases as (
  select event_id, event_timestamp, product_id, category_id, price, quantity,
         spent_amount(event_type, price, quantity) as total_amount,
         page_url, device_type, country
  from customer_events
  where customer_id = $customer_id::varchar
    and (is_purchase(event_type, quantity) or is_refund(event_type, quantity))
    and ($start_date::timestamp is null or event_timestamp >= $start_date::timestamp)
    and ($end_date::timestamp is null or event_timestamp <= $end_date::timestamp)
    and ($category_id::varchar is null or category_id = $category_id::varchar)
)
select event_id, event_timestamp, product_id, category_id, price, quantity, total_amount,
       -- Newest first sorts equal times by ascending ID, so the running total adds them by descending ID.
       sum(coalesce(total_amount, 0)) over (order by event_timestamp, event_id desc rows between unbounded preceding and current row) as running_total,
       page_url, device_type, country
from purchases
