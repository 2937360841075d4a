/*---
title: Payments of Stripe
description: Payments exported from the Stripe dashboard as CSV.
details:
  - A refunded amount is an event of its own, at the time of the refund.
  - "Amounts are in the currency of the account (Converted Amount), else as paid. Events have no currency, so amounts in several currencies of an account would be summed up."
  - Payments that failed or were not captured have types such as payment_failed.
  - The customer is the customer ID, else the email address.
source: customer_events
detect_by: [id, Amount, Amount Refunded, Currency, Captured, Status]
ignored_fields:
  [Description, Fee, Converted Currency, Decline Reason, Statement Descriptor, Seller Message, Tax, Taxes On Fee, Mode, Customer Description, Card ID, Card Last4,
   Card Brand, Card Funding, Card Exp Month, Card Exp Year, Card Name, Card Address Line1, Card Address Line2, Card Address City,
   Card Address State, Card Address Zip, Card Issue Country, Card Fingerprint, Card CVC Status, Card AVS Zip Status, Card AVS Line1 Status,
   Card Tokenization Method, Disputed Amount, Dispute Status, Dispute Reason, Dispute Date (UTC), Dispute Evidence Due (UTC), Invoice ID,
   Invoice Number, Payment Source Type, Payment Method Type, Is Link, Destination, Application Fee, Application ID, Transfer, Transfer Group, PaymentIntent ID,
   Interchange Costs, Merchant Service Charge, Shipping Name, Shipping Address Line1, Shipping Address Line2, Shipping Address City,
   Shipping Address State, Shipping Address Country, Shipping Address Postal Code, Checkout Session ID, Checkout Custom Field 1 Key,
   Checkout Custom Field 1 Value, Checkout Custom Field 2 Key, Checkout Custom Field 2 Value, Checkout Custom Field 3 Key,
   Checkout Custom Field 3 Value, Checkout Line Item Summary, Checkout Promotional Consent, Checkout Terms of Service Consent,
   Client Reference ID, Payment Link ID, UTM Campaign, UTM Content, UTM Medium, UTM Source, UTM Term, Customer Phone, "* (metadata)"]
unpivot: { name: amount_kind, value: amount_value, columns: [Amount, Amount Refunded] }
skip_when: >-
  amount_kind = 'Amount Refunded' and (is_zero_amount("amount_value") or lower("Captured") = 'false')
tz: UTC
---*/
select case when amount_kind = 'Amount Refunded' then "id" || '/refund' else "id" end as event_id,
       coalesce("Customer ID", "Customer Email") as customer_id,
       case when amount_kind = 'Amount Refunded' then 'refund'
            when lower("Captured") = 'false' and lower("Status") in ('paid', 'succeeded', 'refunded', 'uncaptured') then 'payment_uncaptured'
            when lower("Status") in ('paid', 'succeeded', 'refunded', 'partially refunded', 'partial refund', 'disputed') then 'purchase'
            else 'payment_' || replace(lower("Status"), ' ', '_') end as event_type,
       case when amount_kind = 'Amount Refunded' then coalesce("Refunded date (UTC)", "Created date (UTC)", "Created (UTC)") else coalesce("Created date (UTC)", "Created (UTC)") end as event_timestamp,
       case when amount_kind = 'Amount Refunded' then coalesce("Converted Amount Refunded", "amount_value") else coalesce("Converted Amount", "amount_value") end as price,
       case when amount_kind = 'Amount Refunded' then '-1' else '1' end as quantity,
       "Card Address Country" as country
from input
