/*---
title: Currencies of the sessions
description: The currencies of all sessions in the table, whatever is selected, numbered by their number of sessions.
columns:
  session_currency: { description: Currency }
  currency_rank: { description: "1 for the currency of most sessions; on a tie, by code" }
---*/
-- The first and last code come from the table's statistics: most networks have one currency, and need no scan.
with extremes as (select min(currency) as first_currency, max(currency) as last_currency from charging_sessions),
several as (select true as has_currency from extremes where first_currency <> last_currency),
counts as (
  select currency, count(*) as sessions
  from charging_sessions join several on has_currency = (currency is not null)
  group by currency
)
select first_currency as session_currency, 1::bigint as currency_rank from extremes where first_currency = last_currency
union all
select currency as session_currency, row_number() over (order by sessions desc, currency) as currency_rank from counts
