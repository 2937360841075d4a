/*---
title: OCPI 2.2.1 Session PATCH of the cost
description: A PATCH that changes the cost of a Session and nothing else. Which Session is said in the address of the request alone, so every row goes to quarantine for want of its id.
source: charging_sessions
recognise: [total_cost, last_updated]
alone: true
---*/
select "id" as session_id,
       "evse_uid" as station_id,
       "start_date_time" as start_time,
       member("total_cost", '$.excl_vat') as amount_paid,
       "last_updated" as "timestamp"
from input
