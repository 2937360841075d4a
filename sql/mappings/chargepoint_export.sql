/*---
title: ChargePoint session export
description: Session export of a ChargePoint network, as the City of Palo Alto publishes it.
details:
  - Each station numbers its plug-in events, so the session ID is derived from the station's MAC address and the event number.
  - Times are local; the time zone abbreviations are in separate columns. A row with an unknown abbreviation is rejected.
  - User 0 is imported as null.
source: charging_sessions
detect_by: [Station Name, MAC Address, Start Date, Start Time Zone, End Date, End Time Zone, Energy (kWh), Plug In Event Id]
ignored_fields:
  [Org Name, Transaction Date (Pacific Time), "Total Duration (hh:mm:ss)", "Charging Time (hh:mm:ss)", GHG Savings (kg),
   Gasoline Savings (gallons), Plug Type, EVSE ID, Address 1, Address 2, City, "State/Province", Postal Code, Country, Latitude, Longitude,
   Driver Postal Code, County, "System S/N", Model Number, "Zip/Postal Code", "Driver Zip/Postal Code", Transaction ID]
date_order: mdy
tz: America/Los_Angeles
null_values:
  User ID: ["0"]
---*/
select upper(replace("MAC Address", ':', '')) || '/' || "Plug In Event Id" as session_id,
       "Plug In Event Id" as transaction_id,
       upper(replace("MAC Address", ':', '')) as station_id,
       "Port Number" as connector_id,
       "User ID" as user_id,
       "Station Name" as location,
       "Start Date" || coalesce(nullif(zone_offset("Start Time Zone"), ''), ' ' || "Start Time Zone", '') as start_time,
       "End Date" || coalesce(nullif(zone_offset("End Time Zone"), ''), ' ' || "End Time Zone", '') as end_time,
       "Energy (kWh)" as energy_kwh,
       "Fee" as amount_paid,
       "Currency" as currency,
       case when "Port Type" like 'Level %' then 'AC' when "Port Type" like 'DC%' then 'DC' end as charging_type,
       "Ended By" as stop_reason
from input
