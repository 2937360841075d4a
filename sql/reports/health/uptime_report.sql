/*---
title: Uptime report
description: >-
  Share of the time charge points could be used, by one of three definitions. A charge point is down while it is offline (a
  disconnect, or silence for two heartbeat intervals), faulted or unavailable as a whole, or all its connectors are faulted or
  unavailable; each moment counts once, however many causes it has. Counted is the period cut to the time in service: from the
  first thing heard, or opened_at where that is later, to closed_at, and never beyond as_of. period = 1 - downtime / period,
  nothing excluded; without from the 30 days before to or as_of. nevi = United States, 23 CFR 680.116(b), above 97 % required:
  per port (the connectors of one evse_id, or one connector), (T_total - (T_outage - T_excluded)) / T_total; without from the
  twelve months before to or as_of, T_total being their actual minutes, 525,600 save in a leap year. T_excluded is only what
  events mark as excluded (power cut, fault of the vehicle, scheduled maintenance, vandalism, natural disaster); hours outside
  the site's opening times, which the rule excludes too, and whether a port delivers its minimum power, which it demands, are
  not judged. uk2023 = United Kingdom, Public Charge Point Regulations 2023, regulation 7, 99 % required of the network:
  charge points of 50 kW and more, (M - mean downtime - mean exempt) / (M - mean exempt), M being the mean minutes in service and
  exempt the minutes marked excluded; without from the calendar year of to or as_of in the zone, up to there. The regulations
  measure EVSE statuses and do not measure unknown and blocked ones, which here are not down either, and being offline is; access
  hours are not judged. Where an outage that is excluded and one that is not lie over each other, the time is downtime.
  Charge points nothing was heard of in or before the period, or not in service in it, are left out.
http: [/api/v1/analytics/fleet/uptime, /v0/pipes/uptime_report.json]
params:
  from: { description: "First moment of the period; without it 30 days (period), twelve months (nevi) or the calendar year (uk2023)", role: period_start, example: "2025-01-01" }
  to: { description: Last moment of the period; a bare date counts whole; as_of without it, role: period_end, example: "2025-01-31" }
  definition: { description: "What uptime is: 1 - downtime / period, 23 CFR 680.116(b) per port, or the UK regulations of 2023", choices: [period, nevi, uk2023], default: period }
  project_id: { description: Only the charge points of this site, example: site_03 }
  as_of: { description: Moment up to which time counts and events are known; now without it, role: now, example: "2025-12-31 12:00:00" }
  tz: { description: IANA time zone of dates and of the calendar year, role: time_zone, default: UTC, example: Europe/Berlin }
columns:
  charge_point_id: { description: Charge point }
  charge_point_name: { description: "Its name, or its id where no name is known" }
  site_id: { description: Site it stands at, nullable: true }
  port_id: { description: "Port under nevi; empty under the others, and where no connector is known", nullable: true }
  uptime_percent: { description: "Uptime by the definition; empty where all time is exempt", unit: percent, nullable: true }
  downtime_minutes: { description: "Time down that counts; T_outage - T_excluded under nevi", unit: minutes }
  excluded_minutes: { description: "Time down that does not count: T_excluded under nevi, exempt under uk2023, 0 under period", unit: minutes }
  period_minutes: { description: "Time in service in the period; T_total under nevi, M under uk2023", unit: minutes }
  counted_from: { description: "First moment counted, UTC" }
  counted_to: { description: "End of what is counted, UTC" }
key: [charge_point_id, port_id]
sort: { default: uptime_percent, allow: [charge_point_id, charge_point_name, site_id, uptime_percent, downtime_minutes, excluded_minutes, period_minutes] }
page: { kind: limit, default: 1000, max: 1000000 }
answer:
  shape: list
  key: chargers
  echo: [from, to, definition]
  totals:
    network_uptime_percent: >-
      100 * (avg(period_minutes) - avg(downtime_minutes) - case when $definition::varchar = 'uk2023' then avg(excluded_minutes) else 0 end)
      / nullif(avg(period_minutes) - case when $definition::varchar = 'uk2023' then avg(excluded_minutes) else 0 end, 0)::double
    downtime_minutes: coalesce(sum(downtime_minutes), 0)
    excluded_minutes: coalesce(sum(excluded_minutes), 0)
chart: { kind: bar, x: charge_point_name, y: uptime_percent }
---*/
with last_moment as (
  select coalesce($to::timestamp, seconds_after($as_of::timestamp, -0.000001)) as last_at
),
-- The year begins with the first quarter-hour that has its date in the zone; no zone is more than 15 hours from UTC.
new_year as (
  select bucket_of_date('year', local_date_of_epoch(epoch_s(last_at), $tz::varchar)) as first_day, unnest(range(-60, 61)) * 900 as seconds
  from last_moment
  where $definition::varchar = 'uk2023'
),
year_of as (
  select min(seconds_after(first_day::timestamp, seconds)) as year_from
  from new_year
  where local_date_of_epoch(epoch_s(first_day::timestamp) + seconds, $tz::varchar) >= first_day
),
ending as (
  select least(seconds_after(last_at, 0.000001), $as_of::timestamp) as ends
  from last_moment
),
bounds as (
  select case when $from::timestamp is not null then $from::timestamp
              when $definition::varchar = 'uk2023' then year_from
              when $definition::varchar = 'nevi' then ends - interval 12 month
              else ends - interval 30 day end as starts,
         ends
  from ending cross join year_of
),
named as (
  select station_id as named_id, charge_point_name as given_name, charge_points.site_id as site,
         coalesce(power_kw, (select max(connectors.power_kw) from connectors where connectors.station_id = charge_points.station_id)) as most_kw
  from charge_points
),
units as (
  select station_id, case when $definition::varchar = 'nevi' then port_id end as port, min(served_from) as since, min(served_to) as until
  from ports
  group by station_id, case when $definition::varchar = 'nevi' then port_id end
),
in_service as (
  select station_id, port, greatest(starts, since) as begins, least(ends, coalesce(until, ends)) as finishes
  from units cross join bounds
  where greatest(starts, since) < least(ends, coalesce(until, ends))
    and ($definition::varchar <> 'uk2023' or station_id in (select named_id from named where most_kw >= 50))
),
cut as (
  select in_service.station_id as lost_id, port as lost_port, micros_of(least(down_to, finishes)) - micros_of(greatest(down_from, begins)) as part,
         is_excluded and $definition::varchar <> 'period' as not_counted
  from downtimes join in_service on downtimes.station_id = in_service.station_id and coalesce(downtimes.port_id, '') = coalesce(port, '')
  where is_port = ($definition::varchar = 'nevi') and down_from < finishes and down_to > begins
),
lost as (
  select lost_id, lost_port,
         coalesce(sum(part) filter (where not not_counted), 0) as counted_micros,
         coalesce(sum(part) filter (where not_counted), 0) as exempt_micros
  from cut
  group by lost_id, lost_port
),
measured as (
  select station_id, port, begins, finishes, micros_of(finishes) - micros_of(begins) as whole,
         coalesce(counted_micros, 0) as counted, coalesce(exempt_micros, 0) as exempt
  from in_service left join lost on lost_id = station_id and coalesce(lost_port, '') = coalesce(port, '')
)
select station_id as charge_point_id,
       coalesce(given_name, station_id) as charge_point_name,
       site as site_id,
       port as port_id,
       case when $definition::varchar = 'uk2023' then 100 * (whole - counted - exempt) / nullif(whole - exempt, 0)::double
            else 100 * (whole - counted) / nullif(whole, 0)::double end as uptime_percent,
       counted / 60000000::double as downtime_minutes,
       exempt / 60000000::double as excluded_minutes,
       whole / 60000000::double as period_minutes,
       begins as counted_from,
       finishes as counted_to
from measured left join named on named_id = station_id
