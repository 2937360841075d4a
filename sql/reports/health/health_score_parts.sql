/*---
title: Parts of the health score
description: >-
  What the health score is made of: each part with its weight and the two counts whose share it is. How each is counted stands
  with health_parts.
http: /v0/pipes/health_score_parts.json
columns:
  part: { description: Part of the health score }
  score: { description: Good in whole; empty where there is nothing to judge, unit: percent, nullable: true }
  good: { description: How many are good; of ports the sum of their uptimes }
  whole: { description: How many could be judged, unit: count }
  counted: { description: What is counted }
  weight: { description: Weight of the part in the score, unit: share }
key: [part]
sort: { default: -weight, allow: [part, score, good, whole, weight] }
page: { kind: none }
answer: { shape: list, key: data }
---*/
select part, 100 * good / nullif(whole, 0)::double as score, good, whole, counted, weight
from health_parts
