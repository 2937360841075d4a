/*---
title: Health score
description: >-
  The state of the network at as_of in one number from 0 to 100. It is the weighted mean of five parts: connectivity
  (weight 25 %), uptime (25 %), session success rate (25 %), firmware compliance (10 %) and billing accuracy (15 %), each the
  share of what is good in percent, over the days before as_of where it is about time. A part without data is empty and leaves the
  mean; so is the score without any. Above 80 is healthy, below 60 needs attention. How each part is counted stands with
  health_parts; --explain shows what went into it.
http: [/api/v1/analytics/health-score, /v0/pipes/health_score.json]
columns:
  score: { description: "Weighted mean of the parts that have data, in whole percent", unit: percent, nullable: true }
  calculated_at: { description: "Moment the score holds for, UTC" }
  connectivity: { description: "Charge points online, of those in service that were ever heard", unit: percent, nullable: true }
  uptime: { description: "Mean uptime of the ports by 23 CFR 680.116(b), over the days before", unit: percent, nullable: true }
  session_success_rate: { description: "Completed sessions, of those that ended in the days before", unit: percent, nullable: true }
  firmware_compliance: { description: "Charge points that run the newest approved release, of those of which it can be said", unit: percent, nullable: true }
  billing_accuracy: { description: "Completed sessions of the days before without dispute or contradiction, of those of which it can be said", unit: percent, nullable: true }
  charge_points_total: { description: Charge points in service, unit: count }
  charge_points_online: { description: Charge points in service that are online, unit: count }
  charge_points_faulted: { description: "Charge points in service that are faulted, or one of whose connectors is; online or not", unit: count }
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
explain: health_score_parts
---*/
with shares as (select part, weight, good / nullif(whole, 0)::double as share from health_parts),
scores as (
  select round(100 * coalesce(sum(weight * share), 0) / nullif(coalesce(sum(weight) filter (where share is not null), 0), 0)::double)::bigint as score,
         round(100 * max(share) filter (where part = 'connectivity'))::bigint as connectivity,
         round(100 * max(share) filter (where part = 'uptime'))::bigint as uptime,
         round(100 * max(share) filter (where part = 'session_success_rate'))::bigint as session_success_rate,
         round(100 * max(share) filter (where part = 'firmware_compliance'))::bigint as firmware_compliance,
         round(100 * max(share) filter (where part = 'billing_accuracy'))::bigint as billing_accuracy
  from shares
),
points as (
  select count(*) as known, count(*) filter (where online) as connected, count(*) filter (where is_faulted) as broken
  from fleet
)
select score, $as_of::timestamp as calculated_at, connectivity, uptime, session_success_rate, firmware_compliance, billing_accuracy,
       known as charge_points_total, connected as charge_points_online, broken as charge_points_faulted
from scores cross join points
