/*---
title: Currencies to convert
description: The currencies of the sessions other than that of the answer; none if the answer has only sessions paid in its currency.
columns:
  foreign_currency: { description: Currency of sessions }
  target_currency: { description: Currency of the answer }
---*/
select session_currency as foreign_currency, answer_currency as target_currency
from session_currencies cross join answer_currency
where session_currency <> answer_currency and $currency::varchar is null
