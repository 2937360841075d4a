/*---
title: UCI Online Retail invoices
description: Invoice lines of a British shop, each imported as a purchase.
details:
  - Lines of an invoice C… are refunds, with their negative quantity.
  - Other negative quantities, and lines of an invoice A…, are adjustments of the stock or the accounts.
  - A quarter of the lines have no customer and are imported as guest events.
  - >-
    Lines have no ID: it is made of invoice, product, quantity and price. Lines with the same values are kept, because the
    till does not add them up.
source: customer_events
detect_by: [InvoiceNo, StockCode, Quantity, InvoiceDate, UnitPrice, CustomerID, Country]
ignored_fields: [Description]
duplicates: keep
key_from: [session_id, product_id, quantity, price]
date_order: mdy
tz: Europe/London
---*/
select regexp_replace("CustomerID", '\.0$', '') as customer_id,
       case when "InvoiceNo" like 'C%' then 'refund' when "InvoiceNo" like 'A%' or "Quantity" like '-%' then 'adjustment' else 'purchase' end as event_type,
       "InvoiceDate" as event_timestamp,
       "InvoiceNo" as session_id,
       "StockCode" as product_id,
       "UnitPrice" as price,
       "Quantity" as quantity,
       "Country" as country
from input
