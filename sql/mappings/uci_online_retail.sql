/*---
title: UCI Online Retail invoices
description: >-
  Lines of invoices of a British shop, each a purchase; lines of an invoice C… are refunds, with their negative quantity, and other negative quantities and
  invoices A… are adjustments of the stock or the books. A quarter of the lines has no customer: they are a guest's. Lines have no id: they are known by invoice, product, quantity and price, and those
  alike are so many lines, for the till does not add them up.
source: customer_events
recognise: [InvoiceNo, StockCode, Quantity, InvoiceDate, UnitPrice, CustomerID, Country]
twins: counted
date_order: mdy
tz: Europe/London
---*/
select concat_ws('/', "InvoiceNo", "StockCode", "Quantity", "UnitPrice") as event_id,
       regexp_replace("CustomerID", '\.0$', '') as customer_id,
       case when "InvoiceNo" like 'C%' then 'refund' when "InvoiceNo" like 'A%' or "Quantity" like '-%' then 'adjustment' else 'purchase' end as event_type,
       "InvoiceDate" as event_timestamp,
       "InvoiceNo" as session_id,
       "StockCode" as product_id,
       "UnitPrice" as price,
       "Quantity" as quantity,
       "Country" as country
from input
