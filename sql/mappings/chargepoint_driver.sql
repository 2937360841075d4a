/*---
title: Charging activity of a ChargePoint driver
description: "Sessions of a driver's account from ChargePoint's driver portal (charging_activity_monthly), as JSON."
details:
  - "The layout is only partly documented; its names come from public code that reads it. Pass the list of sessions: `jq '[.. | .sessions? | arrays[]]'`."
  - Times are in milliseconds since 1970. A session that still charges has no end.
  - The columns of the portal's CSV button are not publicly documented, so this mapping does not read it.
source: charging_sessions
detect_by: [session_id, device_id, device_name, start_time, energy_kwh, session_time, charging_time, outlet_number, total_amount]
ignored_fields:
  [session_id_string, country, city, purpose, power_kw_display, is_purpose_finalized, update_period, lon, lat, power_kw, has_charging_receipt,
   payment_completed, api_flag, state_name, organization_currency, port_level, company_id, is_home_charger, address1, energy_kwh_display,
   is_mfhs_enabled, zipcode, last_update_data_timestamp, payment_type, company_name, billing_time, start_offset, miles_added,
   miles_added_per_hour, stop_charge_supported, enable_stop_charging, total_amount_to_user, pricing_spec_id, has_utility_info, utility,
   update_data, is_finalized]
---*/
select "session_id" as session_id,
       "session_id" as transaction_id,
       "device_id" as station_id,
       "outlet_number" as connector_id,
       "vehicle_id" as user_id,
       "start_time" as start_time,
       "end_time" as end_time,
       "energy_kwh" as energy_kwh,
       "total_amount" as amount_paid,
       "currency_iso_code" as currency,
       "device_name" as location,
       "current_charging" as status
from input
