/*---
title: OCPI 2.2.1 Session PATCH
description: A PATCH that changes a session.
details:
  - "All rows are rejected: the session is named only in the URL of the request, so the session ID is missing."
source: charging_sessions
detect_by: [kwh, charging_periods, last_updated]
ignored_fields: [id, cdr_token, auth_method, authorization_reference, location_id, connector_id, meter_id, currency]
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
