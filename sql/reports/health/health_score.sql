/*---
title: Health score
summary: "State of the network, 0 to 100"
description: The state of the network at as_of as a score from 0 to 100. Above 80 is healthy, below 60 needs attention.
details:
  - >-
    The score is a weighted mean of connectivity (25 %), uptime (25 %), session success rate (25 %), firmware compliance (10 %)
    and billing accuracy (15 %).
  - >-
    Each part is a percentage. Uptime, sessions and bills are judged over the days before as_of, or since a later time. Charge points
    count as they are at as_of, whenever they were last heard from.
  - A part without data is empty and not part of the mean. The score is empty if all parts are.
  - health_parts defines how each part is computed; --explain shows the numbers.
http: [/api/v1/analytics/health-score, /v0/pipes/health_score.json]
scan_from: days_start($as_of::timestamp, $days::bigint, $since::timestamp)
columns:
  score: { description: "Weighted mean of the parts that have data, as a whole percentage", unit: percent, nullable: true }
  calculated_at: { description: "Time the score is for, UTC" }
  connectivity: { description: Share of charge points in service and ever heard from that are online, unit: percent, nullable: true }
  uptime: { description: "Average port uptime over the days before as_of, by 23 CFR 680.116(b)", unit: percent, nullable: true }
  session_success_rate: { description: Share of sessions ended in the days before as_of that are completed, unit: percent, nullable: true }
  firmware_compliance: { description: "Share of charge points that run the newest approved release, among those that can be judged", unit: percent, nullable: true }
  billing_accuracy: { description: "Share of completed sessions without a dispute or contradiction in the days before as_of, among those that can be judged", unit: percent, nullable: true }
  charge_points_total: { description: Charge points in service, unit: count }
  charge_points_online: { description: Charge points in service that are online, unit: count }
  charge_points_faulted: { description: "Charge points in service that are faulted or have a faulted connector, whether online or not", unit: count }
key: [calculated_at]
sort: { default: calculated_at, allow: [calculated_at] }
page: { kind: none }
answer:
  shape: object
  nest:
    breakdown:
      connectivity: connectivity
      uptime: uptime
      session_success_rate: session_success_rate
      firmware_compliance: firmware_compliance
      billing_accuracy: billing_accuracy
chart: { kind: number, value: score, levels: [60, 80], better: up, more: [charge_points_online, charge_points_total] }
explain: health_score_parts
---*/
-- Rounded twice, because sums of inexact numbers miss a half: 57.5 may be 57.499999999999996.
with shares as (select part, weight, good / nullif(whole, 0)::double as share from health_parts),
scores as (
  select round(round(100 * coalesce(sum(weight * share), 0) / nullif(coalesce(sum(weight) filter (where share is not null), 0), 0)::double, 9))::bigint as score,
         round(100 * max(share) filter (where part = 'connectivity'))::bigint as connectivity,
         round(100 * max(share) filter (where part = 'uptime'))::bigint as uptime,
         round(100 * max(share) filter (where part = 'session_success_rate'))::bigint as session_success_rate,
         round(100 * max(share) filter (where part = 'firmware_compliance'))::bigint as firmware_compliance,
         round(100 * max(share) filter (where part = 'billing_accuracy'))::bigint as billing_accuracy
  from shares
),
points as (
  select count(*) as point_count, count(*) filter (where online) as online_count, count(*) filter (where is_faulted) as faulted_count
  from fleet
)
select score, $as_of::timestamp as calculated_at, connectivity, uptime, session_success_rate, firmware_compliance, billing_accuracy,
       point_count as charge_points_total, online_count as charge_points_online, faulted_count as charge_points_faulted
from scores cross join points
