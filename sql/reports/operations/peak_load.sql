/*---
title: Peak load
description: >-
  The most sessions at once and the highest power at once per site, over the whole period or per day, week from Monday or
  month of the zone asked for, each with the moment it was first reached. The power of a session is its energy divided by
  its duration, the same at every moment, for session records hold no metered power; one without energy counts with 0 kW.
  Sessions are cut to the period and to as_of; one still running lasts until as_of, one of zero seconds lasts one. A session
  that ends at the second another starts has freed its place. The site is the session's own, or where it has none that of
  its charge point; sessions with neither make rows with an empty project_id. Days, weeks and months of a site in which
  nothing ran are there with 0; without from they begin with the first session, without to they end with the last end.
http: [/api/v1/analytics/load/peak, /v0/pipes/peak_load.json]
params:
  from: { description: First moment of the period, role: period_start, example: "2025-01-01" }
  to: { description: Last moment of the period; a bare date counts whole, role: period_end, example: "2025-01-31" }
  granularity: { description: One row a site for each of these, choices: [day, week, month, all], default: all, example: day }
  tz: { description: "IANA time zone of dates, days, weeks and months", role: time_zone, default: UTC, example: Europe/Berlin }
  as_of: { description: Moment the answer holds for; now without it, role: now, example: "2025-12-31 12:00:00" }
columns:
  project_id: { description: Site, nullable: true }
  project_name: { description: "Its name, or its id where no name is known", nullable: true }
  period: { description: "First day of the day, week or month in the zone; with granularity=all the day the period begins" }
  peak_sessions: { description: Most sessions at once, unit: count }
  peak_power_kw: { description: "Highest sum of the sessions' average power at once", unit: kW }
  peak_sessions_at: { description: "When that was first reached, UTC; empty where nothing ran", nullable: true }
  peak_power_at: { description: "When that was first reached, UTC; empty where it is 0", nullable: true }
key: [project_id, period]
sort: { default: project_id, allow: [project_id, project_name, period, peak_sessions, peak_power_kw] }
page: { kind: limit, default: 10000, max: 1000000 }
answer: { shape: list, key: data, echo: [from, to, granularity] }
chart: { kind: bar, x: project_name, y: peak_power_kw }
---*/
with points as (select station_id as point_id, site_id as point_site from charge_points),
chosen as (
  select coalesce(site_id, point_site) as site,
         greatest(epoch_s(start_time), coalesce(epoch_s($from::timestamp), epoch_s(start_time))) as starts,
         least(case when end_time is null then epoch_s($as_of::timestamp) + 1 else session_end_s(start_time, end_time) end,
               coalesce(epoch_s($to::timestamp), epoch_s($as_of::timestamp)) + 1, epoch_s($as_of::timestamp) + 1) as ends,
         -- In whole milliwatts, for sums of them are exact in any order.
         round(coalesce(energy_kwh, 0) * 3600000000 / nullif(session_end_s(start_time, coalesce(end_time, $as_of::timestamp)) - epoch_s(start_time), 0)::double)::bigint as milliwatts
  from sessions_chosen left join points on point_id = case when site_id is null then station_id end
  where start_time <= $as_of::timestamp
    and ($to::timestamp is null or start_time <= $to::timestamp)
    and ($from::timestamp is null or end_time is null or end_time >= $from::timestamp)
    and (end_time is null or in_period(start_time, end_time, $from::timestamp, $to::timestamp, 'spread'))
),
changes as (
  select site, starts as moment, 1 as step, milliwatts as watts from chosen
  union all
  select site, ends as moment, -1 as step, -milliwatts as watts from chosen
),
-- Sorting every change is slow: quarter-hours whose load cannot reach the peak are left out before.
quarters as (
  select site, idiv(moment, 900) as slot,
         sum(step) as steps, sum(watts) as power,
         sum(step) filter (where step > 0) as begun, sum(watts) filter (where step > 0) as power_begun,
         max(moment) as last_moment
  from changes
  group by site, idiv(moment, 900)
),
bounds as (
  select coalesce(epoch_s($from::timestamp), min(slot) * 900) as first_second,
         least(coalesce(epoch_s($to::timestamp), max(last_moment) - 1), epoch_s($as_of::timestamp)) as last_second
  from quarters
),
slots as (select first_second, unnest(range(idiv(first_second, 900), idiv(last_second, 900) + 1)) as calendar_slot from bounds),
calendar as (
  select calendar_slot,
         case when $granularity::varchar = 'all' then local_date_of_epoch(first_second, $tz::varchar)
              else bucket_of_epoch(case when $granularity::varchar = 'all' then 'day' else $granularity::varchar end, calendar_slot * 900, $tz::varchar) end as bucket
  from slots
),
sites_seen as (select site from quarters group by site),
-- What runs on into a day, week or month stands in its first quarter-hour.
marks as (select min(calendar_slot) as mark from calendar group by bucket),
parts as (
  select site, slot, steps, power, begun, power_begun from quarters
  union all
  select site, mark as slot, 0 as steps, 0 as power, 0 as begun, 0 as power_begun from sites_seen cross join marks
),
merged as (
  select site, slot, sum(steps) as slot_steps, sum(power) as slot_power, coalesce(sum(begun), 0) as slot_begun, coalesce(sum(power_begun), 0) as slot_power_begun
  from parts
  group by site, slot
),
loads as (
  select site, slot, slot_steps, slot_power, slot_begun, slot_power_begun,
         sum(slot_steps) over (partition by site order by slot) as load_after,
         sum(slot_power) over (partition by site order by slot) as power_after
  from merged
),
-- No moment of a quarter-hour is above the load before it and all that begins in it.
bounded as (
  select site as kept_site, slot as kept_slot, bucket,
         load_after - slot_steps as load_before, power_after - slot_power as power_before,
         load_after - slot_steps + slot_begun >= max(load_after) over (partition by site, bucket) as may_be_most,
         power_after - slot_power + slot_power_begun >= max(power_after) over (partition by site, bucket) as may_be_highest
  from loads join calendar on calendar_slot = slot
),
kept as (select * from bounded where may_be_most or may_be_highest),
moments as (
  select kept_site, kept_slot, bucket, load_before, power_before, moment, step as steps, watts as power
  from changes join kept on idiv(moment, 900) = kept_slot and site is not distinct from kept_site
  union all
  select kept_site, kept_slot, bucket, load_before, power_before, kept_slot * 900 as moment, 0 as steps, 0 as power from kept
),
-- Of one second all changes count at once: who ends has freed the place for who starts.
reached as (
  select kept_site, bucket, moment,
         load_before + sum(steps) over (partition by kept_site, kept_slot order by moment) as running,
         power_before + sum(power) over (partition by kept_site, kept_slot order by moment) as drawn
  from moments
),
peaks as (
  select kept_site, bucket, moment, running, drawn,
         max(running) over (partition by kept_site, bucket) as most,
         max(drawn) over (partition by kept_site, bucket) as highest
  from reached
),
firsts as (
  select kept_site as peak_site, bucket as peak_bucket, max(most) as most_sessions, max(highest) as most_power,
         min(moment) filter (where running = most and most > 0) as most_at,
         min(moment) filter (where drawn = highest and highest > 0) as highest_at
  from peaks
  group by kept_site, bucket
),
names as (select site_id as named_id, site_name as given_name from sites)
select peak_site as project_id,
       coalesce(given_name, peak_site) as project_name,
       peak_bucket as period,
       most_sessions as peak_sessions,
       most_power / 1000000::double as peak_power_kw,
       seconds_after(timestamp '1970-01-01', most_at) as peak_sessions_at,
       seconds_after(timestamp '1970-01-01', highest_at) as peak_power_at
from firsts left join names on named_id = peak_site
