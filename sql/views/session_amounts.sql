/*---
title: Sessions with converted amounts
description: All charging_sessions, each with its amount in the currency of the answer.
details:
  - An amount in another currency is converted at the rate of the day the session starts (UTC), and rounded to 6 decimals.
  - An amount without a currency counts as one in the base currency.
  - Without a rate, amount is empty, and amount_paid still has the amount in its own currency.
---*/
select session_id, station_id, connector_id, site_id, user_id, rfid, rfid_name, tariff_id, location, currency,
       start_time, end_time, energy_kwh, status, stop_reason, amount_paid,
       case when foreign_currency is null then amount_paid else converted_amount(amount_paid, multiplier, divisor) end as amount
from charging_sessions
  left join foreign_currencies on foreign_currency = currency
  left join conversion_rates on rate_currency = currency and rate_day = cast(start_time as date)
