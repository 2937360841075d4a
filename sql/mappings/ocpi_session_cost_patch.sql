/*---
title: OCPI 2.2.1 Session PATCH of the cost
description: A PATCH that changes only the cost of a session.
details:
  - "All rows are rejected: the session is named only in the URL of the request, so the session ID is missing."
source: charging_sessions
detect_by: [total_cost, last_updated]
exact_fields: true
---*/
select "id" as session_id,
       "evse_uid" as station_id,
       "start_date_time" as start_time,
       member("total_cost", '$.excl_vat') as amount_paid,
       "last_updated" as "timestamp"
from input
