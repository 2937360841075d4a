/*---
title: Customer segments
description: >-
  One row a segment. Its rule may be comparisons of metrics with numbers or quoted texts, joined by AND, OR, NOT and
  parentheses, up to 1000 characters; a row with any other rule goes to quarantine.
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
      Who is in it, as total_spent > 1000 AND session_count > 10; empty where only profiles say so. Compared with numbers:
      total_spent, purchase_count, order_count, average_order_value, session_count, event_count, days_since_first_event,
      days_since_last_event, days_since_last_purchase, days_since_signup, lifetime_value, age; with quoted texts, by = and <>:
      country, city, gender
    aliases: [rules, segment_rule, rule]
  segment_type: { description: 'Kind of segment as the file has it, as value-based', aliases: [type] }
  last_updated:
    description: Version of the row; where the file does not say, the day of the last change, or of the making, or 1970
    aliases: [updated_at, modified_at, timestamp]
    default: coalesce(update_date, creation_date, date '1970-01-01')::timestamp
checks:
  - { when: char_length(segment_rules) > 1000, column: segment_rules, reason: is longer than 1000 characters }
  - { when: names_no_metric(segment_rules), column: segment_rules, reason: names something that is no metric of customers }
  - { when: not is_comparisons(segment_rules), column: segment_rules, reason: "has more than comparisons of metrics with numbers or quoted texts, AND, OR, NOT and parentheses" }
  - { when: not is_condition(rule_tree(segment_rules)), column: segment_rules, reason: is no whole condition }
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
