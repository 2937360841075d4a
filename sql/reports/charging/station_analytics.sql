/*---
title: Station analytics
description: Sessions, energy, revenue, duration and utilisation per station and location.
details:
  - All sessions count, including failed and active ones. They are assigned to the period by their start, unless by says otherwise.
  - Averages cover the sessions that have the value. Durations cover ended sessions, from start to end, regardless of the period.
  - Utilisation is the share of the period in which at least one ended session occupied the station.
  - Without start_date, the period begins with the first selected session. Without end_date, it ends with the last session end.
http: /v0/pipes/station_analytics.json
params:
  location: { description: Only stations at this location, example: Harbour Retail Park }
  start_date: { description: Start of the period, role: period_start, example: "2025-01-01" }
  end_date: { description: End of the period; a bare date includes the whole day, role: period_end, example: "2025-01-31" }
  by: { description: "How sessions are assigned to the period: by start, by end, or energy, money and time spread evenly over the session", choices: [start, end, spread], default: start }
  currency: { description: Only sessions in this currency; required if several currencies are mixed, example: EUR }
columns:
  station_id: { description: Station }
  location: { description: Location name, nullable: true }
  total_sessions: { description: Sessions in the period, unit: count }
  total_energy_consumed: { description: Energy delivered, unit: kWh }
  total_revenue: { description: Total revenue, unit: currency }
  avg_energy_per_session: { description: Average energy of sessions with an energy value, unit: kWh, nullable: true }
  avg_revenue_per_session: { description: Average amount of sessions with an amount, unit: currency, nullable: true }
  avg_session_duration_minutes: { description: Average plugged-in time, unit: minutes, nullable: true }
  median_session_duration_minutes: { description: Median plugged-in time, unit: minutes, nullable: true }
  p95_session_duration_minutes: { description: "95th percentile of plugged-in time", unit: minutes, nullable: true }
  unique_users: { description: Distinct users, unit: count }
  utilisation: { description: Share of the period in which the station was occupied, unit: share, nullable: true }
  currency: { description: Currency of the amounts, nullable: true }
key: [station_id, location]
sort:
  default: -total_revenue
  allow: [station_id, location, total_sessions, total_energy_consumed, total_revenue, unique_users, utilisation]
page: { kind: limit, default: 100, max: 1000000 }
answer: { shape: tinybird }
chart: { kind: bar, x: station_id, y: total_revenue }
---*/
with sessions as (
  select station_id, location, user_id, currency,
         energy_kwh * session_share(start_time, end_time, $start_date::timestamp, $end_date::timestamp, $by::varchar) as energy,
         amount_in_period(amount_paid, start_time, end_time, $start_date::timestamp, $end_date::timestamp, $by::varchar) as money,
         epoch_s(start_time) as starts,
         epoch_s(end_time) as ends
  from charging_sessions
  where ($location::varchar is null or location = $location::varchar)
    and in_period(start_time, end_time, $start_date::timestamp, $end_date::timestamp, $by::varchar)
    and ($currency::varchar is null or currency = $currency::varchar)
),
period as (
  select coalesce(epoch_s($start_date::timestamp), min(starts)) as period_start,
         coalesce(epoch_s($end_date::timestamp) + 1, max(ends)) as period_end,
         one_currency(count(distinct currency), string_agg(distinct currency, ', ')) as only_currency
  from sessions
),
-- Overlapping sessions count once: a session adds only the time after the latest end before it.
occupied as (
  select station_id, location, user_id, energy, money, starts, ends,
         greatest(starts, coalesce(
           max(ends) over (partition by station_id, location order by starts, ends
                           rows between unbounded preceding and 1 preceding), starts)) as counted_from
  from sessions
)
select station_id,
       location,
       count(*) as total_sessions,
       coalesce(sum(energy), 0) as total_energy_consumed,
       coalesce(sum(money), 0) as total_revenue,
       avg(energy) as avg_energy_per_session,
       avg(money) as avg_revenue_per_session,
       avg(ends - starts) / 60::double as avg_session_duration_minutes,
       quant(ends - starts, 0.5) / 60::double as median_session_duration_minutes,
       quant(ends - starts, 0.95) / 60::double as p95_session_duration_minutes,
       count(distinct user_id) as unique_users,
       coalesce(sum(greatest(least(ends, period_end) - greatest(counted_from, period_start), 0)) filter (where ends is not null), 0)
         / nullif(max(period_end - period_start), 0)::double as utilisation,
       max(only_currency) as currency
from occupied cross join period
group by station_id, location
