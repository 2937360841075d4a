/*---
title: Visits of Matomo
description: Visits log of Matomo (Live.getLastVisitsDetails), as JSON. Each action of a visit is an event.
details:
  - "A page with a product is view, another page is page_view, an order is purchase and an abandoned cart is cart; other actions keep their type, such as goal, search and download."
  - "An order is one event: its price is the revenue. Its product is only known if it has one."
  - The customer is the user ID, else the visitor ID.
  - Times are in seconds since 1970. Matomo's CSV and TSV files have a column for each action of the longest visit, so this mapping does not read them.
source: customer_events
detect_by: [idSite, idVisit, visitorId, actionDetails, serverTimestamp, lastActionTimestamp]
ignored_fields: ["*"]
unnest: [actionDetails]
---*/
select concat_ws('/', member("parent", '$.idSite'), member("parent", '$.idVisit'), coalesce("orderId", "idpageview", "pageIdAction", "goalId"), "type", "timestamp", "url", "eventAction") as event_id,
       coalesce(member("parent", '$.userId'), member("parent", '$.visitorId')) as customer_id,
       case when "type" = 'ecommerceOrder' then 'purchase' when "type" = 'ecommerceAbandonedCart' then 'cart'
            when "type" = 'action' and coalesce("productViewSku", "productViewName") is not null then 'view'
            when "type" = 'action' then 'page_view'
            when "type" = 'event' then coalesce("eventAction", 'event')
            else "type" end as event_type,
       "timestamp" as event_timestamp,
       member("parent", '$.idSite') || '/' || member("parent", '$.idVisit') as session_id,
       "url" as page_url,
       coalesce("productViewSku", "productViewName", case when json_valid("itemDetails") and json_array_length("itemDetails") = 1 then json_extract_string("itemDetails", '$[0].itemSKU') end) as product_id,
       coalesce("productViewPrice", case when "type" in ('ecommerceOrder', 'ecommerceAbandonedCart') then "revenue" end) as price,
       case when "type" in ('ecommerceOrder', 'ecommerceAbandonedCart') then '1' end as quantity,
       member("parent", '$.deviceType') as device_type,
       member("parent", '$.countryCode') as country,
       member("parent", '$.referrerUrl') as referrer
from input
