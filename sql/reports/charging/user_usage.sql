/*---
title: User usage
summary: Energy and spending per user
listing: top
description: Sessions, energy and amount spent per user.
details:
  - All sessions count, including failed and active ones. They are assigned to the period by their start, unless by says otherwise.
  - Averages cover the sessions that have the value.
  - Sessions without a user are one row with an empty user_id.
http: /v0/pipes/user_usage.json
params:
  user_id: { description: "Only this user; default: all users", example: user_0042 }
  start_date: { description: Start of the period, role: period_start, example: "2025-01-01" }
  end_date: { description: End of the period; a bare date includes the whole day, role: period_end, example: "2025-01-31" }
  by: { description: "How sessions are assigned to the period: by start, by end, or energy, money and time spread evenly over the session", choices: [start, end, spread], default: start }
columns:
  user_id: { description: User, nullable: true }
  total_sessions: { description: Sessions in the period, unit: count }
  total_energy_consumed: { description: Energy delivered, unit: kWh }
  total_amount_spent: { description: Amount paid; empty if no session has an amount, unit: currency, nullable: true }
  avg_energy_per_session: { description: Average energy of sessions with an energy value, unit: kWh, nullable: true }
  avg_amount_per_session: { description: Average amount of sessions with an amount, unit: currency, nullable: true }
  first_session: { description: Start of the first session }
  latest_session: { description: Start of the last session }
  unique_stations_used: { description: Distinct stations used, unit: count }
  total_minutes: { description: Plugged-in time of ended sessions, unit: minutes }
  avg_minutes_per_session: { description: Average plugged-in time of ended sessions, unit: minutes, nullable: true }
  favourite_station: { description: "Station with the most sessions; on a tie, the first by ID" }
  currency: { description: Currency of the amounts, nullable: true }
key: [user_id]
total: [total_sessions, total_energy_consumed, total_amount_spent, total_minutes]
sort:
  default: -total_sessions
  allow: [user_id, total_sessions, total_energy_consumed, total_amount_spent, first_session, latest_session, total_minutes]
page: { kind: limit, default: 100, max: 1000000 }
answer: { shape: tinybird }
notes: [user_amount_notes]
chart: { kind: hbar, x: user_id, y: total_energy_consumed, more: [total_sessions], with: { sort: -total_energy_consumed } }
---*/
with period_sessions as (
  select user_id, station_id, start_time,
         amount_in_period(energy_kwh, start_time, end_time, $start_date::timestamp, $end_date::timestamp, $by::varchar) as kwh,
         amount_in_period(amount, start_time, end_time, $start_date::timestamp, $end_date::timestamp, $by::varchar) as paid,
         seconds_in_period(start_time, end_time, $start_date::timestamp, $end_date::timestamp, $by::varchar) as seconds
  from session_amounts
  where ($user_id::varchar is null or user_id = $user_id::varchar)
    and in_period(start_time, end_time, $start_date::timestamp, $end_date::timestamp, $by::varchar)
    and ($currency::varchar is null or currency = $currency::varchar)
),
by_station as (
  select user_id, station_id, count(*) as sessions,
         sum(kwh) as energy, count(kwh) as metered_sessions,
         sum(paid) as amount, count(paid) as paid_sessions,
         sum(seconds) as total_stay, count(seconds) as timed_sessions,
         min(start_time) as earliest, max(start_time) as latest
  from period_sessions
  group by user_id, station_id
),
ranked as (
  select *, row_number() over (partition by user_id order by sessions desc, station_id) as station_rank
  from by_station
)
select user_id,
       sum(sessions) as total_sessions,
       coalesce(sum(energy), 0) as total_energy_consumed,
       sum(amount) as total_amount_spent,
       sum(energy) / nullif(sum(metered_sessions), 0)::double as avg_energy_per_session,
       sum(amount)::double / nullif(sum(paid_sessions), 0) as avg_amount_per_session,
       min(earliest) as first_session,
       max(latest) as latest_session,
       count(*) as unique_stations_used,
       coalesce(sum(total_stay), 0) / 60::double as total_minutes,
       sum(total_stay) / 60::double / nullif(sum(timed_sessions), 0)::double as avg_minutes_per_session,
       any_value(station_id) filter (where station_rank = 1) as favourite_station,
       max(answer_currency) as currency
from ranked cross join answer_currency
group by user_id
