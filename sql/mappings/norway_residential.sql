/*---
title: Norwegian residential sessions
description: Sessions in the garages of apartment buildings in Norway.
details:
  - A private charge point belongs to one user and has the user's ID; a shared one has its own ID.
  - The garage is the site.
  - Sessions are numbered within the file, so the session ID is derived from garage and number.
source: charging_sessions
detect_by: [session_ID, Garage_ID, User_ID, User_type, Shared_ID, Start_plugin, End_plugout, El_kWh]
ignored_fields: [Start_plugin_hour, End_plugout_hour, Duration_hours, month_plugin, weekdays_plugin]
date_order: dmy
decimal_mark: ","
tz: Europe/Oslo
null_values:
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
