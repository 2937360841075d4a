/*---
title: Exchange rates
description: One row per day and pair of currencies, such as the reference rates of the European Central Bank.
details:
  - 1 unit of base is worth rate units of currency.
  - The European Central Bank's table of all currencies (eurofxref-hist.csv) is imported as it is.
  - Rows without an update time replace earlier rows without one, and never replace rows that have one.
key: [date, currency, base]
version: last_updated
detect_by: [date, currency, base, rate]
columns:
  date: { description: Day of the rate, aliases: [rate_date, valid_on] }
  currency: { description: ISO 4217 code of the currency, format: currency, aliases: [currency_code, quote_currency, to_currency, target_currency] }
  base: { description: ISO 4217 code of the base currency, format: currency, aliases: [base_currency, from_currency, source_currency] }
  rate: { description: Units of currency for 1 unit of base; above 0, required: true, aliases: [exchange_rate, fx_rate] }
  last_updated:
    description: "Version of the row; default: 1970, so the last imported row wins"
    aliases: [updated_at, modified_at, timestamp]
    default: timestamp '1970-01-01'
checks:
  - { when: not rate > 0, column: rate, reason: is not above 0 }
  - { when: currency = base, column: currency, reason: is the base currency }
---*/
create table exchange_rates (
  date date not null,
  currency varchar not null,
  base varchar not null,
  rate double not null,
  last_updated timestamp not null
);
