/*---
title: Days of ports
description: Time in service and downtime of every port on each local day of the period.
details:
  - >-
    Days between the first and the last on which any port is in service have a row with an empty station_id if no port is in
    service on them.
  - "Columns: station_id, port_id, day, served_micros, down_micros, excluded_micros."
---*/
with extent as (
  select local_date_of_epoch(idiv(min(starts), 1000000), $tz::varchar) as first_day,
         local_date_of_epoch(idiv(max(ends) - 1, 1000000), $tz::varchar) as last_day
  from ports_in_service
),
numbers as (
  select first_day, unnest(range(0, bounded_buckets(date_diff('day', first_day, last_day) + 1))) as n
  from extent
  where first_day is not null
),
days as (
  select n as day_number, bucket_of_date('day', first_day + interval (n) day) as day,
         epoch_of_local_date(first_day + interval (n) day, $tz::varchar) * 1000000 as day_start,
         epoch_of_local_date(first_day + interval (n + 1) day, $tz::varchar) * 1000000 as day_end
  from numbers
),
service_numbers as (
  select station_id, port_id, starts, ends,
         unnest(range(date_diff('day', first_day, local_date_of_epoch(idiv(starts, 1000000), $tz::varchar)),
                      date_diff('day', first_day, local_date_of_epoch(idiv(ends - 1, 1000000), $tz::varchar)) + 1)) as n
  from ports_in_service cross join extent
),
served as (
  select station_id, port_id, n as served_number, sum(least(ends, day_end) - greatest(starts, day_start)) as served_time
  from service_numbers join days on day_number = n
  group by station_id, port_id, n
),
down_numbers as (
  select station_id, port_id, is_excluded, down_start, down_end,
         unnest(range(date_diff('day', first_day, local_date_of_epoch(idiv(down_start, 1000000), $tz::varchar)),
                      date_diff('day', first_day, local_date_of_epoch(idiv(down_end - 1, 1000000), $tz::varchar)) + 1)) as n
  from port_downtimes_in_period cross join extent
),
lost as (
  select station_id, port_id, n as lost_number, sum(least(down_end, day_end) - greatest(down_start, day_start)) as down_time,
         sum(case when is_excluded then least(down_end, day_end) - greatest(down_start, day_start) else 0 end) as excluded_time
  from down_numbers join days on day_number = n
  group by station_id, port_id, n
)
select served.station_id as station_id, served.port_id as port_id, day, coalesce(served_time, 0) as served_micros,
       coalesce(down_time, 0) as down_micros, coalesce(excluded_time, 0) as excluded_micros
from days
  left join served on served_number = day_number
  left join lost on lost.station_id = served.station_id and coalesce(lost.port_id, '') = coalesce(served.port_id, '') and lost_number = served_number
where day_end > day_start
