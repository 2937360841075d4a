/*---
title: Monthly statement
description: >-
  One row a user, or with per=rfid a token, and calendar month of the zone asked for. Sessions, energy and minutes are
  those of the completed sessions: ended not before they started, with energy, not marked failed or invalid. Money is
  that of all sessions that carry an amount, failed and running ones too. A session stands in the month it starts in; with
  by=end in the one it ends in; with by=spread energy, money and minutes are shared out evenly over the seconds it ran,
  what lies in the period counts, and the session is counted in every month it ran in. Sessions without a user, or token,
  make one row a month with an empty id. Months without a session do not appear.
http: [/api/v1/analytics/billing/monthly-statement, /v0/pipes/monthly_statement.json]
params:
  per: { description: Whom the rows are of, choices: [user, rfid], default: user, example: rfid }
  from: { description: First moment of the period, role: period_start, example: "2025-01-01" }
  to: { description: Last moment of the period; a bare date counts whole, role: period_end, example: "2025-01-31" }
  user_id: { description: Only this user, example: user_0042 }
  rfid: { description: Only this token, example: 04A1B2C3 }
  currency: { description: Only sessions paid in this currency; needed where several are mixed, example: EUR }
  by: { description: "What puts a session into the period and a month: its start, its end, or energy, money and minutes spread over the time it ran", choices: [start, end, spread], default: start }
  tz: { description: IANA time zone of dates and months, role: time_zone, default: UTC, example: Europe/Berlin }
columns:
  month: { description: First day of the month in the zone }
  id: { description: "User, or token with per=rfid", nullable: true }
  name: { description: "Name kept for the token, or for the first by name of the user's tokens; empty where none is known", nullable: true }
  session_count: { description: Completed sessions, unit: count }
  energy_kwh: { description: Energy of the completed sessions, unit: kWh }
  total_amount: { description: "Amounts of all sessions, failed and running ones too", unit: currency }
  currency: { description: Currency of the amounts; empty where no session has one, nullable: true }
  total_minutes: { description: "Time plugged in over the completed sessions; when charging itself stopped, sessions do not tell", unit: minutes }
  first_session: { description: Start of the first session counted }
  last_session: { description: Start of the last session counted }
key: [month, id]
sort: { default: month, allow: [month, id, name, session_count, energy_kwh, total_amount, total_minutes] }
page: { kind: limit, default: 1000, max: 1000000 }
answer:
  shape: list
  key: data
  echo: [from, to, per]
  totals: { total_energy_kwh: "coalesce(sum(energy_kwh), 0)", total_amount: "coalesce(sum(total_amount), 0)" }
chart: { kind: bar, x: id, y: energy_kwh }
---*/
with chosen as (
  select case $per::varchar when 'user' then user_id else rfid end as whose,
         case $per::varchar when 'rfid' then rfid_name end as told_name,
         start_time, energy_kwh, amount_paid, currency,
         epoch_s(end_time) - epoch_s(start_time) as seconds,
         is_completed(start_time, end_time, energy_kwh, status) as is_done,
         case $by::varchar when 'end' then end_time
                           when 'spread' then greatest(start_time, coalesce($from::timestamp, start_time))
                           else start_time end as placed_at,
         case $by::varchar when 'spread' then session_end_s(start_time, end_time) - epoch_s(start_time) end as run_seconds,
         case $by::varchar when 'spread' then least(session_end_s(start_time, end_time), coalesce(epoch_s($to::timestamp) + 1, session_end_s(start_time, end_time))) end as cut_to
  from sessions_chosen
  where in_period(start_time, end_time, $from::timestamp, $to::timestamp, $by::varchar)
    and (is_completed(start_time, end_time, energy_kwh, status) or amount_paid is not null)
    and ($user_id::varchar is null or user_id = $user_id::varchar)
    and ($rfid::varchar is null or rfid = $rfid::varchar)
    and ($currency::varchar is null or currency = $currency::varchar)
),
-- Months of UTC need no calendar, unless sessions are shared out over them.
reached as (
  select min(start_time) as earliest_start, greatest(max(start_time), coalesce(max(end_time), max(start_time))) as latest_end
  from charging_sessions
  where $tz::varchar <> 'UTC' or $by::varchar = 'spread'
),
period as (
  select bucket_of_date('month', greatest(earliest_start, coalesce($from::timestamp, earliest_start))) as first_month,
         date_diff('month', greatest(earliest_start, coalesce($from::timestamp, earliest_start)), least(latest_end, coalesce($to::timestamp, latest_end))) as months_on
  from reached
),
numbered as (select bucket_of_date('month', first_month + interval (n) month) as utc_month
             from (select first_month, unnest(range(-1, months_on + 3)) as n from period) as counted),
