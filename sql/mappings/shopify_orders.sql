/*---
title: Orders of Shopify
description: Orders exported from Shopify as CSV, with a row for each line item.
details:
  - Fields of the order that are empty in its further rows are filled in from its first row.
  - Each line item is a purchase at its price before discounts, without shipping and taxes. The order's discount is an event of type discount, which no report counts.
  - The refunded amount of an order is a refund at the time of the order, because the file has no time of refunds.
  - Line items of orders that are not paid have types such as order_pending and order_voided.
  - "The customer is the email address; the visit is the order. Line items have no ID: it is made of order and product, and repeated lines are numbered."
source: customer_events
detect_by: [Name, Email, Financial Status, Created at, Lineitem quantity, Lineitem name, Lineitem price]
ignored_fields:
  [Paid at, Fulfillment Status, Fulfilled at, Accepts Marketing, Currency, Subtotal, Shipping, Taxes, Total, Discount Code,
   Shipping Method, Lineitem compare at price, Lineitem compare-at price, Lineitem requires shipping, Lineitem taxable, Lineitem fulfillment status,
   Billing Name, Billing Street, Billing Address1, Billing Address2, Billing Company, Billing City, Billing Zip, Billing Province,
   Billing Province Name, Billing Phone, Shipping Name, Shipping Street, Shipping Address1, Shipping Address2, Shipping Company,
   Shipping City, Shipping Zip, Shipping Province, Shipping Province Name, Shipping Phone, Notes, Note Attributes, Cancelled at, Canceled at,
   Payment Method, Payment Reference, Payment Reference (deprecated), Payment References, Payment ID, Payment Terms Name,
   Next Payment Due At, Vendor, Outstanding Balance, Employee, Location, Device ID, Id, Tags, Risk Level, Source, Lineitem discount,
   Tax 1 Name, Tax 1 Value, Tax 2 Name, Tax 2 Value, Tax 3 Name, Tax 3 Value, Tax 4 Name, Tax 4 Value, Tax 5 Name, Tax 5 Value, Phone,
   Receipt Number, Duties]
fill_down: { by: Name, columns: [Email, Financial Status, Created at, Billing Country, Shipping Country] }
unpivot: { name: amount_kind, value: amount_value, columns: [Lineitem price, Discount Amount, Refunded Amount] }
skip_when: amount_kind <> 'Lineitem price' and is_zero_amount("amount_value")
duplicates: keep
---*/
select case amount_kind when 'Refunded Amount' then "Name" || '/refund' when 'Discount Amount' then "Name" || '/discount'
            else concat_ws('/', "Name", coalesce("Lineitem sku", "Lineitem name")) end as event_id,
       "Email" as customer_id,
       case when amount_kind = 'Refunded Amount' then 'refund'
            when amount_kind = 'Discount Amount' then 'discount'
            when "Financial Status" in ('paid', 'partially_paid', 'partially_refunded', 'refunded') then 'purchase'
            else 'order_' || "Financial Status" end as event_type,
       "Created at" as event_timestamp,
       "Name" as session_id,
       case when amount_kind = 'Lineitem price' then coalesce("Lineitem sku", "Lineitem name") end as product_id,
       "amount_value" as price,
       case amount_kind when 'Refunded Amount' then '-1' when 'Discount Amount' then '-1' else "Lineitem quantity" end as quantity,
       coalesce("Billing Country", "Shipping Country") as country
from input
