/*---
title: Inactive users
summary: Users who stopped charging
description: Users who used to charge, but have not in the last inactive_days days, with what they used before.
details:
  - >-
    A user is inactive with at least min_sessions sessions by as_of, and none that started in the last inactive_days days. Only the
    selected charge point and site count.
  - All sessions count, including failed and active ones. Sessions without a user do not.
  - >-
    usual_days_between is the median of the days from one session start to the next. A user whose days_since_last is far above it
    has probably left.
http: /v0/pipes/inactive_users.json
params:
  as_of: { description: "Point in time the report is computed for; later sessions are ignored; default: now", role: now, example: "2025-12-31 12:00:00" }
  min_sessions: { description: "Minimum number of sessions by as_of", default: 3, min: 1, max: 1000000 }
  inactive_days: { description: Days before as_of without a session, default: 30, min: 1, max: 3660 }
columns:
  user_id: { description: User }
  total_sessions: { description: Sessions by as_of, unit: count }
  latest_session: { description: Start of the last session }
  days_since_last: { description: Whole days from the start of the last session to as_of, unit: days }
  usual_days_between: { description: "Median days between session starts, to one decimal; empty for a single session", unit: days, nullable: true }
  total_energy_consumed: { description: Energy delivered, unit: kWh }
  total_amount_spent: { description: Amount paid; empty if no session has an amount, unit: currency, nullable: true }
  first_session: { description: Start of the first session }
  currency: { description: Currency of the amounts, nullable: true }
key: [user_id]
total: [total_sessions, total_energy_consumed, total_amount_spent]
sort:
  default: -total_sessions
  allow: [user_id, total_sessions, latest_session, days_since_last, usual_days_between, total_energy_consumed, total_amount_spent, first_session]
page: { kind: limit, default: 100, max: 1000000 }
answer: { shape: tinybird }
notes: [lapsed_amount_notes]
chart: { kind: hbar, x: user_id, y: total_sessions, more: [days_since_last, usual_days_between] }
---*/
with gaps as (
  select user_id as gap_user,
         epoch_s(start_time) - lag(epoch_s(start_time), 1, null) over (partition by user_id order by start_time) as gap_seconds
  from filtered_sessions
  where start_time <= $as_of::timestamp
    and user_id in (select lapsed_id from lapsed_users)
    and ($currency::varchar is null or currency = $currency::varchar)
),
habits as (
  select gap_user, round(quant(gap_seconds, 0.5) / 86400::double, 1) as usual_gap
  from gaps
  where gap_seconds is not null
  group by gap_user
)
select lapsed_id as user_id,
       sessions as total_sessions,
       last_start as latest_session,
       days_between(last_start, $as_of::timestamp) as days_since_last,
       usual_gap as usual_days_between,
       coalesce(total_energy, 0) as total_energy_consumed,
       total_amount as total_amount_spent,
       first_start as first_session,
       answer_currency as currency
from lapsed_users cross join answer_currency left join habits on gap_user = lapsed_id
