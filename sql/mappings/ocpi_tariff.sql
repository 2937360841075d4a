/*---
title: OCPI 2.2.1 Tariff
description: Tariffs.
details:
  - Prices are those that apply at all times, without VAT. Energy without a price costs 0.
  - OCPI's prices per hour are converted to prices per minute.
  - All prices, with the hours, days and power levels they apply to, are kept in elements.
  - IDs include country and party, because each party numbers its records independently.
source: tariffs
detect_by: [country_code, party_id, id, currency, elements, last_updated]
ignored_fields: [type, tariff_alt_url, min_price, max_price, energy_mix]
---*/
select "country_code" || '/' || "party_id" || '/' || "id" as tariff_id,
       case when json_valid("tariff_alt_text") then json_extract_string("tariff_alt_text", '$[0].text') end as tariff_name,
       "currency" as currency,
       case when "elements" like '%"ENERGY"%' then ocpi_component("elements", 'ENERGY', '$.price') when "elements" is not null then '0' end as price_per_kwh,
       coalesce((try_cast(ocpi_component("elements", 'TIME', '$.price') as double) / 60)::varchar, ocpi_component("elements", 'TIME', '$.price')) as price_per_minute,
       ocpi_component("elements", 'FLAT', '$.price') as price_flat,
       coalesce((try_cast(ocpi_component("elements", 'PARKING_TIME', '$.price') as double) / 60)::varchar, ocpi_component("elements", 'PARKING_TIME', '$.price')) as price_per_parking_minute,
       "elements" as elements,
       "start_date_time" as valid_from,
       "end_date_time" as valid_to,
       "last_updated" as last_updated
from input
