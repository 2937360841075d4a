/*---
title: Data extent
summary: Rows and period of each source
listing: helper
description: Rows imported into each source, from when to when, with its currencies, time zones, sites and charge points.
details:
  - Sources without rows are not listed, nor are sources of your own.
  - "first_at and last_at are the first and last value of time_column in UTC. They are empty if the source has no such column, or no row has a value."
  - Events of charge points from before 2008 are not in first_at, because the clock was not set. Reports leave them out.
  - The site of a session is its own, or else that of its charge point. Events and connectors have the site of their charge point.
  - A list has the first 5 names, and the number of further ones.
http: [/api/v1/analytics/data-extent, /v0/pipes/data_extent.json]
columns:
  source: { description: Source }
  row_count: { description: Rows of the source, unit: count }
  first_at: { description: "First time, UTC", nullable: true }
  last_at: { description: "Last time, UTC", nullable: true }
  currencies: { description: Currencies of its amounts or prices; empty if it has none, nullable: true }
  zones: { description: Time zones of the sites it names; empty if none is known, nullable: true }
  sites: { description: "Distinct sites it names, directly or by charge point; empty for a source without sites", unit: count, nullable: true }
  charge_points: { description: Distinct charge points it names; empty for a source without charge points, unit: count, nullable: true }
  time_column: { description: Column of first_at and last_at, nullable: true }
key: [source]
total: [row_count]
sort: { default: source, allow: [source, row_count, first_at, last_at, sites, charge_points] }
page: { kind: limit, default: 1000, max: 1000000 }
answer:
  shape: list
  key: data
  totals: { total_rows: "coalesce(sum(row_count), 0)" }
chart: { kind: hbar, x: source, y: row_count, more: [first_at, last_at], with: { sort: -row_count } }
---*/
with points as (select station_id as known_point, site_id as site_of_point from charge_points),
session_groups as (
  select station_id as point, site_id as own_site, currency, count(*) as group_rows, min(start_time) as first_time, max(start_time) as last_time
  from charging_sessions
  group by station_id, site_id, currency
),
event_groups as (
  select station_id as point, count(*) as group_rows, min(case when event_time >= timestamp '2008-01-01' then event_time end) as first_time, max(event_time) as last_time
  from charge_point_events
  where arrival_order is not null
  group by station_id
  union all
  select station_id as point, round(sum(heartbeat_count))::bigint as group_rows, min(case when first_at >= timestamp '2008-01-01' then first_at end) as first_time, max(last_at) as last_time
  from heartbeat_days
  group by station_id
),
-- One row per source, charge point, site and currency, as far as the source has them.
parts as (
  select 'charging_sessions' as origin, 'start_time' as time_name, point, coalesce(own_site, site_of_point) as site, currency as code, group_rows, first_time, last_time
  from session_groups left join points on known_point = point
  union all
  select 'charge_point_events' as origin, 'event_time' as time_name, point, site_of_point as site, null::varchar as code, group_rows, first_time, last_time
  from event_groups left join points on known_point = point
  union all
  select 'charge_points' as origin, 'opened_at' as time_name, station_id as point, site_id as site, null::varchar as code, 1::bigint as group_rows, opened_at as first_time, opened_at as last_time
  from charge_points
  union all
  select 'connectors' as origin, null::varchar as time_name, station_id as point, site_of_point as site, null::varchar as code, 1::bigint as group_rows, null::timestamp as first_time, null::timestamp as last_time
  from connectors left join points on known_point = station_id
  union all
  select 'sites' as origin, null::varchar as time_name, null::varchar as point, site_id as site, null::varchar as code, 1::bigint as group_rows, null::timestamp as first_time, null::timestamp as last_time
  from sites
  union all
  select 'issues' as origin, 'created_at' as time_name, station_id as point, site_of_point as site, null::varchar as code, 1::bigint as group_rows, created_at as first_time, created_at as last_time
  from issues left join points on known_point = station_id
  union all
  select 'tariffs' as origin, 'valid_from' as time_name, null::varchar as point, null::varchar as site, currency as code, count(*) as group_rows, min(valid_from) as first_time, max(valid_from) as last_time
  from tariffs
  group by currency
  union all
  select 'exchange_rates' as origin, 'date' as time_name, null::varchar as point, null::varchar as site, currency as code, count(*) as group_rows, min(date)::timestamp as first_time, max(date)::timestamp as last_time
  from exchange_rates
  group by currency
  union all
  select 'billing_disputes' as origin, 'created_at' as time_name, null::varchar as point, null::varchar as site, null::varchar as code, count(*) as group_rows, min(created_at) as first_time, max(created_at) as last_time
  from billing_disputes
  union all
  select 'customer_events' as origin, 'event_timestamp' as time_name, null::varchar as point, null::varchar as site, null::varchar as code, count(*) as group_rows, min(event_timestamp) as first_time, max(event_timestamp) as last_time
  from customer_events
  union all
  select 'customer_profiles' as origin, 'signup_date' as time_name, null::varchar as point, null::varchar as site, null::varchar as code, count(*) as group_rows, min(signup_date)::timestamp as first_time, max(signup_date)::timestamp as last_time
  from customer_profiles
  union all
  select 'customer_segments' as origin, 'creation_date' as time_name, null::varchar as point, null::varchar as site, null::varchar as code, count(*) as group_rows, min(creation_date)::timestamp as first_time, max(creation_date)::timestamp as last_time
  from customer_segments
  union all
  select 'firmware_releases' as origin, 'released_at' as time_name, null::varchar as point, null::varchar as site, null::varchar as code, count(*) as group_rows, min(released_at) as first_time, max(released_at) as last_time
  from firmware_releases
  union all
  select 'id_tags' as origin, null::varchar as time_name, null::varchar as point, null::varchar as site, null::varchar as code, count(*) as group_rows, null::timestamp as first_time, null::timestamp as last_time
  from id_tags
),
origins as (
  select origin, max(time_name) as time_of_rows, sum(group_rows) as total_rows, min(first_time) as earliest, max(last_time) as latest,
         count(distinct site) as site_count, count(distinct point) as point_count
  from parts
  group by origin
  having sum(group_rows) > 0
),
names as (
  select origin, 'currency' as kind, code as name
  from parts
  where code is not null
  group by origin, code
  union all
  select origin, 'zone' as kind, timezone as name
  from parts join sites on site_id = site
  where timezone is not null
  group by origin, timezone
),
numbered as (
  select origin, kind, name, row_number() over (partition by origin, kind order by name) as place, count(*) over (partition by origin, kind) as name_count
  from names
),
lists as (
  select origin as list_origin, kind,
         list_names(name) || case when max(name_count) > 5 then ' and ' || (max(name_count) - 5) || ' more' else '' end as words
  from numbered
  where place <= 5
  group by origin, kind
)
select origin as source,
       total_rows as row_count,
       earliest as first_at,
       latest as last_at,
       currency_list.words as currencies,
       zone_list.words as zones,
       case when origin in ('charging_sessions', 'charge_point_events', 'charge_points', 'connectors', 'issues', 'sites') then site_count end as sites,
       case when origin in ('charging_sessions', 'charge_point_events', 'charge_points', 'connectors', 'issues') then point_count end as charge_points,
       time_of_rows as time_column
from origins
  left join lists as currency_list on currency_list.list_origin = origin and currency_list.kind = 'currency'
  left join lists as zone_list on zone_list.list_origin = origin and zone_list.kind = 'zone'
