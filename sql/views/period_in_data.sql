/*---
title: Period within the data
description: The part of the period that lies between the first and the last session of all charge points; no row without sessions.
details:
  - With by=start, the first and last start are the limits, with by=end the first and last end, with by=spread all the time sessions ran.
  - All sessions of the table count, whatever is selected, so that the series of all charge points have the same dates.
params:
  from: { description: Start of the period, role: period_start, example: "2025-01-01" }
  to: { description: End of the period; a bare date includes the whole day, role: period_end, example: "2025-01-31" }
  by: { description: "How sessions are assigned to the period: by start, by end, or energy, money and time spread evenly over the session", choices: [start, end, spread], default: start }
columns:
  limit_from: { description: "First second; empty without from", unit: seconds, nullable: true }
  limit_to: { description: "Last second; empty without to", unit: seconds, nullable: true }
---*/
with limits as (
  select epoch_s(case $by::varchar when 'end' then first_end else first_start end) as first_second,
         case $by::varchar
           when 'start' then epoch_s(last_start)
           when 'end' then epoch_s(last_end)
           else greatest(epoch_s(last_start), coalesce(epoch_s(last_end) - 1, epoch_s(last_start)))
         end as last_second
  from session_extent
)
select case when epoch_s($from::timestamp) < first_second then first_second else epoch_s($from::timestamp) end as limit_from,
       case when epoch_s($to::timestamp) > last_second then last_second else epoch_s($to::timestamp) end as limit_to
from limits
where first_second is not null
