/*---
title: Customer events in the period
description: The customer_events of a period, country and device type, with local day and visit.
details:
  - A visit has one session_id. Without one, a visit is one customer, or a single event of a guest.
params:
  start_date: { description: Start of the period, role: period_start, example: "2025-01-01" }
  end_date: { description: End of the period; a bare date includes the whole day, role: period_end, example: "2025-12-31" }
  country: { description: "Only events from this country, as in the file (case-insensitive)", example: US }
  device_type: { description: Only events on this device type (case-insensitive), example: mobile }
columns:
  day: { description: Local day }
  event_type: { description: Event type }
  customer_id: { description: Customer ID; empty for a guest }
  session_id: { description: Visit ID from the file }
  loner: { description: "Replacement visit ID for events without session_id: one per customer and day, or per event of a guest" }
  device: { description: "Device type, or \"unknown\"" }
  place: { description: "Country, or \"unknown\"" }
  spent: { description: Money brought in; negative for a refund, unit: currency }
  has_view: { description: "1 for a view", unit: count }
  has_cart: { description: "1 for an addition to the cart", unit: count }
  has_purchase: { description: "1 for a purchase", unit: count }
---*/
select day, event_type, customer_id, session_id,
       case when session_id is null then coalesce('customer ' || customer_id, 'event ' || event_id) end as loner,
       coalesce(device_type, 'unknown') as device, coalesce(country, 'unknown') as place,
       spent_amount(event_type, price, quantity) as spent,
       case when is_view(event_type) then 1 else 0 end as has_view,
       case when is_cart(event_type) then 1 else 0 end as has_cart,
       case when is_purchase(event_type, quantity) then 1 else 0 end as has_purchase
from customer_events
join event_days on quarter = idiv(epoch_s(event_timestamp), 900)
where ($start_date::timestamp is null or event_timestamp >= $start_date::timestamp)
  and ($end_date::timestamp is null or event_timestamp <= $end_date::timestamp)
  and ($country::varchar is null or equals_ci(country, $country::varchar))
  and ($device_type::varchar is null or equals_ci(device_type, $device_type::varchar))
