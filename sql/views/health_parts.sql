/*---
title: Health parts
description: >-
  The five parts of the health score over the days before as_of, each a share of good in whole, empty where there is nothing to
  judge. connectivity, weight 0.25: charge points in service that are online, of those ever heard. uptime, weight 0.25: mean
  uptime of the ports by the formula of 23 CFR 680.116(b), the federal rule for publicly funded chargers in the US, with
  days for its twelve months: (minutes - (minutes of outage - minutes excluded)) / minutes; minutes are excluded where the event
  an outage began with says that it is outside the operator's control. session_success_rate, weight 0.25: completed of all
  ended sessions, the charging success rate as ChargeX and NOW name it, over sessions instead of attempts. firmware_compliance,
  weight 0.10: charge points in service that run the newest release approved for their model, of those whose firmware is known
  and whose model has one. billing_accuracy, weight 0.15: completed sessions with an amount, meter readings or a dispute that
  are neither disputed, unless the dispute was rejected, nor found by meter_contradiction or tariff_contradiction. The weights
  are ours: what drivers meet first weighs most. Columns: part, weight, good, whole, counted (what good and whole count).
---*/
with connectivity as (
  select count(*) filter (where online) as good_count, count(online) as whole_count from fleet
),
uptime as (
  select coalesce(sum(uptime_percent), 0) / 100::double as good_count, count(uptime_percent) as whole_count from port_uptime
),
recent as (
  select session_id, is_completed(start_time, end_time, energy_kwh, status) as completed,
         amount_paid is not null or meter_stop - meter_start is not null as can_be_judged
  from sessions_chosen
  where end_time <= $as_of::timestamp
    and end_time > seconds_after($as_of::timestamp, -86400 * $days::bigint)
),
disputed as (
  select session_id
  from billing_disputes
  where created_at <= $as_of::timestamp
    and session_id is not null
    and not coalesce(same_word(status, 'rejected'), false)
),
contradicted as (
  select session_id from meter_contradiction where created_at > seconds_after($as_of::timestamp, -86400 * $days::bigint)
  union all
  select session_id from tariff_contradiction where created_at > seconds_after($as_of::timestamp, -86400 * $days::bigint)
),
sessions as (
  select count(*) as ended,
         count(*) filter (where completed) as done,
         count(*) filter (where completed and (can_be_judged or session_id in (select session_id from disputed))) as judged,
         count(*) filter (where completed and (session_id in (select session_id from disputed) or session_id in (select session_id from contradicted))) as doubtful
  from recent
),
approved_releases as (
  select model, max_by(firmware_version, released_at) as newest
  from firmware_releases
  where approved and released_at <= $as_of::timestamp
  group by model
),
running as (
  select station_id, max_by(firmware, since) as latest_firmware
  from firmware_installed
  where station_id in (select station_id from fleet)
  group by station_id
),
firmware as (
  select count(*) filter (where latest_firmware = newest) as good_count, count(*) as whole_count
  from running
    join charge_points on running.station_id = charge_points.station_id
    join approved_releases on charge_points.model = approved_releases.model
)
select 'connectivity' as part, 0.25::double as weight, good_count::double as good, whole_count as whole, 'charge points online' as counted from connectivity
union all
select 'uptime' as part, 0.25::double as weight, good_count as good, whole_count as whole, 'ports, each by its uptime' as counted from uptime
union all
select 'session_success_rate' as part, 0.25::double as weight, done::double as good, ended as whole, 'ended sessions completed' as counted from sessions
union all
select 'firmware_compliance' as part, 0.1::double as weight, good_count::double as good, whole_count as whole, 'charge points on the approved firmware' as counted from firmware
union all
select 'billing_accuracy' as part, 0.15::double as weight, (judged - doubtful)::double as good, judged as whole, 'completed sessions billed without a doubt' as counted from sessions
