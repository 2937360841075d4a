/*---
title: Customer segments
description: One row per customer segment, with its rule.
details:
  - A rule compares metrics with numbers or quoted strings, combined with AND, OR, NOT and parentheses.
  - A rule has at most 1000 characters. Rows with any other rule are rejected.
key: [segment_id]
version: last_updated
columns:
  segment_id: { description: Segment ID }
  segment_name: { description: Name of the segment, required: true, aliases: [segment] }
  segment_description: { description: Description of the segment, aliases: [description] }
  creation_date: { description: Creation day, aliases: [created_at, created] }
  update_date: { description: Day of the last change, aliases: [updated_at, updated] }
  segment_rules:
    description: >-
      Rule for members, such as total_spent > 1000 AND session_count > 10; empty if only profiles name the segment. Compared with
      numbers: total_spent, purchase_count, order_count, average_order_value, session_count, event_count, days_since_first_event,
      days_since_last_event, days_since_last_purchase, days_since_signup, lifetime_value, age; compared with quoted strings by = and <>:
      country, city, gender
    aliases: [rules, segment_rule, rule]
  segment_type: { description: "Segment type from the file, such as value-based", aliases: [type] }
  last_updated:
    description: "Version of the row; default: update_date, else creation_date, else 1970"
    aliases: [updated_at, modified_at, timestamp]
    default: coalesce(update_date, creation_date, date '1970-01-01')::timestamp
checks:
  - { when: char_length(segment_rules) > 1000, column: segment_rules, reason: is longer than 1000 characters }
  - { when: names_no_metric(segment_rules), column: segment_rules, reason: uses an unknown metric }
  - { when: not is_comparisons(segment_rules), column: segment_rules, reason: "may contain only comparisons of metrics with numbers or quoted strings, AND, OR, NOT and parentheses" }
  - { when: not is_condition(rule_tree(segment_rules)), column: segment_rules, reason: not a complete condition }
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
