/*---
title: Billing disputes
description: One row per disputed bill. The outcome is kept as in the file.
key: [dispute_id]
version: last_updated
identity: [session_id, created_at]
columns:
  dispute_id: { description: Dispute ID, aliases: [billing_dispute_id, chargeback_id, claim_id] }
  session_id: { description: Billed session, aliases: [charging_session_id, cdr_id] }
  station_id:
    description: Charge point of the session
    aliases: [charge_point_id, charger_id, charging_station_id, chargepoint_id, charge_box_id, charge_point, charger, station]
  user_id: { description: User who disputes the bill, aliases: [driver_id, customer_id, account_id, user, driver] }
  disputed_amount: { description: "Disputed amount, not negative", unit: currency, aliases: [dispute_amount, amount_disputed, amount] }
  currency: { description: ISO 4217 code of the amount, format: currency, aliases: [currency_code] }
  reason: { description: Reason for the dispute, aliases: [dispute_reason] }
  status: { description: "Status from the file, such as open, upheld or rejected", aliases: [dispute_status, state, outcome] }
  created_at: { description: "Time the dispute was opened, UTC", required: true, aliases: [disputed_at, opened_at, raised_at] }
  resolved_at: { description: "Time the dispute was settled, UTC; not before created_at", aliases: [closed_at, settled_at] }
  last_updated:
    description: "Version of the row; default: the later of its times"
    aliases: [updated_at, modified_at, timestamp]
    default: greatest(created_at, resolved_at)
checks:
  - { when: disputed_amount < 0, column: disputed_amount, reason: is negative }
  - { when: resolved_at < created_at, column: resolved_at, reason: is before created_at }
---*/
create table billing_disputes (
  dispute_id varchar not null,
  session_id varchar,
  station_id varchar,
  user_id varchar,
  disputed_amount decimal(18, 6),
  currency varchar,
  reason varchar,
  status varchar,
  created_at timestamp not null,
  resolved_at timestamp,
  last_updated timestamp not null
);
