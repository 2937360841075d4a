/*---
title: Sessions
summary: Sessions one by one
description: Sessions by station, user and period, newest first.
http: /v0/pipes/get_sessions.json
params:
  station_id: { description: Only this station, role: charge_point, example: cp_007 }
  user_id: { description: Only this user, example: user_0042 }
  start_date: { description: Earliest session start, role: period_start, example: "2025-01-01" }
  end_date: { description: Latest session start; a bare date includes the whole day, role: period_end, example: "2025-01-31" }
columns:
  session_id: { description: Session }
  station_id: { description: Station }
  user_id: { description: User, nullable: true }
  start_time: { description: "Start, UTC" }
  end_time: { description: "End, UTC; empty while the session is active", nullable: true }
  energy_consumed: { description: Energy delivered, unit: kWh, nullable: true }
  amount_paid: { description: Amount paid, unit: currency, nullable: true }
  charging_type: { description: AC or DC, nullable: true }
  location: { description: Location name, nullable: true }
  timestamp: { description: Version of the record }
  currency: { description: Currency of the amount, nullable: true }
  status: { description: Session status from the file, nullable: true }
  minutes: { description: Plugged-in time, unit: minutes, nullable: true }
  connector_id: { description: Connector, nullable: true }
  site_id: { description: Site, nullable: true }
  transaction_id: { description: Transaction, nullable: true }
key: [session_id]
sort:
  default: -start_time
  allow: [start_time, end_time, energy_consumed, amount_paid, minutes, timestamp]
page: { kind: limit, default: 100, max: 1000000 }
answer: { shape: tinybird }
---*/
select session_id, station_id, user_id, start_time, end_time, energy_kwh as energy_consumed, amount_paid,
       charging_type, location, "timestamp", currency, status,
       seconds_between(start_time, end_time) / 60::double as minutes,
       connector_id, site_id, transaction_id
from charging_sessions
where ($station_id::varchar is null or station_id = $station_id::varchar)
  and ($user_id::varchar is null or user_id = $user_id::varchar)
  and ($start_date::timestamp is null or start_time >= $start_date::timestamp)
  and ($end_date::timestamp is null or start_time <= $end_date::timestamp)
