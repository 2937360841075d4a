/*---
title: Shop events in the period
description: >-
  The customer_events of a period, a country and a kind of device, with the local day they fell on and the visit they belong
  to: what bears one session_id, or where there is none one customer, or a single event of a guest.
params:
  start_date: { description: First moment of the period, role: period_start, example: "2025-01-01" }
  end_date: { description: Last moment of the period; a bare date counts whole, role: period_end, example: "2025-12-31" }
  country: { description: "Only events from this country, as the file has it, whatever the case of its letters", example: US }
  device_type: { description: "Only events on this kind of device, whatever the case of its letters", example: mobile }
columns:
  day: { description: Local day }
  event_type: { description: What it was }
  customer_id: { description: Who did it; none for a guest }
  session_id: { description: Visit as the file has it }
  loner: { description: "Visit of an event without session_id: its customer's of the day, or a guest's single event" }
  device: { description: "Kind of device, or unknown" }
  place: { description: "Country, or unknown" }
  spent: { description: Money it brought; negative for a refund, unit: currency }
  has_view: { description: 1 for a view, unit: count }
  has_cart: { description: 1 for something put into the cart, unit: count }
  has_purchase: { description: 1 for a purchase, unit: count }
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
  and ($country::varchar is null or same_word(country, $country::varchar))
  and ($device_type::varchar is null or same_word(device_type, $device_type::varchar))
