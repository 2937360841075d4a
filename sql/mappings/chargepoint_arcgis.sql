/*---
title: ChargePoint sessions from ArcGIS
description: ChargePoint sessions as the City of Boulder publishes them through ArcGIS, without session number, port and user.
details:
  - Times are in UTC, as their +00 offset says, regardless of the time zone column.
  - An end in 1970 is imported as null.
  - >-
    The session ID is made of station and start. Rows with the same values are kept as separate sessions, and numbered, because a
    station has several ports.
source: charging_sessions
detect_by: [Station_Name, Start_Date___Time, End_Date___Time, Total_Duration__hh_mm_ss_, Charging_Time__hh_mm_ss_, Energy__kWh_, Port_Type]
ignored_fields:
  [Address, City, State_Province, Zip_Postal_Code, Start_Time_Zone, End_Time_Zone, GHG_Savings__kg_, Gasoline_Savings__gallons_, ObjectId,
   ObjectId2, FID, GlobalID]
duplicates: keep
key_from: [station_id, start_time]
separate_by: [end_time]
null_values:
  End_Date___Time: ["1970/01/01*"]
---*/
select "Station_Name" as station_id,
       "Station_Name" as location,
       "Start_Date___Time" as start_time,
       "End_Date___Time" as end_time,
       "Energy__kWh_" as energy_kwh,
       case when "Port_Type" like 'Level %' then 'AC' when "Port_Type" like 'DC%' then 'DC' end as charging_type
from input
