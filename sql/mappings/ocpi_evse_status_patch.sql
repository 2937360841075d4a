/*---
title: OCPI 2.2.1 EVSE PATCH of the status
description: A PATCH that changes the status of an EVSE and nothing else. Which EVSE is said in the address of the request alone, so every row goes to quarantine for want of its charge point.
source: charge_point_events
recognise: [status, last_updated]
alone: true
---*/
select "uid" as station_id,
       'status' as event_type,
       "status" as status,
       "last_updated" as event_time
from input
