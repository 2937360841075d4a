/*---
title: OCPI 2.2.1 CDR
description: Charge detail records (CDRs).
details:
  - A CDR updates the row of its session, or creates one if the operator does not send sessions.
  - A credit CDR sets the amount of the credited CDR to 0, until a new CDR replaces it.
  - IDs include country and party, because each party numbers its records independently.
  - Amounts exclude VAT, because only these are always present.
  - The user is the contract; the tariff is the first one listed.
source: charging_sessions
detect_by: [country_code, party_id, id, start_date_time, end_date_time, cdr_token, cdr_location, currency, charging_periods, total_cost, total_energy]
ignored_fields:
  [auth_method, authorization_reference, meter_id, signed_data, total_fixed_cost, total_energy_cost, total_time, total_time_cost,
   total_parking_time, total_parking_cost, total_reservation_cost, remark, invoice_reference_id, home_charging_compensation]
---*/
select "country_code" || '/' || "party_id" || '/' || coalesce("session_id", 'CDR/' || case when "credit" = 'true' then coalesce("credit_reference_id", "id") else "id" end) as session_id,
       "id" as transaction_id,
       "country_code" || '/' || "party_id" || '/' || member("cdr_location", '$.evse_uid') as station_id,
       member("cdr_location", '$.connector_id') as connector_id,
       "country_code" || '/' || "party_id" || '/' || member("cdr_location", '$.id') as site_id,
       member("cdr_token", '$.contract_id') as user_id,
       member("cdr_token", '$.uid') as rfid,
       "start_date_time" as start_time,
       "end_date_time" as end_time,
       "total_energy" as energy_kwh,
       case when "credit" = 'true' then '0' else member("total_cost", '$.excl_vat') end as amount_paid,
       "currency" as currency,
       case when json_valid("tariffs") then concat_ws('/', json_extract_string("tariffs", '$[0].country_code'), json_extract_string("tariffs", '$[0].party_id'), json_extract_string("tariffs", '$[0].id')) end as tariff_id,
       left(member("cdr_location", '$.connector_power_type'), 2) as charging_type,
       coalesce(member("cdr_location", '$.name'), member("cdr_location", '$.address')) as location,
       'COMPLETED' as status,
       "last_updated" as "timestamp",
       "charging_periods" as transaction_data
from input
