/*---
title: Currency of the answer
description: The currency of all amounts of an answer, in one row.
details:
  - "The requested currency, else the base currency: that of the settings, or else of most sessions in the table."
  - It is empty if neither is set and no session has a currency.
params:
  currency: { description: "Only sessions paid in this currency, whose amounts are not converted; default: all, in the base currency", role: currency, example: EUR }
  base_currency: { description: "Currency that amounts are converted to; default: the setting, else the currency of most sessions", role: base_currency, example: EUR }
columns:
  answer_currency: { description: Currency of the amounts, nullable: true }
---*/
select coalesce($currency::varchar, $base_currency::varchar, max(case when currency_rank = 1 then session_currency end)) as answer_currency
from session_currencies
