/*---
title: Activity that charge points report
description: How often each charge point reported charging and pauses; one that never did has no known times of them.
columns:
  station_id: { description: Charge point }
  charging_events: { description: Statuses of charging, unit: count }
  idle_events: { description: Statuses of a pause or of a full car, unit: count }
---*/
select station_id, count(*) filter (where is_charging) as charging_events, count(*) filter (where is_idle) as idle_events
from activity_statuses
group by station_id
