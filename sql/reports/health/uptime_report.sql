/*---
title: Uptime report
summary: Uptime per charge point or port
listing: top
description: "Uptime per charge point or port, by one of three definitions: period, nevi (USA) or uk2023 (United Kingdom)."
details:
  - >-
    A charge point is down while it is offline, faulted or unavailable as a whole, or while all its connectors are faulted or
    unavailable. Overlapping causes count once.
  - "Only time in service counts: from the first event, or opened_at if later, to closed_at or as_of, within the period."
  - "period: 1 - downtime / period, with no exclusions. Without from: the 30 days before to or as_of."
  - "nevi: 23 CFR 680.116(b), which requires more than 97 %. Per port: (T_total - (T_outage - T_excluded)) / T_total."
  - "nevi, without from: the twelve months before to or as_of. T_total is their actual minutes, 525,600 except in a leap year."
  - >-
    nevi: T_excluded is only the time that events mark as excluded: power cut, vehicle fault, scheduled maintenance, vandalism,
    natural disaster.
  - >-
    nevi: not evaluated are hours outside the site's opening times, which the rule also excludes, and the minimum power per port,
    which it requires.
  - >-
    uk2023: Public Charge Point Regulations 2023, regulation 7, which requires 99 % for the network. Covers charge points of 50 kW
    and more.
  - >-
    uk2023: (M - mean downtime - mean exempt) / (M - mean exempt). M is the mean of minutes in service, exempt the minutes marked
    as excluded.
  - "uk2023, without from: the calendar year of to or as_of in the time zone, up to that time."
  - >-
    uk2023: the regulations measure EVSE statuses and ignore unknown and blocked ones. These are not downtime here either, but
    being offline is. Access hours are not evaluated.
  - If an excluded and a counted outage overlap, the time is downtime.
  - Charge points that were not in service in the period, or had no event by its end, are not listed.
http: [/api/v1/analytics/fleet/uptime, /v0/pipes/uptime_report.json]
params:
  from: { description: "Start of the period; default: 30 days (period), twelve months (nevi) or the calendar year (uk2023)", role: period_start, example: "2025-01-01" }
  to: { description: "End of the period; a bare date includes the whole day; default: as_of", role: period_end, example: "2025-01-31" }
  definition: { description: "Uptime definition: 1 - downtime / period, 23 CFR 680.116(b) per port, or the UK regulations of 2023", choices: [period, nevi, uk2023], default: period }
  project_id: { description: Only charge points of this site, role: site, example: site_03 }
  as_of: { description: "Point in time the report is computed for; later events are ignored; default: now", role: now, example: "2025-12-31 12:00:00" }
  tz: { description: IANA time zone of dates and of the calendar year, role: time_zone, default: UTC, example: Europe/Berlin }
# A day more than the period, whose start may be local.
scan_from: coalesce($from::timestamp, least_non_null($to::timestamp, $as_of::timestamp) - case when $definition::varchar = 'period' then interval 31 day else interval 367 day end)
columns:
  charge_point_id: { description: Charge point }
  charge_point_name: { description: "Name, or the ID if no name is known" }
  site_id: { description: Site of the charge point, nullable: true }
  port_id: { description: "Port under nevi; empty under the other definitions, and if no connector is known", nullable: true }
  uptime_percent: { description: Uptime by the chosen definition; empty if all time is exempt, unit: percent, nullable: true }
  downtime_minutes: { description: Counted downtime; T_outage - T_excluded under nevi, unit: minutes }
  excluded_minutes: { description: "Downtime that is not counted: T_excluded under nevi, exempt under uk2023, 0 under period", unit: minutes }
  period_minutes: { description: "Time in service in the period; T_total under nevi, M under uk2023", unit: minutes }
  counted_from: { description: "Start of the counted time, UTC" }
  counted_to: { description: "End of the counted time, UTC" }
key: [charge_point_id, port_id]
total: [downtime_minutes, excluded_minutes, period_minutes]
sort: { default: uptime_percent, allow: [charge_point_id, charge_point_name, site_id, uptime_percent, downtime_minutes, excluded_minutes, period_minutes] }
page: { kind: limit, default: 1000, max: 1000000 }
answer:
  shape: list
  key: chargers
  echo: [from, to, definition]
  totals:
    network_uptime_percent: >-
      round(100 * (avg(period_minutes) - avg(downtime_minutes) - case when $definition::varchar = 'uk2023' then avg(excluded_minutes) else 0 end)
      / nullif(avg(period_minutes) - case when $definition::varchar = 'uk2023' then avg(excluded_minutes) else 0 end, 0)::double, 3)
    downtime_minutes: coalesce(sum(downtime_minutes), 0)
    excluded_minutes: coalesce(sum(excluded_minutes), 0)
chart: { kind: hbar, x: charge_point_name, id: [charge_point_id, port_id], y: uptime_percent, levels: [97, 99.9], more: [downtime_minutes], opens: station }
---*/
with last_moment as (
  select coalesce($to::timestamp, seconds_after($as_of::timestamp, -0.000001)) as last_at
),
period_ends as (
  select least(seconds_after(last_at, 0.000001), $as_of::timestamp) as period_end,
         bucket_of_date('year', local_date_of_epoch(epoch_s(last_at), $tz::varchar)) as new_year
  from last_moment
),
period as (
  select case when $from::timestamp is not null then $from::timestamp
              when $definition::varchar = 'uk2023' then seconds_after(timestamp '1970-01-01', epoch_of_local_date(new_year, $tz::varchar))
              when $definition::varchar = 'nevi' then period_end - interval 12 month
              else period_end - interval 30 day end as period_start,
         period_end
  from period_ends
),
points as (
  select station_id, charge_point_name as name, charge_points.site_id as site,
         coalesce(power_kw, (select max(connectors.power_kw) from connectors where connectors.station_id = charge_points.station_id)) as max_power_kw
  from charge_points
),
-- A unit is a port for nevi, and a charge point for the other definitions.
units as (
  select station_id, case when $definition::varchar = 'nevi' then port_id end as port, min(served_from) as since, case when count(*) = count(served_to) then max(served_to) end as until
  from ports
  group by station_id, case when $definition::varchar = 'nevi' then port_id end
),
in_service as (
  select station_id, port, greatest(period_start, since) as starts, least(period_end, coalesce(until, period_end)) as ends
  from units cross join period
  where greatest(period_start, since) < least(period_end, coalesce(until, period_end))
    and ($definition::varchar <> 'uk2023' or station_id in (select station_id from points where max_power_kw >= 50))
),
clipped as (
  select in_service.station_id, port, epoch_micros(least(down_to, ends)) - epoch_micros(greatest(down_from, starts)) as down_micros,
         is_excluded and $definition::varchar <> 'period' as is_exempt
  from downtimes join in_service on downtimes.station_id = in_service.station_id and coalesce(downtimes.port_id, '') = coalesce(port, '')
  where is_port = ($definition::varchar = 'nevi') and down_from < ends and down_to > starts
),
lost as (
  select station_id, port,
         coalesce(sum(down_micros) filter (where not is_exempt), 0) as counted_micros,
         coalesce(sum(down_micros) filter (where is_exempt), 0) as exempt_micros
  from clipped
  group by station_id, port
),
measured as (
  select in_service.station_id, in_service.port, starts, ends, epoch_micros(ends) - epoch_micros(starts) as total,
         coalesce(counted_micros, 0) as counted, coalesce(exempt_micros, 0) as exempt
  from in_service left join lost on lost.station_id = in_service.station_id and coalesce(lost.port, '') = coalesce(in_service.port, '')
)
select measured.station_id as charge_point_id,
       coalesce(name, measured.station_id) as charge_point_name,
       site as site_id,
       port as port_id,
       case when $definition::varchar = 'uk2023' then 100 * (total - counted - exempt) / nullif(total - exempt, 0)::double
            else 100 * (total - counted) / nullif(total, 0)::double end as uptime_percent,
       counted / 60000000::double as downtime_minutes,
       exempt / 60000000::double as excluded_minutes,
       total / 60000000::double as period_minutes,
       starts as counted_from,
       ends as counted_to
from measured left join points on points.station_id = measured.station_id
