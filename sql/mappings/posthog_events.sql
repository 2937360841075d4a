/*---
title: Events of PostHog
description: Events of PostHog from its API or a batch export, as JSON or CSV.
details:
  - "$pageview is page_view, and events of Segment's e-commerce specification have the types of the reports; other events keep their name."
  - The customer is the distinct ID, unless PostHog processed the event without a profile.
  - "An order is one event: its price is the revenue, else the total, else that of its products. Its product is only known if it has one."
  - Times without an offset are in UTC. Events have no currency, so amounts in several currencies would be summed up.
  - The columns of the CSV download of an insight or a list of events depend on the view, so this mapping does not read it.
source: customer_events
detect_by: [event, distinct_id, properties, timestamp]
ignored_fields:
  [elements, elements_chain, elements_hash, person, person_id, person_properties, person_mode, team_id, project_id, set, set_once, ip, site_url,
   created_at, bq_ingested_timestamp, _inserted_at, person_created_at, group0_properties, group1_properties, group2_properties,
   group3_properties, group4_properties, historical_migration]
tz: UTC
---*/
select coalesce("uuid", "id") as event_id,
       case when coalesce(member("properties", '$."$process_person_profile"'), 'true') <> 'false' then "distinct_id" end as customer_id,
       shop_event("event") as event_type,
       "timestamp" as event_timestamp,
       member("properties", '$."$session_id"') as session_id,
       member("properties", '$."$current_url"') as page_url,
       event_product("properties") as product_id,
       member("properties", '$.category') as category_id,
       event_price("event", "properties") as price,
       event_quantity("event", "properties") as quantity,
       member("properties", '$."$device_type"') as device_type,
       member("properties", '$."$geoip_country_code"') as country,
       member("properties", '$."$referrer"') as referrer,
       coalesce(member("properties", '$."$raw_user_agent"'), member("properties", '$."$user_agent"')) as user_agent
from input
