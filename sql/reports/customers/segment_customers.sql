/*---
title: Customers in a segment
summary: Members of a segment
description: "Members of a segment: customers whose profile names it, and customers who meet its rule."
details:
  - membership shows how a customer belongs to the segment.
  - >-
    If a segment has no members, customers of a segment whose name is the beginning of its name are returned, for example High
    Value for High Value Active. Their membership is similar name.
http: /v0/pipes/segment_customers.json
params:
  segment_name: { description: Name of the segment (case-insensitive), required: true, example: High Value Active }
  country: { description: Only customers with this country in their profile (case-insensitive), example: US }
  min_age: { description: Minimum age, min: 0, max: 150, example: 25 }
  max_age: { description: Maximum age, min: 0, max: 150, example: 45 }
  min_lifetime_value: { description: Minimum lifetime value in the profile, example: 500 }
columns:
  customer_id: { description: Customer }
  membership: { description: "Source of the membership: profile, rule, profile and rule, or similar name" }
  email: { description: Email address, nullable: true }
  first_name: { description: First name, nullable: true }
  last_name: { description: Last name, nullable: true }
  age: { description: Age, unit: years, nullable: true }
  gender: { description: Gender, nullable: true }
  city: { description: City, nullable: true }
  country: { description: Country, nullable: true }
  signup_date: { description: Sign-up day, nullable: true }
  last_login: { description: "Last login, UTC", nullable: true }
  customer_segment: { description: Segment in the profile, nullable: true }
  lifetime_value: { description: Lifetime value in the profile, unit: currency, nullable: true }
  total_spent: { description: Amount spent minus refunds, unit: currency }
  order_count: { description: Orders, unit: count }
  session_count: { description: Visits, unit: count }
  days_since_last_event: { description: Whole days since the last event, nullable: true }
key: [customer_id]
sort:
  default: customer_id
  allow: [customer_id, age, signup_date, last_login, lifetime_value, total_spent, order_count, session_count, days_since_last_event]
page: { kind: limit, default: 1000, max: 1000000 }
leading_columns: [customer_id, membership, first_name, last_name, country, age, lifetime_value]
answer: { shape: tinybird }
---*/
with matches as (
  select customer_id as member_id, by_profile, by_rule,
         case when equals_ci(segment_name, $segment_name::varchar) then 0 else 1 end as is_prefix_match
  from segment_members
  where equals_ci(segment_name, $segment_name::varchar)
     or (by_profile = 1 and equals_ci(segment_name || ' ', left($segment_name::varchar, char_length(segment_name) + 1)))
),
best_matches as (
  select member_id, is_prefix_match, max(by_profile) as in_profile, max(by_rule) as meets_segment
  from (select member_id, by_profile, by_rule, is_prefix_match, min(is_prefix_match) over () as best_match from matches) as ranked
  where is_prefix_match = best_match
  group by member_id, is_prefix_match
),
profiles as (
  select customer_id as profile_id, email, first_name, last_name, signup_date, last_login, customer_segment from profiles_as_of
)
select customer_id,
       case when is_prefix_match = 1 then 'similar name' when in_profile = 1 and meets_segment = 1 then 'profile and rule' when in_profile = 1 then 'profile' else 'rule' end as membership,
       email, first_name, last_name, age, gender, city, country, signup_date, last_login, customer_segment, lifetime_value,
       total_spent, order_count, session_count, days_since_last_event
from best_matches
join customer_metrics on customer_id = member_id
left join profiles on profile_id = customer_id
where ($country::varchar is null or equals_ci(country, $country::varchar))
  and ($min_age::bigint is null or age >= $min_age::bigint)
  and ($max_age::bigint is null or age <= $max_age::bigint)
  and ($min_lifetime_value::decimal(18, 6) is null or lifetime_value >= $min_lifetime_value::decimal(18, 6))
