/*---
title: Online in total
summary: Charge points online
listing: helper
description: Charge points in service at as_of, and how many of them are online or faulted, in one row.
details:
  - Charge points count as in health_score.
http: [/api/v1/status/online-total, /v0/pipes/online_total.json]
params:
  charge_point_id: { description: Only this charge point, role: charge_point, example: cp_007 }
  project_id: { description: Only charge points of this site, role: site, example: site_03 }
# Only what lasts at as_of.
scan_from: $as_of::timestamp
columns:
  calculated_at: { description: "Time the report is for, UTC" }
  charge_points_total: { description: Charge points in service, unit: count }
  charge_points_online: { description: Charge points in service that are online, unit: count }
  charge_points_faulted: { description: "Charge points in service that are faulted or have a faulted connector, whether online or not", unit: count }
key: [calculated_at]
sort: { default: calculated_at, allow: [calculated_at] }
page: { kind: none }
answer: { shape: object }
chart: { kind: number, value: charge_points_online, more: [charge_points_total, charge_points_faulted] }
---*/
select $as_of::timestamp as calculated_at,
       count(*) as charge_points_total,
       count(*) filter (where online) as charge_points_online,
       count(*) filter (where is_faulted) as charge_points_faulted
from fleet
