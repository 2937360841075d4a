/*---
title: Events of Segment and RudderStack
description: Track, page and screen calls of Segment or RudderStack, as JSON.
details:
  - "Events of the e-commerce specification have the types of the reports: Product Viewed is view, Product Added is add_to_cart, Checkout Started is checkout, Order Completed is purchase and Order Refunded is refund."
  - "An order is one event: its price is the revenue, else the total, else that of its products. Its product is only known if it has one."
  - The customer is the user ID, else the anonymous ID. Calls that are not events, such as identify, are skipped.
  - Events have no currency, so amounts in several currencies would be summed up.
source: customer_events
detect_by: [messageId, type, timestamp, context]
ignored_fields:
  [_metadata, channel, integrations, originalTimestamp, sentAt, version, projectId, sourceId, writeKey, traits, category, name,
   groupId, previousId, request_ip, rudderId, destination, env, replay, __metadata, directCategory]
skip_when: "\"type\" in ('identify', 'group', 'alias')"
tz: UTC
---*/
select "messageId" as event_id,
       coalesce("userId", "anonymousId") as customer_id,
       case "type" when 'page' then 'page_view' when 'screen' then 'screen_view' else shop_event("event") end as event_type,
       "timestamp" as event_timestamp,
       coalesce(member("context", '$.sessionId'), member("properties", '$.session_id')) as session_id,
       coalesce(member("properties", '$.url'), member("context", '$.page.url')) as page_url,
       event_product("properties") as product_id,
       member("properties", '$.category') as category_id,
       event_price("event", "properties") as price,
       event_quantity("event", "properties") as quantity,
       member("context", '$.device.type') as device_type,
       coalesce(member("context", '$.location.country'), member("context", '$.traits.address.country')) as country,
       coalesce(member("properties", '$.referrer'), member("context", '$.page.referrer')) as referrer,
       member("context", '$.userAgent') as user_agent,
       "receivedAt" as last_updated
from input
