/*---
title: Health score parts
description: The five parts of the health score over the days before as_of, or since a time, each as good / whole. A part is empty without data.
details:
  - "connectivity, weight 0.25: charge points in service that are online, among those ever heard from."
  - >-
    uptime, weight 0.25: mean uptime of the ports by 23 CFR 680.116(b), with days instead of twelve months: (minutes - (outage
    minutes - excluded minutes)) / minutes.
  - Minutes of outage are excluded if the event that started the outage marks it as outside the operator's control.
  - >-
    session_success_rate, weight 0.25: completed sessions among all ended sessions; the charging success rate of ChargeX and NOW,
    per session instead of per attempt.
  - >-
    firmware_compliance, weight 0.10: charge points in service that run the newest release approved for their model, if their
    firmware is known and their model has one.
  - >-
    billing_accuracy, weight 0.15: completed sessions that are not disputed, or whose dispute was rejected, and not found by
    meter_contradiction or tariff_contradiction.
  - Billing accuracy covers sessions with an amount, meter readings or a dispute.
  - "The weights are our own choice: what drivers notice first weighs most."
  - "Columns: part, weight, good, whole, counted (the unit of good and whole)."
---*/
with connectivity as (
  select count(*) filter (where online) as good_count, count(online) as whole_count from fleet
),
uptime as (
  -- Integers, so that the sum does not depend on the order of the ports.
  select round(coalesce(sum(round(uptime_percent * 100000000)::bigint), 0) / 10000000000::double, 6) as good_count, count(uptime_percent) as whole_count from port_uptime
),
recent_sessions as (
  select session_id, is_completed(start_time, end_time, energy_kwh, status) as completed,
         amount_paid is not null or (meter_start is not null and meter_stop is not null) as has_billing_data
  from filtered_sessions
  where end_time <= $as_of::timestamp
    and end_time > days_start($as_of::timestamp, $days::bigint, $since::timestamp)
),
disputed as (
  select session_id
  from billing_disputes
  where created_at <= $as_of::timestamp
    and session_id is not null
    and not coalesce(equals_ci(status, 'rejected'), false)
),
contradictory as (
  select session_id from meter_contradiction where created_at > days_start($as_of::timestamp, $days::bigint, $since::timestamp)
  union all
  select session_id from tariff_contradiction where created_at > days_start($as_of::timestamp, $days::bigint, $since::timestamp)
),
judged_sessions as (
  select session_id, completed, is_disputed, completed and (has_billing_data or is_disputed) as billed
  from (select session_id, completed, has_billing_data, session_id in (select session_id from disputed) as is_disputed from recent_sessions) as marked
),
session_counts as (
  select count(*) as ended_count,
         count(*) filter (where completed) as completed_count,
         count(*) filter (where billed) as billed_count,
         count(*) filter (where billed and (is_disputed or session_id in (select session_id from contradictory))) as disputed_count
  from judged_sessions
),
approved_releases as (
  select model, max_by(firmware_version, released_at) as newest
  from firmware_releases
  where approved and released_at <= $as_of::timestamp
  group by model
),
installed as (
  select station_id, max_by(firmware, since) as latest_firmware
  from firmware_installed
  where station_id in (select station_id from fleet)
  group by station_id
),
firmware as (
  select count(*) filter (where latest_firmware = newest) as good_count, count(*) as whole_count
  from installed
    join charge_points on installed.station_id = charge_points.station_id
    join approved_releases on charge_points.model = approved_releases.model
)
select 'connectivity' as part, 0.25::double as weight, good_count::double as good, whole_count as whole, 'charge points online' as counted from connectivity
union all
select 'uptime' as part, 0.25::double as weight, good_count as good, whole_count as whole, 'ports, each by its uptime' as counted from uptime
union all
select 'session_success_rate' as part, 0.25::double as weight, completed_count::double as good, ended_count as whole, 'ended sessions completed' as counted from session_counts
union all
select 'firmware_compliance' as part, 0.1::double as weight, good_count::double as good, whole_count as whole, 'charge points on the approved firmware' as counted from firmware
union all
select 'billing_accuracy' as part, 0.15::double as weight, (billed_count - disputed_count)::double as good, billed_count as whole, 'completed sessions billed without a doubt' as counted from session_counts
