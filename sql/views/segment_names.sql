/*---
title: Names of segments
description: >-
  The segments there are: those of customer_segments, and those only profiles name. Names that differ only in the case of
  their letters are one. Columns: name_key (in small letters), segment_name.
---*/
with defined as (
  select folded(segment_name) as defined_key, min(segment_name) as defined_name from customer_segments group by folded(segment_name)
),
worn as (
  select folded(customer_segment) as worn_key, min(customer_segment) as worn_name from customer_profiles where customer_segment is not null group by folded(customer_segment)
)
select coalesce(defined_key, worn_key) as name_key, coalesce(defined_name, worn_name) as segment_name
from defined
full join worn on worn_key = defined_key
