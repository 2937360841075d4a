/*---
title: Sessions of a statement
summary: Line items of a user's bill
listing: helper
description: The sessions of users (or RFID tokens) one by one, with the amount as recorded, for `wattduck statement`.
details:
  - All sessions that start in the period are listed, also failed and active ones and those without an amount.
  - Amounts are in the currency of the session and are not converted. An amount without a currency is in the base currency.
  - The amounts of a user or token in a month add up to those of monthly-statement, with currency if there are several.
http: [/api/v1/analytics/billing/statement-sessions, /v0/pipes/statement_sessions.json]
params:
  per: { description: Statements per user or per RFID token, choices: [user, rfid], default: user, example: rfid }
  from: { description: Start of the period, role: period_start, example: "2025-01-01" }
  to: { description: End of the period; a bare date includes the whole day, role: period_end, example: "2025-01-31" }
  user_id: { description: Only this user, example: user_0042 }
  rfid: { description: Only this RFID token, example: 04A1B2C3 }
columns:
  id: { description: "User, or RFID token with per=rfid", nullable: true }
  name: { description: "Name of the token, or the alphabetically first name among the user's tokens; empty if unknown", nullable: true }
  session_id: { description: Session }
  start_time: { description: "Start, UTC" }
  end_time: { description: "End, UTC; empty while the session is active", nullable: true }
  station_id: { description: Station }
  location: { description: Location name, nullable: true }
  state: { description: "completed, failed, or active if the session has no end" }
  energy_kwh: { description: Energy delivered, unit: kWh, nullable: true }
  minutes: { description: Plugged-in time, unit: minutes, nullable: true }
  price_per_kwh: { description: "Amount divided by energy; empty without an amount or energy", unit: currency, nullable: true }
  amount: { description: Amount as recorded; empty if there is none, unit: currency, nullable: true }
  currency: { description: Currency of the amount; empty if neither is recorded, nullable: true }
  tariff_id: { description: Tariff of the session, nullable: true }
key: [session_id]
sort: { default: start_time, allow: [start_time, id, name, station_id, energy_kwh, minutes, amount] }
page: { kind: limit, default: 1000, max: 1000000 }
answer: { shape: list, key: data, echo: [from, to, per] }
---*/
with names as (
  select case $per::varchar when 'user' then user_id else id_tag end as tag_holder, min(name) as tag_name
  from id_tags
  group by case $per::varchar when 'user' then user_id else id_tag end
),
sessions as (
  select case $per::varchar when 'user' then user_id else rfid end as holder,
         case $per::varchar when 'rfid' then rfid_name end as session_name,
         session_id, start_time, end_time, station_id, location, energy_kwh, amount_paid, currency as session_currency, tariff_id,
         seconds_between(start_time, end_time) as seconds,
         is_completed(start_time, end_time, energy_kwh, status) as completed
  from charging_sessions
  where in_period(start_time, end_time, $from::timestamp, $to::timestamp, 'start')
    and ($user_id::varchar is null or user_id = $user_id::varchar)
    and ($rfid::varchar is null or rfid = $rfid::varchar)
    and ($currency::varchar is null or currency = $currency::varchar)
)
select holder as id, coalesce(tag_name, session_name) as name,
       session_id, start_time, end_time, station_id, location,
       case when completed then 'completed' when end_time is null then 'active' else 'failed' end as state,
       energy_kwh, seconds / 60::double as minutes,
       case when energy_kwh > 0 then cast(round(amount_paid::double / nullif(energy_kwh, 0), 6) as decimal(18, 6)) end as price_per_kwh,
       amount_paid as amount, case when amount_paid is null then session_currency else coalesce(session_currency, answer_currency) end as currency, tariff_id
from sessions cross join answer_currency left join names on tag_holder = holder
