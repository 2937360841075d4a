/*---
title: Exchange rates of the European Central Bank
description: "The table of reference rates (eurofxref-hist.csv, eurofxref.csv): one row per day and one column per currency, for 1 euro."
details:
  - Each cell is a row. Empty cells and N/A, for days on which a currency has no rate, are skipped.
source: exchange_rates
detect_by: [Date, USD, JPY, GBP, CHF]
unpivot: { name: currency, value: rate }
null_values: { rate: [N/A] }
skip_when: rate is null
---*/
select "Date" as date,
       "currency" as currency,
       'EUR' as base,
       "rate" as rate
from input
