/*---
title: OCPI 2.2.1 Session PATCH
description: What a PATCH changes of a Session. Which one is said in the address of the request alone, so every row goes to quarantine for want of its id.
source: charging_sessions
recognise: [kwh, charging_periods, last_updated]
---*/
select "country_code" || '/' || "party_id" || '/' || "id" as session_id,
       "evse_uid" as station_id,
       "start_date_time" as start_time,
       "end_date_time" as end_time,
       "kwh" as energy_kwh,
       member("total_cost", '$.excl_vat') as amount_paid,
       "status" as status,
       "last_updated" as "timestamp",
       "charging_periods" as transaction_data
from input
