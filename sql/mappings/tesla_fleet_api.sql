/*---
title: Tesla charging history from the API
description: Charging history of the Tesla Fleet API, as JSON.
details:
  - Energy is the usage of the fees in kWh; the amount is the total due of all fees, parking and congestion included.
  - The charge point is the site, because the answer does not name the stall. The user is the vehicle (VIN).
source: charging_sessions
detect_by: [sessionId, vin, siteLocationName, chargeStartDateTime, chargeStopDateTime, countryCode, fees]
ignored_fields: [unlatchDateTime, billingType, invoices, vehicleMakeType]
---*/
select "sessionId" as session_id,
       "sessionId" as transaction_id,
       "siteLocationName" as station_id,
       "siteLocationName" as location,
       "vin" as user_id,
       "chargeStartDateTime" as start_time,
       "chargeStopDateTime" as end_time,
       summed_members("fees", ['$.usageBase', '$.usageTier1', '$.usageTier2', '$.usageTier3', '$.usageTier4'], '$.uom', 'kwh') as energy_kwh,
       summed_members("fees", ['$.totalDue'], null, null) as amount_paid,
       case when json_valid("fees") then json_extract_string("fees", '$[0].currencyCode') end as currency,
       'DC' as charging_type,
       "fees" as transaction_data
from input
