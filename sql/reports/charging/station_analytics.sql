/*---
title: Station analytics
description: >-
  Sessions, energy, revenue and duration per station and location. Every session that starts in the period counts;
  with by=end every one that ends in it; with by=spread every one that ran in it, a running one where it started, with its energy
  and money shared out evenly over the seconds it ran. Averages are over the sessions that have the figure, durations over the
  ended ones, from start to end whatever the period. Utilisation is the share of the
  period in which at least one ended session occupied the station; without start_date the period begins with the first
  session chosen, without end_date it ends with the last end.
http: /v0/pipes/station_analytics.json
params:
  location: { description: Only stations at this place, example: Harbour Retail Park }
  start_date: { description: First moment of the period, role: period_start, example: "2025-01-01" }
  end_date: { description: Last moment of the period; a bare date counts whole, role: period_end, example: "2025-01-31" }
  by: { description: "What puts a session into the period: its start, its end, or energy, money and time spread over the time it ran", choices: [start, end, spread], default: start }
  currency: { description: Only sessions paid in this currency; needed where several are mixed, example: EUR }
columns:
  station_id: { description: Station }
  location: { description: Place in words, nullable: true }
  total_sessions: { description: Sessions of the period, unit: count }
  total_energy_consumed: { description: Energy delivered, unit: kWh }
  total_revenue: { description: Money taken, unit: currency }
  avg_energy_per_session: { description: Mean energy of the sessions that have one, unit: kWh, nullable: true }
  avg_revenue_per_session: { description: Mean amount of the sessions that have one, unit: currency, nullable: true }
  avg_session_duration_minutes: { description: Mean time plugged in, unit: minutes, nullable: true }
  median_session_duration_minutes: { description: Median time plugged in, unit: minutes, nullable: true }
  p95_session_duration_minutes: { description: 95th percentile of the time plugged in, unit: minutes, nullable: true }
  unique_users: { description: Different users, unit: count }
  utilisation: { description: Occupied share of the period, unit: share, nullable: true }
  currency: { description: Currency of the amounts, nullable: true }
key: [station_id, location]
sort:
  default: -total_revenue
  allow: [station_id, location, total_sessions, total_energy_consumed, total_revenue, unique_users, utilisation]
page: { kind: limit, default: 100, max: 1000000 }
answer: { shape: tinybird }
chart: { kind: bar, x: station_id, y: total_revenue }
---*/
with chosen as (
  select station_id, location, user_id, currency,
         energy_kwh * share_in_period(epoch_s(start_time), session_end_s(start_time, end_time), $start_date::timestamp, $end_date::timestamp, $by::varchar) as energy,
         amount_in_period(amount_paid, epoch_s(start_time), session_end_s(start_time, end_time), $start_date::timestamp, $end_date::timestamp, $by::varchar) as money,
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
  from chosen
),
-- What a session adds to the time its station is occupied: what lies after every earlier session's end.
occupied as (
  select station_id, location, user_id, energy, money, starts, ends,
         greatest(starts, coalesce(
           max(ends) over (partition by station_id, location order by starts, ends
                           rows between unbounded preceding and 1 preceding), starts)) as free_from
  from chosen
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
       coalesce(sum(greatest(least(ends, period_end) - greatest(free_from, period_start), 0)) filter (where ends is not null), 0)
         / nullif(max(period_end - period_start), 0)::double as utilisation,
       max(only_currency) as currency
from occupied cross join period
group by station_id, location
