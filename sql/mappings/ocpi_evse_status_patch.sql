/*---
title: OCPI 2.2.1 EVSE PATCH of the status
description: A PATCH that changes only the status of an EVSE.
details:
  - "All rows are rejected: the EVSE is named only in the URL of the request, so the charge point is missing."
source: charge_point_events
detect_by: [status, last_updated]
exact_fields: true
---*/
select "uid" as station_id,
       'status' as event_type,
       "status" as status,
       "last_updated" as event_time
from input
