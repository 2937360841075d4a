/*---
title: Charges of the Stripe API
description: Charge objects of the Stripe API, as JSON.
details:
  - A refunded amount is an event of its own, at the time of the first refund listed, else of the charge. Of a partial capture, Stripe refunds the rest.
  - Amounts are converted from minor units, such as cents. Events have no currency, so amounts in several currencies would be summed up.
  - Charges that failed or were not captured have types such as payment_failed.
  - The customer is the customer ID, else the email address. Events have the same IDs as those of the dashboard's CSV file.
source: customer_events
detect_by: [id, object, amount, amount_captured, amount_refunded, captured, created, currency, customer, payment_intent, refunded, status]
ignored_fields:
  [application, application_fee, application_fee_amount, balance_transaction, calculated_statement_descriptor, description,
   destination, dispute, disputed, failure_balance_transaction, failure_code, failure_message, fraud_details, invoice, level3, livemode,
   metadata, on_behalf_of, order, outcome, paid, payment_method, payment_method_details, presentment_details, radar_options,
   receipt_number, receipt_url, review, shipping, source, source_transfer, statement_descriptor, statement_descriptor_suffix,
   transfer, transfer_data, transfer_group]
unpivot: { name: amount_kind, value: amount_value, columns: [amount, amount_refunded] }
skip_when: >-
  "object" <> 'charge' or (amount_kind = 'amount_refunded' and (is_zero_amount("amount_value") or "captured" = 'false'))
tz: UTC
---*/
select case when amount_kind = 'amount_refunded' then "id" || '/refund' else "id" end as event_id,
       coalesce(member("customer", '$.id'), member("billing_details", '$.email'), "receipt_email") as customer_id,
       case when amount_kind = 'amount_refunded' then 'refund'
            when "status" = 'succeeded' and "captured" = 'false' then 'payment_uncaptured'
            when "status" = 'succeeded' then 'purchase'
            else 'payment_' || "status" end as event_type,
       case when amount_kind = 'amount_refunded' and json_valid("refunds") then coalesce(json_extract_string("refunds", '$.data[0].created'), "created") else "created" end as event_timestamp,
       major_units("amount_value", "currency") as price,
       case when amount_kind = 'amount_refunded' then '-1' else '1' end as quantity,
       member("billing_details", '$.address.country') as country
from input
