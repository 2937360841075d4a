/*---
title: ChargePoint session export
description: >-
  The session export of a ChargePoint network, as the City of Palo Alto publishes it. A plug-in event is known by its number and the station's MAC address.
source: charging_sessions
recognise: [Station Name, MAC Address, Start Date, Start Time Zone, End Date, End Time Zone, Energy (kWh), Plug In Event Id]
date_order: mdy
tz: America/Los_Angeles
sentinels:
  User ID: ["0"]
twins: one
---*/
select upper(replace("MAC Address", ':', '')) || '/' || "Plug In Event Id" as session_id,
       "Plug In Event Id" as transaction_id,
       upper(replace("MAC Address", ':', '')) as station_id,
       "Port Number" as connector_id,
       "User ID" as user_id,
       "Station Name" as location,
       full_clock(year_first("Start Date", 'mdy')) || zone_offset("Start Time Zone") as start_time,
       full_clock(year_first("End Date", 'mdy')) || zone_offset("End Time Zone") as end_time,
       "Energy (kWh)" as energy_kwh,
       "Fee" as amount_paid,
       "Currency" as currency,
       "Ended By" as stop_reason
from input
