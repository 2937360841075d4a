/*---
title: Customer segments
description: >-
  One row a segment. Its rule is kept as text and only ever read as comparisons of known metrics with numbers or quoted
  texts, joined by AND, OR, NOT and parentheses; a row with any other rule goes to quarantine.
key: [segment_id]
version: last_updated
columns:
  segment_id: { description: Identifier of the segment }
  segment_name: { description: Name of the segment, required: true, aliases: [segment] }
  segment_description: { description: Whom it is meant to hold, aliases: [description] }
  creation_date: { description: Day it was made, aliases: [created_at, created] }
  update_date: { description: Day it was last changed, aliases: [updated_at, updated] }
  segment_rules:
    description: >-
      Who is in it, as total_spent > 1000 AND session_count > 10; empty where only profiles say so. Metrics: total_spent,
      purchase_count, session_count, event_count, average_order_value, days_since_last_activity, days_since_last_purchase,
      days_since_signup, lifetime_value, age, country
    aliases: [rules, segment_rule, rule]
  segment_type: { description: 'Kind of segment as the file has it, as value-based', aliases: [type] }
  last_updated:
    description: Version of the row; where the file does not say, the day of the last change, or of the making, or 1970
    aliases: [updated_at, modified_at, timestamp]
    default: coalesce(update_date, creation_date, date '1970-01-01')::timestamp
checks:
  # The rule with # for a comparison, ~ for NOT, & for AND and OR; then parentheses are taken off from the inside outwards.
  - when: >-
      not regexp_full_match(list_reduce(
        [regexp_replace(regexp_replace(regexp_replace(regexp_replace(
          translate(segment_rules, '#~&', '???'),
          '\b(total_spent|purchase_count|session_count|event_count|average_order_value|days_since_last_activity|days_since_last_purchase|days_since_signup|lifetime_value|age|country)\s*(<=|>=|<>|!=|=|<|>)\s*(-?[0-9]+(\.[0-9]+)?|''([^'']|'''')*'')', '#', 'gi'),
          '\bnot\b', '~', 'gi'), '\b(and|or)\b', '&', 'gi'), '\s', '', 'g')] || range(50)::varchar[],
        lambda rule, round: regexp_replace(rule, '\(~*#(&~*#)*\)', '#', 'g')), '~*#(&~*#)*')
    column: segment_rules
    reason: is no rule of known metrics, comparisons, AND, OR and NOT
---*/
create table customer_segments (
  segment_id varchar not null,
  segment_name varchar not null,
  segment_description varchar,
  creation_date date,
  update_date date,
  segment_rules varchar,
  segment_type varchar,
  last_updated timestamp not null
);
