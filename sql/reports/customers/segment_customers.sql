/*---
title: Customers of a segment
description: >-
  Who is in a segment: customers whose profile names it, and customers who meet its rule; membership says which. Where a name
  has no member at all, customers whose profile names a segment its name begins with are answered (High Value for High Value
  Active), as similar name.
http: /v0/pipes/segment_customers.json
params:
  segment_name: { description: "Name of the segment, whatever the case of its letters", required: true, example: High Value Active }
  country: { description: "Only customers whose profile has this country, whatever the case of its letters", example: US }
  min_age: { description: Least age, min: 0, max: 150, example: 25 }
  max_age: { description: Highest age, min: 0, max: 150, example: 45 }
  min_lifetime_value: { description: Least lifetime value the profile tells, example: 500 }
columns:
  customer_id: { description: Customer }
  membership: { description: "profile, rule, profile and rule, or similar name" }
  email: { description: Mail address, nullable: true }
  first_name: { description: First name, nullable: true }
  last_name: { description: Last name, nullable: true }
  age: { description: Age, unit: years, nullable: true }
  gender: { description: Gender, nullable: true }
  city: { description: City, nullable: true }
  country: { description: Country, nullable: true }
  signup_date: { description: Day of sign-up, nullable: true }
  last_login: { description: "Last login, UTC", nullable: true }
  customer_segment: { description: Segment the profile names, nullable: true }
  lifetime_value: { description: Lifetime value the profile tells, unit: currency, nullable: true }
  total_spent: { description: Money spent less refunds, unit: currency }
  order_count: { description: Orders, unit: count }
  session_count: { description: Visits, unit: count }
  days_since_last_event: { description: Whole days since the last event, nullable: true }
key: [customer_id]
sort:
  default: customer_id
  allow: [customer_id, age, signup_date, last_login, lifetime_value, total_spent, order_count, session_count, days_since_last_event]
page: { kind: limit, default: 1000, max: 1000000 }
table: [customer_id, membership, first_name, last_name, country, age, lifetime_value]
answer: { shape: tinybird }
---*/
with close as (
  select customer_id as member_id, by_profile, by_rule,
         case when same_word(segment_name, $segment_name::varchar) then 0 else 1 end as is_other
  from segment_members
  where same_word(segment_name, $segment_name::varchar)
     or (by_profile = 1 and same_word(segment_name || ' ', left($segment_name::varchar, char_length(segment_name) + 1)))
),
closest as (
  select member_id, is_other, max(by_profile) as said, max(by_rule) as met
  from (select member_id, by_profile, by_rule, is_other, min(is_other) over () as nearest from close) as ranked
  where is_other = nearest
  group by member_id, is_other
),
people as (
  select customer_id as profile_id, email, first_name, last_name, signup_date, last_login, customer_segment from profiles_known
)
select customer_id,
       case when is_other = 1 then 'similar name' when said = 1 and met = 1 then 'profile and rule' when said = 1 then 'profile' else 'rule' end as membership,
       email, first_name, last_name, age, gender, city, country, signup_date, last_login, customer_segment, lifetime_value,
       total_spent, order_count, session_count, days_since_last_event
from closest
join customer_metrics on customer_id = member_id
left join people on profile_id = customer_id
where ($country::varchar is null or same_word(country, $country::varchar))
  and ($min_age::bigint is null or age >= $min_age::bigint)
  and ($max_age::bigint is null or age <= $max_age::bigint)
  and ($min_lifetime_value::decimal(18, 6) is null or lifetime_value >= $min_lifetime_value::decimal(18, 6))
