/*---
title: Norwegian residential sessions
description: >-
  Sessions in the garages of apartment buildings in Norway. A private charge point is its user's alone and bears the user's id, a shared one has an id of
  its own; the garage is the site. Sessions are numbered within the file, so they are known by garage and number.
source: charging_sessions
recognise: [session_ID, Garage_ID, User_ID, User_type, Shared_ID, Start_plugin, End_plugout, El_kWh]
date_order: dmy
decimal_mark: ","
tz: Europe/Oslo
sentinels:
  "*": [NA]
---*/
select "Garage_ID" || '/' || "session_ID" as session_id,
       coalesce("Shared_ID", "User_ID") as station_id,
       "Garage_ID" as site_id,
       "User_ID" as user_id,
       "Start_plugin" as start_time,
       "End_plugout" as end_time,
       "El_kWh" as energy_kwh
from input