-- A month begins with its first quarter-hour on the wall clock of the zone, which is never a day from the one of UTC.
quarters as (select utc_month, epoch_s(utc_month::timestamp) + quarter * 900 as second
             from (select utc_month, unnest(range(-96, 97)) as quarter from numbered) as near),
begun as (
  select utc_month, min(second) as begins
  from quarters
  where bucket_of_epoch('month', second, $tz::varchar) = utc_month
  group by utc_month
),
months as (select utc_month as local_month, begins, lead(begins, 1, null) over (order by begins) as ends from begun),
calendar as (
  select utc_month, local_month as zone_month, begins, ends
  from numbered join months on begins < epoch_s((utc_month + interval 1 month)::timestamp) and ends > epoch_s(utc_month::timestamp)
),
placed as (
  select whose, told_name, start_time, energy_kwh, amount_paid, currency, seconds, is_done, run_seconds, cut_to, ends,
         case when $tz::varchar = 'UTC' and $by::varchar <> 'spread' then bucket_of_date('month', placed_at) else zone_month end as local_month,
         epoch_s(placed_at) as cut_from
  from chosen left join calendar on bucket_of_date('month', placed_at) = utc_month and epoch_s(placed_at) >= begins and epoch_s(placed_at) < ends
),
parts as (
  select whose, told_name, start_time, energy_kwh, amount_paid, currency, seconds, is_done, run_seconds, local_month,
         cut_from, cut_from as part_from, least(cut_to, ends) as part_to
  from placed
  union all
  select whose, told_name, start_time, energy_kwh, amount_paid, currency, seconds, is_done, run_seconds, months.local_month,
         cut_from, months.begins as part_from, least(cut_to, months.ends) as part_to
  from placed join months on months.begins >= placed.ends and months.begins < cut_to
  where $by::varchar = 'spread'
),
shared as (
  select whose, told_name, start_time, is_done, local_month, currency,
         case $by::varchar when 'spread' then energy_kwh * (part_to - part_from) / nullif(run_seconds, 0)::double else energy_kwh end as energy,
         case $by::varchar when 'spread' then seconds * (part_to - part_from) / nullif(run_seconds, 0)::double else seconds end as stay,
         -- Money is rounded where a month ends, so that its parts make the whole.
         case $by::varchar when 'spread' then round(amount_paid::double * (part_to - cut_from) / nullif(run_seconds, 0)::double, 6)::decimal(18, 6)
                                            - round(amount_paid::double * (part_from - cut_from) / nullif(run_seconds, 0)::double, 6)::decimal(18, 6)
                           else amount_paid end as amount
  from parts
),
-- Currencies stay apart until it is known that there is one.
taken as (
  select local_month, whose, currency as paid_in, max(told_name) as any_name,
         count(*) filter (where is_done) as done_sessions,
         sum(case when is_done then energy end) as part_delivered,
         sum(amount) as part,
         sum(case when is_done then stay end) as part_stayed,
         min(start_time) as first_start, max(start_time) as last_start
  from shared
  group by local_month, whose, currency
),
money as (
  select one_currency(count(distinct paid_in) filter (where part is not null), string_agg(distinct paid_in, ', ') filter (where part is not null)) as only_currency
  from taken
),
summed as (
  select local_month, whose, max(any_name) as session_name, sum(done_sessions) as sessions, sum(part_delivered) as delivered, sum(part) as money_taken,
         sum(part_stayed) as stayed, min(first_start) as earliest, max(last_start) as latest
  from taken
  group by local_month, whose
),
names as (
  select case $per::varchar when 'user' then user_id else id_tag end as named_id, min(name) as tag_name
  from id_tags
  group by case $per::varchar when 'user' then user_id else id_tag end
)
select local_month as month,
       whose as id,
       coalesce(tag_name, session_name) as name,
       sessions as session_count,
       coalesce(delivered, 0) as energy_kwh,
       coalesce(money_taken, 0) as total_amount,
       case when money_taken is not null then only_currency end as currency,
       coalesce(stayed, 0) / 60::double as total_minutes,
       earliest as first_session,
       latest as last_session
from summed cross join money left join names on named_id = whose
