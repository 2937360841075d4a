/*---
title: Peak load
summary: Maximum power and sessions
description: Maximum number of simultaneous sessions and maximum power per site, each with the time it was first reached.
details:
  - >-
    The power of a session is its energy divided by its duration, because session records hold no metered power. A session without
    energy or length, or with more than 4,000 kW, counts as 0 kW.
  - Sessions are cut to the period and to as_of. A session of zero seconds lasts one second.
  - >-
    A session without an end counts until the connector's next session, for open_session_hours at most, and never beyond as_of.
  - A session that ends in the second another one starts does not overlap with it.
  - Weeks begin on Monday. Sessions without a site have an empty project_id.
  - >-
    Days, weeks and months without sessions are returned with 0, but none before the first or after the last session of all sites.
    Without from, they begin with the first session; without to, they end with the last session end.
  - More than 10,000 days, weeks or months are an error.
http: [/api/v1/analytics/load/peak, /v0/pipes/peak_load.json]
params:
  from: { description: Start of the period, role: period_start, example: "2025-01-01" }
  to: { description: End of the period; a bare date includes the whole day, role: period_end, example: "2025-01-31" }
  granularity: { description: Length of one period, role: granularity, choices: [day, week, month, all], default: all, example: day }
  tz: { description: "IANA time zone of dates, days, weeks and months", role: time_zone, default: UTC, example: Europe/Berlin }
  as_of: { description: "Point in time the report is computed for; default: now", role: now, example: "2025-12-31 12:00:00" }
columns:
  project_id: { description: Site, nullable: true }
  project_name: { description: "Name, or the ID if no name is known", nullable: true }
  period: { description: "First day of the day, week or month, local time; with granularity=all, the first day of the whole period" }
  peak_sessions: { description: Maximum number of simultaneous sessions, unit: count }
  peak_power_kw: { description: Maximum total of the average power of simultaneous sessions, unit: kW }
  peak_sessions_at: { description: "Time the maximum was first reached, UTC; empty if there were no sessions", nullable: true }
  peak_power_at: { description: "Time the maximum was first reached, UTC; empty if it is 0", nullable: true }
key: [project_id, period]
sort: { default: project_id, allow: [project_id, project_name, period, peak_sessions, peak_power_kw] }
page: { kind: limit, default: 10000, max: 1000000 }
answer: { shape: list, key: data, echo: [from, to, granularity] }
chart: { kind: hbar, x: project_name, id: project_id, y: peak_power_kw, more: [peak_sessions, peak_power_at], with: { granularity: all, sort: -peak_power_kw }, opens: site }
---*/
-- Sorting every change is slow, so quarter-hours that cannot hold the peak are dropped first.
with quarters as (
  select site, idiv(moment, 900) as slot,
         sum(step) as steps, sum(milliwatts) as power,
         sum(step) filter (where step > 0) as started, sum(milliwatts) filter (where step > 0) as power_started,
         max(moment) as last_moment
  from load_changes
  group by site, idiv(moment, 900)
),
-- The first and last second of the data: of all sessions, so that the series of all sites have the same dates.
last_limit as (select max(limited_end) as last_limited_end from session_limits),
extent as (
  select epoch_s(first_start) as data_start,
         greatest(epoch_s(last_start), coalesce(epoch_s(last_end) - 1, epoch_s(last_start)), coalesce(epoch_s(last_limited_end) - 1, epoch_s(last_start))) as data_end
  from session_extent cross join last_limit
),
bounds as (
  select case when $from::timestamp is null then min(slot) * 900
              when epoch_s($from::timestamp) >= max(data_start) then epoch_s($from::timestamp)
              else max(data_start) end as first_second,
         least(case when $to::timestamp is null then max(last_moment) - 1
                    when epoch_s($to::timestamp) <= max(data_end) then epoch_s($to::timestamp)
                    else max(data_end) end,
               epoch_s($as_of::timestamp)) as last_second
  from quarters cross join extent
),
slots as (
  select first_second,
         unnest(range(idiv(first_second, 900),
                      case when bounded_days(idiv(last_second - first_second, 86400) + 1, $granularity::varchar) > 0 then idiv(last_second, 900) + 1 end)) as calendar_slot
  from bounds
),
calendar as (
  select calendar_slot,
         case when $granularity::varchar = 'all' then local_date_of_epoch(coalesce(epoch_s($from::timestamp), first_second), $tz::varchar)
              else bucket_of_epoch(case when $granularity::varchar = 'all' then 'day' else $granularity::varchar end, calendar_slot * 900, $tz::varchar) end as bucket
  from slots
),
sites_in_period as (select site from quarters group by site),
-- Sessions that run into a day, week or month count in its first quarter-hour, even if nothing changes in it.
bucket_starts as (select min(calendar_slot) as first_slot from calendar group by bucket),
parts as (
  select site, slot, steps, power, started, power_started from quarters
  union all
  select site, first_slot as slot, 0 as steps, 0 as power, 0 as started, 0 as power_started from sites_in_period cross join bucket_starts
),
merged as (
  select site, slot, sum(steps) as slot_steps, sum(power) as slot_power, coalesce(sum(started), 0) as slot_started, coalesce(sum(power_started), 0) as slot_power_started
  from parts
  group by site, slot
),
loads as (
  select site, slot, slot_steps, slot_power, slot_started, slot_power_started,
         sum(slot_steps) over (partition by site order by slot) as load_after,
         sum(slot_power) over (partition by site order by slot) as power_after
  from merged
),
-- The load in a quarter-hour is at most the load before it plus everything that starts in it.
candidates as (
  select site as slot_site, slot as slot_number, bucket,
         load_after - slot_steps as load_before, power_after - slot_power as power_before,
         load_after - slot_steps + slot_started >= max(load_after) over (partition by site, bucket) as may_be_max_sessions,
         power_after - slot_power + slot_power_started >= max(power_after) over (partition by site, bucket) as may_be_max_power
  from loads join calendar on calendar_slot = slot
),
kept_slots as (select * from candidates where may_be_max_sessions or may_be_max_power),
moments as (
  select slot_site, slot_number, bucket, load_before, power_before, moment, step as steps, milliwatts as power
  from load_changes join kept_slots on idiv(moment, 900) = slot_number and site is not distinct from slot_site
  union all
  select slot_site, slot_number, bucket, load_before, power_before, slot_number * 900 as moment, 0 as steps, 0 as power from kept_slots
),
-- All changes of a second count at once: a session that ends frees its place for one that starts.
running_totals as (
  select slot_site, bucket, moment,
         load_before + sum(steps) over (partition by slot_site, slot_number order by moment) as sessions_now,
         power_before + sum(power) over (partition by slot_site, slot_number order by moment) as power_now
  from moments
),
peaks as (
  select slot_site, bucket, moment, sessions_now, power_now,
         max(sessions_now) over (partition by slot_site, bucket) as max_sessions,
         max(power_now) over (partition by slot_site, bucket) as max_power
  from running_totals
),
first_peaks as (
  select slot_site as peak_site, bucket as peak_bucket, max(max_sessions) as peak_count, max(max_power) as peak_milliwatts,
         min(moment) filter (where sessions_now = max_sessions and max_sessions > 0) as peak_count_at,
         min(moment) filter (where power_now = max_power and max_power > 0) as peak_power_second
  from peaks
  group by slot_site, bucket
),
names as (select site_id as named_site, site_name as name from sites)
select peak_site as project_id,
       coalesce(name, peak_site) as project_name,
       peak_bucket as period,
       peak_count as peak_sessions,
       peak_milliwatts / 1000000::double as peak_power_kw,
       seconds_after(timestamp '1970-01-01', peak_count_at) as peak_sessions_at,
       seconds_after(timestamp '1970-01-01', peak_power_second) as peak_power_at
from first_peaks left join names on named_site = peak_site
