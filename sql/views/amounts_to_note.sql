/*---
title: Amounts to note
description: A row if any session has an amount that is not in the currency of the answer, or has no currency; whatever is selected.
columns:
  note_currency: { description: Currency of sessions, nullable: true }
---*/
select foreign_currency as note_currency from foreign_currencies
union all
select currency as note_currency from charging_sessions where currency is null and amount_paid is not null group by currency
