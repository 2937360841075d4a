/*---
title: ChargePoint session details with meter
description: Session details of a station owner's ChargePoint account, with rows for meter intervals and a summary row for each session.
details:
  - The layout is only partly documented; its columns come from public code that reads the export.
  - Rows of meter intervals have no energy of the session and are skipped.
  - Times are local, without a zone, and month first.
source: charging_sessions
local_times: true
detect_by: [EVSE ID, Port, Station Name, Plug In Event Id, Plug Connect Time, Plug Disconnect Time, Power Start Time, Power End Time, Energy Consumed (AC kWh), Start Time, End Time, Energy (kWh)]
ignored_fields:
  [Peak Power (AC kW), Rolling Avg. Power (AC kW), "Total Duration (hh:mm:ss)", "Charging Time (hh:mm:ss)", Gasoline Savings, GHG Savings,
   Gasoline Savings (gallons), GHG Savings (kg), Plug Type, Address 1, Address 2, City, "State/Province", Postal Code, "Zip/Postal Code",
   Country, Latitude, Longitude, Driver Postal Code, "Driver Zip/Postal Code", Org Name, MAC Address, "System S/N", Model Number, County]
date_order: mdy
skip_when: '"Energy (kWh)" is null'
null_values:
  User Id: ["0"]
---*/
select "EVSE ID" || '/' || "Plug In Event Id" as session_id,
       "Plug In Event Id" as transaction_id,
       "EVSE ID" as station_id,
       "Port" as connector_id,
       "User Id" as user_id,
       "Start Time" as start_time,
       "End Time" as end_time,
       "Energy (kWh)" as energy_kwh,
       "Fee" as amount_paid,
       "Currency" as currency,
       "Station Name" as location,
       case when "Port Type" like 'Level %' then 'AC' when "Port Type" like 'DC%' then 'DC' end as charging_type,
       "Ended By" as stop_reason
from input
