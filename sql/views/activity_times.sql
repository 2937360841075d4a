/*---
title: Times of use
description: Times in which connectors reported that they charge, or that they are idle after charging, cut to the period.
details:
  - "Columns: station_id, is_charging (else idle), starts and ends (seconds since 1970)."
---*/
select station_id, is_charging,
       greatest(epoch_s(event_time), period_start) as starts,
       least(coalesce(epoch_s(next_time), period_end), period_end) as ends
from activity_statuses cross join occupied_period
where is_charging or (is_idle and has_charged)
