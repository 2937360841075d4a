/*---
title: Downtimes of ports in the period
description: Downtimes of ports, cut to their time in service within the period.
details:
  - "Columns: station_id, port_id, is_excluded, down_start, down_end (microseconds since 1970)."
---*/
select downtimes.station_id, downtimes.port_id, is_excluded, greatest(epoch_micros(down_from), starts) as down_start, least(epoch_micros(down_to), ends) as down_end
from downtimes join ports_in_service on downtimes.station_id = ports_in_service.station_id and coalesce(downtimes.port_id, '') = coalesce(ports_in_service.port_id, '')
where is_port and epoch_micros(down_from) < ends and epoch_micros(down_to) > starts
