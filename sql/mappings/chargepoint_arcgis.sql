/*---
title: ChargePoint sessions from ArcGIS
description: >-
  ChargePoint sessions as the City of Boulder publishes them through ArcGIS: without number, port and user. Times are in UTC as their +00 says,
  whatever the column beside them says. An end in 1970 is unknown. A session is known by station, start, duration and energy; rows alike in these are
  so many sessions, for a station has several ports.
source: charging_sessions
recognise: [Station_Name, Start_Date___Time, End_Date___Time, Total_Duration__hh_mm_ss_, Charging_Time__hh_mm_ss_, Energy__kWh_, Port_Type]
twins: counted
sentinels:
  End_Date___Time: ["1970/01/01*"]
---*/
select concat_ws('/', "Station_Name", "Start_Date___Time", "Total_Duration__hh_mm_ss_", "Energy__kWh_") as session_id,
       "Station_Name" as station_id,
       "Station_Name" as location,
       "Start_Date___Time" as start_time,
       "End_Date___Time" as end_time,
       "Energy__kWh_" as energy_kwh,
       case when "Port_Type" like 'Level %' then 'AC' when "Port_Type" like 'DC%' then 'DC' end as charging_type
from input
