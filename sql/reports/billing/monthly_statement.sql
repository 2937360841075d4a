/*---
title: Monthly statement
summary: Bill per user and month
listing: top
description: Sessions, energy, minutes and amounts per user (or RFID token) and calendar month.
details:
  - Session count, energy and minutes cover completed sessions. The amount covers all sessions, including failed and active ones.
  - A session belongs to the month it starts in; with by=end to the month it ends in.
  - With by=spread, energy, money and minutes are divided over the months a session ran in, and it is counted in each of them.
  - >-
    With price or tariff_id, the amount of a completed session is its energy times the price, and other sessions have none. Each is
    rounded to 6 decimals, halves away from zero, so amounts of users and months add up to the total.
  - >-
    price is in the currency of the answer. A tariff applies with its own currency and its price per kWh alone, whatever its
    validity. Taxes are not added.
  - Sessions without a user, or token, are one row per month with an empty id.
  - Months without sessions are not listed. A period of more than 10,000 months with sessions is an error.
http: [/api/v1/analytics/billing/monthly-statement, /v0/pipes/monthly_statement.json]
params:
  per: { description: One row per user or per RFID token, choices: [user, rfid], default: user, example: rfid }
  from: { description: Start of the period, role: period_start, example: "2025-01-01" }
  to: { description: End of the period; a bare date includes the whole day, role: period_end, example: "2025-01-31" }
  user_id: { description: Only this user, example: user_0042 }
  rfid: { description: Only this RFID token, example: 04A1B2C3 }
  by: { description: "How sessions are assigned to the period and month: by start, by end, or energy, money and time spread evenly over the session", choices: [start, end, spread], default: start }
  price: { description: Price per kWh to use instead of the amounts paid, min: 0, max: 1000000, example: 0.39, excludes: tariff_id }
  tariff_id: { description: Tariff whose price per kWh to use instead of the amounts paid, example: tariff_day }
  tz: { description: IANA time zone of dates and months, role: time_zone, default: UTC, example: Europe/Berlin }
columns:
  month: { description: "First day of the month, local time", bucket: month }
  id: { description: "User, or RFID token with per=rfid", nullable: true }
  name: { description: "Name of the token, or the alphabetically first name among the user's tokens; empty if unknown", nullable: true }
  session_count: { description: Completed sessions, unit: count }
  energy_kwh: { description: Energy of the completed sessions, unit: kWh }
  total_amount: { description: "Amounts of all sessions, including failed and active ones, or energy times the price; empty if none has an amount", unit: currency, nullable: true }
  currency: { description: Currency of the amounts, nullable: true }
  total_minutes: { description: "Plugged-in time of the completed sessions, which includes time after charging stopped", unit: minutes }
  first_session: { description: Start of the first counted session }
  last_session: { description: Start of the last counted session }
key: [month, id]
total: [session_count, energy_kwh, total_amount, total_minutes]
sort: { default: month, allow: [month, id, name, session_count, energy_kwh, total_amount, total_minutes] }
page: { kind: limit, default: 1000, max: 1000000 }
answer:
  shape: list
  key: data
  echo: [from, to, per]
  totals: { total_energy_kwh: "coalesce(sum(energy_kwh), 0)", total_amount: "case when count(total_amount) > 0 or count(*) = 0 then coalesce(sum(total_amount), 0) end" }
  missing:
    parameter: tariff_id
    what: tariff
    unless: "(select $tariff_id::varchar is null or count(*) > 0 from tariffs where tariff_id = $tariff_id::varchar)"
notes: [statement_amount_notes, statement_price_notes]
chart: { kind: hbar, x: name, id: id, y: energy_kwh, series: month, more: [total_amount] }
---*/
with prices as (
  select $price::decimal(18, 6) as kwh_price, null::varchar as price_currency
  where $tariff_id::varchar is null
  union all
  select price_per_kwh as kwh_price, currency as price_currency
  from tariffs
  where tariff_id = $tariff_id::varchar
),
sessions as (
  select case $per::varchar when 'user' then user_id else rfid end as holder,
         case $per::varchar when 'rfid' then rfid_name end as session_name,
         start_time, energy_kwh,
         case when $price::decimal(18, 6) is null and $tariff_id::varchar is null then amount
              when is_completed(start_time, end_time, energy_kwh, status) then energy_price(energy_kwh, kwh_price) end as session_amount,
         seconds_between(start_time, end_time) as seconds,
         is_completed(start_time, end_time, energy_kwh, status) as completed,
         case $by::varchar when 'end' then end_time
                           when 'spread' then greatest(start_time, coalesce($from::timestamp, start_time))
                           else start_time end as counted_at,
         epoch_s(start_time) as session_start, session_end_s(start_time, end_time) as session_end,
         case $by::varchar when 'spread' then least(session_end_s(start_time, end_time), coalesce(epoch_s($to::timestamp) + 1, session_end_s(start_time, end_time))) end as ends
  from filtered_amounts cross join prices
  where in_period(start_time, end_time, $from::timestamp, $to::timestamp, $by::varchar)
    and (is_completed(start_time, end_time, energy_kwh, status)
         or (amount_paid is not null and $price::decimal(18, 6) is null and $tariff_id::varchar is null))
    and ($user_id::varchar is null or user_id = $user_id::varchar)
    and ($rfid::varchar is null or rfid = $rfid::varchar)
),
-- Months of UTC need no calendar, unless sessions are spread over them.
extent as (
  select min(start_time) as earliest_start, greatest(max(start_time), coalesce(max(end_time), max(start_time))) as latest_end
  from charging_sessions
  where $tz::varchar <> 'UTC' or $by::varchar = 'spread'
),
period as (
  select bucket_of_date('month', greatest(earliest_start, coalesce($from::timestamp, earliest_start))) as first_month,
         date_diff('month', greatest(earliest_start, coalesce($from::timestamp, earliest_start)), least(latest_end, coalesce($to::timestamp, latest_end))) as months_on
  from extent
),
numbers as (select first_month, unnest(range(-1, bounded_buckets(months_on + 1) + 2)) as n from period),
calendar_months as (
  select bucket_of_date('month', first_month + interval (n) month) as calendar_month
  from numbers
),
months as (
  select calendar_month as local_month,
         epoch_of_local_date(calendar_month, $tz::varchar) as month_start,
         lead(epoch_of_local_date(calendar_month, $tz::varchar), 1, null) over (order by calendar_month) as month_end
  from calendar_months
),
-- The local months that overlap each month of UTC, so that sessions find theirs by an equal join.
calendar as (
  select calendar_month as utc_month, local_month, month_start, month_end
  from calendar_months
    join months on month_start < epoch_s((calendar_month + interval 1 month)::timestamp) and month_end > epoch_s(calendar_month::timestamp)
),
first_months as (
  select holder, session_name, start_time, energy_kwh, session_amount, seconds, completed, session_start, session_end, ends, month_end,
         case when $tz::varchar = 'UTC' and $by::varchar <> 'spread' then bucket_of_date('month', counted_at) else local_month end as starting_month,
         epoch_s(counted_at) as starts
  from sessions
    left join calendar on bucket_of_date('month', counted_at) = utc_month and epoch_s(counted_at) >= month_start and epoch_s(counted_at) < month_end
),
parts as (
  select holder, session_name, start_time, energy_kwh, session_amount, seconds, completed, session_start, session_end, starting_month as session_month,
         starts as part_start, least(ends, month_end) as part_end
  from first_months
  union all
  select holder, session_name, start_time, energy_kwh, session_amount, seconds, completed, session_start, session_end, months.local_month as session_month,
         months.month_start as part_start, least(ends, months.month_end) as part_end
  from first_months join months on months.month_start >= first_months.month_end and months.month_start < ends
  where $by::varchar = 'spread'
),
shares as (
  select holder, session_name, start_time, completed, session_month,
         case $by::varchar when 'spread' then amount_between(energy_kwh, session_start, session_end, part_start, part_end) else energy_kwh end as energy,
         case when $by::varchar = 'spread' and seconds > 0 then (part_end - part_start)::double else seconds end as plugged_seconds,
         case $by::varchar when 'spread' then amount_between(session_amount, session_start, session_end, part_start, part_end) else session_amount end as part_amount
  from parts
),
totals as (
  select session_month, holder, max(session_name) as name_in_sessions,
         count(*) filter (where completed) as sessions,
         sum(case when completed then energy end) as total_energy,
         sum(part_amount) as amount,
         sum(case when completed then plugged_seconds end) as total_seconds,
         min(start_time) as earliest, max(start_time) as latest
  from shares
  group by session_month, holder
),
names as (
  select case $per::varchar when 'user' then user_id else id_tag end as tag_holder, min(name) as tag_name
  from id_tags
  group by case $per::varchar when 'user' then user_id else id_tag end
)
select session_month as month,
       holder as id,
       coalesce(tag_name, name_in_sessions) as name,
       sessions as session_count,
       coalesce(total_energy, 0) as energy_kwh,
       amount as total_amount,
       coalesce(price_currency, answer_currency) as currency,
       coalesce(total_seconds, 0) / 60::double as total_minutes,
       earliest as first_session,
       latest as last_session
from totals cross join answer_currency cross join prices left join names on tag_holder = holder
