/*---
title: Customer profiles
description: >-
  One row a customer. Of two rows with one id the one with the later update replaces the other, or the one with the later
  login where the file has no time of its own for it.
key: [customer_id]
version: last_updated
columns:
  customer_id: { description: Identifier of the customer, aliases: [user_id, customer, client_id] }
  signup_date:
    description: Day the customer signed up
    required: true
    aliases: [sign_up_date, signed_up_at, signup_at, registered_at, registration_date, joined_at, member_since, customer_since]
  email: { description: Mail address, aliases: [email_address, mail], personal: true }
  first_name: { description: First name, aliases: [given_name, firstname], personal: true }
  last_name: { description: Last name, aliases: [family_name, surname], personal: true }
  age: { description: 'Age, a whole number; outside 0-130 goes to quarantine', unit: years }
  birth_date: { description: Day of birth, aliases: [date_of_birth, birthday, dob], personal: true }
  gender: { description: Gender as the file has it, aliases: [sex] }
  city: { description: Town or city, aliases: [town] }
  country: { description: Country as the file has it, aliases: [country_code] }
  last_login: { description: 'Last login, UTC', aliases: [last_login_at, last_seen, last_seen_at] }
  customer_segment: { description: Segment the file puts the customer in; it may bear no segment's name, aliases: [segment, segment_name] }
  lifetime_value: { description: 'Money the customer brought so far; kept as the file has it, even if negative', unit: currency, aliases: [ltv, clv, customer_lifetime_value] }
  last_updated:
    description: Version of the row; where the file does not say, the last login, or the sign-up
    aliases: [updated_at, modified_at, timestamp]
    default: coalesce(last_login, signup_date::timestamp)
checks:
  - { when: age not between 0 and 130, column: age, reason: is outside 0-130 }
---*/
create table customer_profiles (
  customer_id varchar not null,
  signup_date date not null,
  email varchar,
  first_name varchar,
  last_name varchar,
  age integer,
  birth_date date,
  gender varchar,
  city varchar,
  country varchar,
  last_login timestamp,
  customer_segment varchar,
  lifetime_value decimal(18, 6),
  last_updated timestamp not null
);
