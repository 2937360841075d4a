/*---
title: Customer events
description: "One row per customer event: page view, view, cart, purchase or any other type."
details:
  - A refund is an event type of its own, with a negative quantity.
  - Guest events have no customer.
  - Without an event ID, rows with the same customer, time, type, visit, page, product, category, price and quantity are one event.
key: [event_id]
version: last_updated
partition_by: event_timestamp
identity: [event_timestamp, event_type]
changes_with_version: [customer_id]
detect_by: [customer_id]
columns:
  event_id:
    description: "Event ID; default: derived from the other columns"
    required: false
    default: concat_ws('|', customer_id, event_timestamp, lower(event_type), session_id, page_url, product_id, category_id, price, quantity)
  customer_id: { description: Customer ID; empty for a guest, aliases: [customer, visitor_id, client_id] }
  event_type: { description: "Event type, such as page_view, view, add_to_cart or purchase; any text is kept", required: true, aliases: [event, event_name, action] }
  event_timestamp: { description: "Time of the event, UTC", required: true, aliases: [event_time, timestamp, occurred_at, time] }
  session_id: { description: Visit ID, aliases: [user_session, visit_id, web_session_id] }
  page_url: { description: URL of the page, aliases: [url, page] }
  product_id: { description: Product ID, aliases: [product, sku, item_id] }
  category_id: { description: Category of the product, aliases: [category] }
  price:
    description: "Unit price; kept as in the file, even if negative. Default: the line total divided by the quantity"
    unit: currency
    aliases: [unit_price]
    default: (total_amount / coalesce(nullif(quantity, 0), 1))::decimal(18, 6)
  quantity: { description: Quantity as an integer; negative for a refund, unit: count, aliases: [qty] }
  device_type: { description: "Device type, such as desktop, mobile or tablet", aliases: [device] }
  country: { description: "Country of the event, as in the file", aliases: [country_code] }
  referrer: { description: Referring page, aliases: [referer] }
  user_agent: { description: Browser's user agent }
  last_updated:
    description: "Version of the row; default: the time of the event"
    aliases: [updated_at, recorded_at, received_at]
    default: event_timestamp
inputs:
  total_amount:
    description: Price of all units; used if the unit price is missing
    type: DECIMAL(18,6)
    unit: currency
    aliases: [line_total, line_amount, total_price, amount]
warnings:
  - { when: "abs(price * coalesce(quantity, 1) - total_amount) > 0.01", column: total_amount, reason: is not price times quantity }
---*/
create table customer_events (
  event_id varchar not null,
  customer_id varchar,
  event_type varchar not null,
  event_timestamp timestamp not null,
  session_id varchar,
  page_url varchar,
  product_id varchar,
  category_id varchar,
  price decimal(18, 6),
  quantity bigint,
  device_type varchar,
  country varchar,
  referrer varchar,
  user_agent varchar,
  last_updated timestamp not null
);
