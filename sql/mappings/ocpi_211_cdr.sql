/*---
title: OCPI 2.1.1 CDR
description: Charge detail records (CDRs) of OCPI 2.1.1.
details:
  - "OCPI 2.1.1 has no session in a CDR: its ID is the session ID. IDs include country and party if the operator adds them; otherwise, import the CDRs of one party only into a database."
  - Times without an offset are in UTC, as OCPI specifies.
  - Amounts exclude VAT, as OCPI 2.1.1 specifies.
  - The charge point and the connector are the first ones listed in the location; the tariff is the first one listed.
  - The user is the token's authorization ID (auth_id).
source: charging_sessions
detect_by: [id, start_date_time, stop_date_time, auth_id, auth_method, location, currency, charging_periods, total_cost, total_energy, total_time]
ignored_fields: [meter_id, total_parking_time, remark, session_id]
tz: UTC
---*/
select concat_ws('/', "country_code", "party_id", "id") as session_id,
       "id" as transaction_id,
       concat_ws('/', "country_code", "party_id", member("location", '$.evses[0].uid')) as station_id,
       member("location", '$.evses[0].connectors[0].id') as connector_id,
       concat_ws('/', "country_code", "party_id", member("location", '$.id')) as site_id,
       "auth_id" as user_id,
       "start_date_time" as start_time,
       "stop_date_time" as end_time,
       "total_energy" as energy_kwh,
       "total_cost" as amount_paid,
       "currency" as currency,
       case when json_valid("tariffs") then json_extract_string("tariffs", '$[0].id') end as tariff_id,
       left(member("location", '$.evses[0].connectors[0].power_type'), 2) as charging_type,
       coalesce(member("location", '$.name'), member("location", '$.address')) as location,
       'COMPLETED' as status,
       "last_updated" as "timestamp",
       "charging_periods" as transaction_data
from input
