/*---
title: Load changes
description: Two rows per session, one where its load begins and one where it ends, cut to the period and to as_of.
details:
  - A session without an end counts by the rule of session_stays.
  - >-
    The load is the mean power of the session, its energy divided by its duration. It is 0 if the session has no length, or if it is
    above 4,000 kW, more than any charge point delivers.
  - The site of a session is its own, or else that of its charge point.
params:
  from: { description: First moment of the period, role: period_start, example: "2025-01-01" }
  to: { description: Last moment of the period; a bare date counts whole, role: period_end, example: "2025-01-31" }
  as_of: { description: Moment the answer holds for; now without it, role: now, example: "2025-12-31 12:00:00" }
columns:
  site: { description: Site, nullable: true }
  moment: { description: Seconds since 1970 UTC, unit: seconds }
  step: { description: "1 where the session starts, -1 where it ends", unit: count }
  milliwatts: { description: Change of the power in milliwatts }
---*/
with points as (select station_id as charge_point, site_id as site_of_point from charge_points),
session_loads as (
  select coalesce(site_id, site_of_point) as site,
         greatest(epoch_s(start_time), coalesce(epoch_s($from::timestamp), epoch_s(start_time))) as starts,
         least(session_end_s(start_time, stay_end),
               coalesce(epoch_s($to::timestamp), epoch_s($as_of::timestamp)) + 1, epoch_s($as_of::timestamp) + 1) as ends,
         -- Integers, so that sums are exact in any order.
         round(plausible_kw(energy_kwh, epoch_s(case when end_time is null and stay_end > $as_of::timestamp then $as_of::timestamp else stay_end end) - epoch_s(start_time)) * 1000000::double)::bigint as mean_milliwatts
  from session_stays left join points on charge_point = case when site_id is null then station_id end
  where start_time <= $as_of::timestamp
    and ($to::timestamp is null or start_time <= $to::timestamp)
    and in_period(start_time, stay_end, $from::timestamp, $to::timestamp, 'spread')
)
select site, starts as moment, 1 as step, mean_milliwatts as milliwatts from session_loads
union all
select site, ends as moment, -1 as step, -mean_milliwatts as milliwatts from session_loads
