/*---
title: Customer retention
summary: Repeat buyers by first month
description: "Customers by month of their first purchase, and the share of them who purchased in each month after it."
details:
  - >-
    A cohort is the customers whose first purchase by as_of was in that local month. With from and to, only first purchases in the
    period count.
  - A customer is active in a month with a purchase. Refunds do not count. Guests have no customer ID and are left out.
  - >-
    Only complete months are listed: up to the one before as_of, or up to that of the last event if it is earlier. Cohorts of later
    months are left out.
  - Months in which nobody of a cohort purchased are returned with 0. More than 10,000 months are an error.
  - Customers who purchased before the data begins appear to be new in its first months.
http: /v0/pipes/customer_retention.json
params:
  from: { description: Start of the period of first purchases, role: period_start, example: "2025-01-01" }
  to: { description: End of the period of first purchases; a bare date includes the whole day, role: period_end, example: "2025-12-31" }
  tz: { description: IANA time zone of the months, role: time_zone, default: UTC, example: Europe/Berlin }
  as_of: { description: "Point in time the report is computed for; later events are ignored; default: now", role: now, example: "2026-01-01" }
columns:
  cohort: { description: "First day of the month of the first purchase, local time", bucket: month }
  months_since: { description: "Months since the cohort's month; 0 is that month itself" }
  month: { description: "First day of the month, local time" }
  customers: { description: Customers of the cohort, unit: count }
  active: { description: Customers of the cohort with a purchase in the month, unit: count }
  retention: { description: active / customers, unit: share }
key: [cohort, months_since]
sort: { default: cohort, allow: [cohort, months_since, month, customers, active, retention] }
page: { kind: limit, default: 10000, max: 1000000 }
answer: { shape: tinybird }
chart: { kind: heatmap, x: months_since, y: cohort, value: retention, top: 24 }
---*/
with event_months as (select quarter, bucket_of_date('month', day) as local_month from event_days),
purchases as (
  select customer_id, local_month as purchase_month, min(event_timestamp) as earliest
  from customer_events join event_months on quarter = idiv(epoch_s(event_timestamp), 900)
  where customer_id is not null and is_purchase(event_type, quantity) and event_timestamp <= $as_of::timestamp
  group by customer_id, local_month
),
first_purchases as (
  select customer_id as buyer, min(purchase_month) as cohort_month
  from purchases
  group by customer_id
  having ($from::timestamp is null or min(earliest) >= $from::timestamp) and ($to::timestamp is null or min(earliest) <= $to::timestamp)
),
limits as (
  select least(max(local_month), bucket_of_date('month', bucket_of_date('month', local_date_of_epoch(epoch_s($as_of::timestamp), $tz::varchar)) - interval 1 month)) as last_month
  from event_months
),
cohorts as (
  select cohort_month, last_month, count(*) as size
  from first_purchases cross join limits
  where cohort_month <= last_month
  group by cohort_month, last_month
),
cohort_months as (
  select cohort_month, size, unnest(range(0, bounded_buckets(date_diff('month', cohort_month, last_month) + 1))) as months_since
  from cohorts
),
activity as (
  select cohort_month as active_cohort, date_diff('month', cohort_month, purchase_month) as months_later, count(*) as buyers
  from purchases join first_purchases on buyer = customer_id
  group by cohort_month, date_diff('month', cohort_month, purchase_month)
)
select cohort_month as cohort,
       months_since,
       bucket_of_date('month', cohort_month + interval (months_since) month) as month,
       size as customers,
       coalesce(buyers, 0) as active,
       coalesce(buyers, 0) / nullif(size, 0)::double as retention
from cohort_months left join activity on active_cohort = cohort_month and months_later = months_since
