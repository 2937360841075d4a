/*---
title: Health score parts
summary: Parts of the health score
listing: helper
description: The parts of the health score, with their weights and the two counts each is computed from.
details:
  - health_parts defines how each part is computed.
http: /v0/pipes/health_score_parts.json
scan_from: days_start($as_of::timestamp, $days::bigint, $since::timestamp)
columns:
  part: { description: Part of the health score }
  score: { description: "Percentage: good / whole; empty without data", unit: percent, nullable: true }
  good: { description: "Number that are good; for ports, the sum of their uptimes" }
  whole: { description: Number that could be judged, unit: count }
  counted: { description: Unit that is counted }
  weight: { description: Weight of the part in the score, unit: share }
key: [part]
sort: { default: -weight, allow: [part, score, good, whole, weight] }
page: { kind: none }
answer: { shape: list, key: data }
---*/
select part, 100 * good / nullif(whole, 0)::double as score, good, whole, counted, weight
from health_parts
