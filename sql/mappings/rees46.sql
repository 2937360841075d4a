/*---
title: REES46 shop events
description: >-
  Views, carts and purchases of the multi-category shop that REES46 publishes. Rows have no id: those alike in visit, time, kind, product and price are one event.
source: customer_events
recognise: [event_time, event_type, product_id, category_id, category_code, brand, price, user_id, user_session]
---*/
select concat_ws('/', "user_id", "user_session", "event_time", "event_type", "product_id", "price") as event_id,
       "user_id" as customer_id,
       "event_type" as event_type,
       "event_time" as event_timestamp,
       "user_session" as session_id,
       "product_id" as product_id,
       "category_id" as category_id,
       "price" as price
from input
