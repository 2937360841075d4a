/*---
title: Segment names
description: Names of all segments, from customer_segments and from profiles.
details:
  - Names that differ only in case are one segment.
  - "Columns: name_key (lower case), segment_name."
---*/
with defined_segments as (
  select fold_case(segment_name) as defined_key, min(segment_name) as defined_name from customer_segments group by fold_case(segment_name)
),
profile_segments as (
  select fold_case(customer_segment) as profile_key, min(customer_segment) as profile_name from customer_profiles where customer_segment is not null group by fold_case(customer_segment)
)
select coalesce(defined_key, profile_key) as name_key, coalesce(defined_name, profile_name) as segment_name
from defined_segments
full join profile_segments on profile_key = defined_key
