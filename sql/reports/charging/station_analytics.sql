/*---
title: Station analytics
summary: Sessions and revenue per station
listing: top
description: Sessions, energy, revenue, duration and utilisation per station.
details:
  - All sessions count, including failed and active ones. They are assigned to the period by their start, unless by says otherwise.
  - Averages cover the sessions that have the value. Durations cover ended sessions, from start to end, regardless of the period.
  - The location is that of the latest counted session with a location.
  - >-
    Utilisation is the share of the period in which at least one session occupied the station. Sessions that overlap count
    once. It covers the sessions of all currencies that ran in the period, whatever by and currency say.
  - >-
    In it, a session without an end counts until the connector's next session, for open_session_hours at most, and never beyond as_of.
  - >-
    Without start_date, the period of the utilisation begins with the first session at the location. Without end_date, it ends with
    the last session end.
http: /v0/pipes/station_analytics.json
params:
  location: { description: Only sessions at this location, example: Harbour Retail Park }
  start_date: { description: Start of the period, role: period_start, example: "2025-01-01" }
  end_date: { description: End of the period; a bare date includes the whole day, role: period_end, example: "2025-01-31" }
  by: { description: "How sessions are assigned to the period: by start, by end, or energy, money and time spread evenly over the session", choices: [start, end, spread], default: start }
  as_of: { description: "Point in time until which sessions without an end count in the utilisation; default: the last start or end of a session", example: "2025-12-31 12:00:00" }
columns:
  station_id: { description: Station }
  location: { description: Location of the latest session, nullable: true }
  total_sessions: { description: Sessions in the period, unit: count }
  total_energy_consumed: { description: Energy delivered, unit: kWh }
  total_revenue: { description: Total revenue; empty if no session has an amount, unit: currency, nullable: true }
  avg_energy_per_session: { description: Average energy of sessions with an energy value, unit: kWh, nullable: true }
  avg_revenue_per_session: { description: Average amount of sessions with an amount, unit: currency, nullable: true }
  avg_session_duration_minutes: { description: Average plugged-in time, unit: minutes, nullable: true }
  median_session_duration_minutes: { description: Median plugged-in time, unit: minutes, nullable: true }
  p95_session_duration_minutes: { description: "95th percentile of plugged-in time", unit: minutes, nullable: true }
  unique_users: { description: Distinct users, unit: count }
  utilisation: { description: Share of the period in which the station was occupied, unit: share, nullable: true }
  currency: { description: Currency of the amounts, nullable: true }
key: [station_id]
total: [total_sessions, total_energy_consumed, total_revenue]
sort:
  default: -total_revenue
  allow: [station_id, location, total_sessions, total_energy_consumed, total_revenue, unique_users, utilisation]
page: { kind: limit, default: 100, max: 1000000 }
answer: { shape: tinybird }
notes: [station_amount_notes]
chart:
  - { kind: hbar, x: station_id, y: total_revenue, more: [total_sessions, utilisation], opens: station }
  - { name: energy, kind: hbar, x: station_id, y: total_energy_consumed, more: [total_sessions], with: { sort: -total_energy_consumed }, opens: station }
  - { name: utilisation, kind: hbar, x: station_id, y: utilisation, more: [total_sessions], with: { sort: -utilisation }, opens: station }
---*/
with last_times as (select coalesce($as_of::timestamp, greatest(last_start, coalesce(last_end, last_start))) as last_time from session_extent),
stays as (
  select *, case when end_time is null then least(limited_end, greatest(last_time, start_time)) else end_time end as stay_end
  from session_amounts
    left join session_limits on endless_id = case when end_time is null then session_id end
    cross join last_times
),
sessions as (
  select station_id, location, user_id, energy_kwh, amount, start_time, end_time,
         epoch_s(start_time) as starts,
         epoch_s(stay_end) as stay_ends,
         seconds_between(start_time, end_time) as seconds,
         in_period(start_time, end_time, $start_date::timestamp, $end_date::timestamp, $by::varchar)
           and ($currency::varchar is null or currency = $currency::varchar) as is_counted
  from stays
  where ($location::varchar is null or location = $location::varchar)
    -- Sessions that ran in the period count in the utilisation, even if they do not count by their start or end.
    and (in_period(start_time, end_time, $start_date::timestamp, $end_date::timestamp, $by::varchar)
         or in_period(start_time, stay_end, $start_date::timestamp, $end_date::timestamp, 'spread'))
),
period as (
  select coalesce(epoch_s($start_date::timestamp), min(starts)) as period_start,
         coalesce(epoch_s($end_date::timestamp) + 1, max(stay_ends)) as period_end
  from sessions
),
last_starts as (
  select station_id as placed_station, location as place, max(start_time) as last_start
  from sessions
  where is_counted and location is not null
  group by station_id, location
),
places as (
  select placed_station, place as last_place
  from last_starts
  qualify row_number() over (partition by placed_station order by last_start desc, place desc) = 1
),
-- A session adds only the time after the latest end before it.
occupied as (
  select station_id, user_id, starts, stay_ends, seconds, is_counted,
         amount_in_period(energy_kwh, start_time, end_time, $start_date::timestamp, $end_date::timestamp, $by::varchar) as energy,
         amount_in_period(amount, start_time, end_time, $start_date::timestamp, $end_date::timestamp, $by::varchar) as money,
         greatest(starts, coalesce(
           max(stay_ends) over (partition by station_id order by starts, stay_ends rows between unbounded preceding and 1 preceding), starts)) as counted_from
  from sessions
),
stations as (
  select station_id,
         count(*) filter (where is_counted) as sessions_counted,
         coalesce(sum(energy) filter (where is_counted), 0) as total_energy,
         sum(money) filter (where is_counted) as total_money,
         avg(energy) filter (where is_counted) as avg_energy,
         avg(money) filter (where is_counted) as avg_money,
         avg(seconds) filter (where is_counted) as avg_seconds,
         quant(case when is_counted then seconds end, 0.5) as median_seconds,
         quant(case when is_counted then seconds end, 0.95) as p95_seconds,
         count(distinct case when is_counted then user_id end) as users,
         coalesce(sum(greatest(least(stay_ends, period_end) - greatest(counted_from, period_start), 0)), 0) as occupied_seconds,
         max(period_end - period_start) as period_seconds
  from occupied cross join period
  group by station_id
)
select station_id,
       last_place as location,
       sessions_counted as total_sessions,
       total_energy as total_energy_consumed,
       total_money as total_revenue,
       avg_energy as avg_energy_per_session,
       avg_money as avg_revenue_per_session,
       avg_seconds / 60::double as avg_session_duration_minutes,
       median_seconds / 60::double as median_session_duration_minutes,
       p95_seconds / 60::double as p95_session_duration_minutes,
       users as unique_users,
       occupied_seconds / nullif(period_seconds, 0)::double as utilisation,
       answer_currency as currency
from stations cross join answer_currency left join places on placed_station = station_id
where sessions_counted > 0
