/*---
title: OCPI 2.2.1 Session
description: Sessions, active or ended.
details:
  - IDs include country and party, because each party numbers its records independently.
  - Amounts exclude VAT, because only these are always present.
  - The user is the contract.
source: charging_sessions
detect_by: [country_code, party_id, id, start_date_time, kwh, cdr_token, auth_method, location_id, evse_uid, connector_id, currency, status, last_updated]
ignored_fields: [authorization_reference, meter_id]
---*/
select "country_code" || '/' || "party_id" || '/' || "id" as session_id,
       "id" as transaction_id,
       "country_code" || '/' || "party_id" || '/' || "evse_uid" as station_id,
       "connector_id" as connector_id,
       "country_code" || '/' || "party_id" || '/' || "location_id" as site_id,
       member("cdr_token", '$.contract_id') as user_id,
       member("cdr_token", '$.uid') as rfid,
       "start_date_time" as start_time,
       "end_date_time" as end_time,
       "kwh" as energy_kwh,
       member("total_cost", '$.excl_vat') as amount_paid,
       "currency" as currency,
       "status" as status,
       "last_updated" as "timestamp",
       "charging_periods" as transaction_data
from input
