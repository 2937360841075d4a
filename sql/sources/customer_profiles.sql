/*---
title: Customer profiles
description: One row per customer.
details:
  - >-
    Of two rows with the same customer ID, the one with the later update replaces the other. If the file has no update time, the
    last login counts.
key: [customer_id]
version: last_updated
columns:
  customer_id: { description: Customer ID, aliases: [user_id, customer, client_id] }
  signup_date:
    description: Sign-up day
    required: true
    aliases: [sign_up_date, signed_up_at, signup_at, registered_at, registration_date, joined_at, member_since, customer_since]
  email: { description: Email address, aliases: [email_address, mail], personal: true }
  first_name: { description: First name, aliases: [given_name, firstname], personal: true }
  last_name: { description: Last name, aliases: [family_name, surname], personal: true }
  age: { description: "Age as an integer, 0-130", unit: years }
  birth_date: { description: Date of birth, aliases: [date_of_birth, birthday, dob], personal: true }
  gender: { description: "Gender, as in the file", aliases: [sex] }
  city: { description: Town or city, aliases: [town] }
  country: { description: "Country, as in the file", aliases: [country_code] }
  last_login: { description: 'Last login, UTC', aliases: [last_login_at, last_seen, last_seen_at] }
  customer_segment: { description: Segment from the file; need not exist in customer_segments, aliases: [segment, segment_name] }
  lifetime_value: { description: "Lifetime value; kept as in the file, even if negative", unit: currency, aliases: [ltv, clv, customer_lifetime_value] }
  last_updated:
    description: "Version of the row; default: the last login, else the sign-up day"
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
