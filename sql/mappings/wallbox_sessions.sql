/*---
title: Sessions of myWallbox
description: "Attributes of the sessions from the myWallbox API (v4/sessions/stats), as JSON or CSV with the same names."
details:
  - "In the API's answer, the attributes are inside each record: flatten it with `jq '[.data[].attributes]'` first."
  - The columns of the portal's own CSV export are not publicly documented, so this mapping does not read it.
  - The energy is read in the unit of energy_unit, kWh by default. Times are in seconds since 1970.
  - "The session ID is made of charger, start and user: the attributes have no ID."
source: charging_sessions
detect_by: [charger, charger_name, user, user_name, start, end, energy, mid_energy, green_energy, time, cost, energy_unit]
ignored_fields:
  [id, type, discharged_energy, discharging_time, cost_savings, cost_unit, range, group_name, base_group_name, user_subgroup,
   user_plate, user_extra_information, user_is_rfid, user_email, user_avatar, amount, service_price, service_time, tax_rate, tax_sales, access_price,
   fee_amount, total, subtotal, currency_code, session_type]
key_from: [station_id, start_time, user_id]
---*/
select "charger" as station_id,
       "group" as site_id,
       "user" as user_id,
       "user_rfid" as rfid,
       "user_name" as rfid_name,
       "start" as start_time,
       nullif("end", '0') as end_time,
       case when regexp_matches("energy_unit", '(?i)^k?wh$') then "energy" || ' ' || "energy_unit" else "energy" end as energy_kwh,
       "cost" as amount_paid,
       member("currency", '$.code') as currency,
       "charger_name" as location
from input
