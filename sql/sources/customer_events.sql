/*---
title: Customer events
description: >-
  One row a thing a customer did: page view, view, cart, purchase or anything else. A refund is its own type,
  with a negative quantity. Events of guests have no customer. Without an id, rows alike in customer, time, type, visit, page, product, category, price and quantity are one event.
key: [event_id]
version: last_updated
recognise: [customer_id]
columns:
  event_id:
    description: Identifier of the event; made of what the row says where the file has none
    required: false
    default: concat_ws('|', customer_id, event_timestamp, lower(event_type), session_id, page_url, product_id, category_id, price, quantity)
  customer_id: { description: Who did it; empty for a guest, aliases: [customer, visitor_id, client_id] }
  event_type: { description: 'What it was, as page_view, view, add_to_cart, purchase; any text is kept', required: true, aliases: [event, event_name, action] }
  event_timestamp: { description: 'When it happened, UTC', required: true, aliases: [event_time, timestamp, occurred_at, time] }
  session_id: { description: Visit it belongs to, aliases: [user_session, visit_id, web_session_id] }
  page_url: { description: Page it happened on, aliases: [url, page] }
  product_id: { description: Product it is about, aliases: [product, sku, item_id] }
  category_id: { description: Category of the product, aliases: [category] }
  price: { description: 'Price of one piece; kept as the file has it, even if negative', unit: currency, aliases: [unit_price] }
  quantity: { description: 'Pieces, a whole number; negative for a refund', unit: count, aliases: [qty] }
  device_type: { description: 'Device, as desktop, mobile, tablet', aliases: [device] }
  country: { description: Country it happened from as the file has it, aliases: [country_code] }
  referrer: { description: Where the visitor came from, aliases: [referer] }
  user_agent: { description: Browser in its own words }
  last_updated:
    description: Version of the row; where the file does not say, the time of the event
    aliases: [updated_at, recorded_at, received_at]
    default: event_timestamp
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
