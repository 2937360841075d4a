/*---
title: REES46 shop events
description: Views, carts and purchases of the multi-category shop published by REES46.
details:
  - "Rows have no ID: rows with the same visit, time, type, product and price are one event."
source: customer_events
key_from: [customer_id, session_id, event_timestamp, event_type, product_id, price]
detect_by: [event_time, event_type, product_id, category_id, category_code, brand, price, user_id, user_session]
---*/
select "user_id" as customer_id,
       "event_type" as event_type,
       "event_time" as event_timestamp,
       "user_session" as session_id,
       "product_id" as product_id,
       "category_id" as category_id,
       "price" as price
from input
