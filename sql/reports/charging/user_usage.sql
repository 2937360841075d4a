/*---
title: User usage
description: >-
  Sessions, energy and money per user. Every session that starts in the period counts, failed and running ones too; with by=end
  every one that ends in it; with by=spread every one that ran in it, a running one where it started, with its energy, money and
  time shared out evenly over the seconds it ran. Averages are over the sessions that have the figure. Sessions without a user
  make one row with an empty user_id.
http: /v0/pipes/user_usage.json
params:
  user_id: { description: Only this user; every user without it, example: user_0042 }
  start_date: { description: First moment of the period, role: period_start, example: "2025-01-01" }
  end_date: { description: Last moment of the period; a bare date counts whole, role: period_end, example: "2025-01-31" }
  by: { description: "What puts a session into the period: its start, its end, or energy, money and time spread over the time it ran", choices: [start, end, spread], default: start }
  currency: { description: Only sessions paid in this currency; needed where several are mixed, example: EUR }
columns:
  user_id: { description: User, nullable: true }
  total_sessions: { description: Sessions of the period, unit: count }
  total_energy_consumed: { description: Energy delivered, unit: kWh }
  total_amount_spent: { description: Money paid, unit: currency }
  avg_energy_per_session: { description: Mean energy of the sessions that have one, unit: kWh, nullable: true }
  avg_amount_per_session: { description: Mean amount of the sessions that have one, unit: currency, nullable: true }
  first_session: { description: Start of the first session }
  latest_session: { description: Start of the latest session }
  unique_stations_used: { description: Different stations used, unit: count }
  total_minutes: { description: Time plugged in over the ended sessions, unit: minutes }
  avg_minutes_per_session: { description: Mean time plugged in of the ended sessions, unit: minutes, nullable: true }
  favourite_station: { description: Station with the most sessions; the first by id among equals }
  currency: { description: Currency of the amounts, nullable: true }
key: [user_id]
sort:
  default: -total_sessions
  allow: [user_id, total_sessions, total_energy_consumed, total_amount_spent, first_session, latest_session, total_minutes]
page: { kind: limit, default: 100, max: 1000000 }
answer: { shape: tinybird }
chart: { kind: bar, x: user_id, y: total_energy_consumed }
---*/
with chosen as (
  select user_id, station_id, start_time, currency,
         energy_kwh * share_in_period(epoch_s(start_time), session_end_s(start_time, end_time), $start_date::timestamp, $end_date::timestamp, $by::varchar) as delivered,
         amount_in_period(amount_paid, epoch_s(start_time), session_end_s(start_time, end_time), $start_date::timestamp, $end_date::timestamp, $by::varchar) as money_paid,
         (epoch_s(end_time) - epoch_s(start_time)) * share_in_period(epoch_s(start_time), session_end_s(start_time, end_time), $start_date::timestamp, $end_date::timestamp, $by::varchar) / 60::double as minutes
  from charging_sessions
  where ($user_id::varchar is null or user_id = $user_id::varchar)
    and in_period(start_time, end_time, $start_date::timestamp, $end_date::timestamp, $by::varchar)
    and ($currency::varchar is null or currency = $currency::varchar)
),
visits as (
  select user_id, station_id, count(*) as sessions,
         sum(delivered) as energy, count(delivered) as energy_sessions,
         sum(money_paid) as amount, count(money_paid) as amount_sessions,
         sum(minutes) as stay, count(minutes) as stay_sessions,
         min(start_time) as earliest, max(start_time) as latest
  from chosen
  group by user_id, station_id
),
ranked as (
  select *, row_number() over (partition by user_id order by sessions desc, station_id) as place
  from visits
),
money as (
  select one_currency(count(distinct currency), string_agg(distinct currency, ', ')) as only_currency
  from chosen
)
select user_id,
       sum(sessions) as total_sessions,
       coalesce(sum(energy), 0) as total_energy_consumed,
       coalesce(sum(amount), 0) as total_amount_spent,
       sum(energy) / nullif(sum(energy_sessions), 0)::double as avg_energy_per_session,
       sum(amount)::double / nullif(sum(amount_sessions), 0) as avg_amount_per_session,
       min(earliest) as first_session,
       max(latest) as latest_session,
       count(*) as unique_stations_used,
       coalesce(sum(stay), 0) as total_minutes,
       sum(stay) / nullif(sum(stay_sessions), 0)::double as avg_minutes_per_session,
       any_value(station_id) filter (where place = 1) as favourite_station,
       max(only_currency) as currency
from ranked cross join money
group by user_id
