/*---
title: ChargePoint session export
description: >-
  The session export of a ChargePoint network, as the City of Palo Alto publishes it. A plug-in event is numbered by its station, so it is known by the
  station's MAC address and its number. Times are local, with the letters of their zone in columns of their own. User 0 is nobody known.
source: charging_sessions
recognise: [Station Name, MAC Address, Start Date, Start Time Zone, End Date, End Time Zone, Energy (kWh), Plug In Event Id]
date_order: mdy
tz: America/Los_Angeles
sentinels:
  User ID: ["0"]
---*/
select upper(replace("MAC Address", ':', '')) || '/' || "Plug In Event Id" as session_id,
       "Plug In Event Id" as transaction_id,
       upper(replace("MAC Address", ':', '')) as station_id,
       "Port Number" as connector_id,
       "User ID" as user_id,
       "Station Name" as location,
       "Start Date" || zone_offset("Start Time Zone") as start_time,
       "End Date" || zone_offset("End Time Zone") as end_time,
       "Energy (kWh)" as energy_kwh,
       "Fee" as amount_paid,
       "Currency" as currency,
       case when "Port Type" like 'Level %' then 'AC' when "Port Type" like 'DC%' then 'DC' end as charging_type,
       "Ended By" as stop_reason
from input
