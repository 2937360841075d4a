/*---
title: Billing disputes
description: One row a bill that somebody disputed. What became of it is kept in the file's own words.
key: [dispute_id]
version: last_updated
columns:
  dispute_id: { description: Identifier of the dispute, aliases: [billing_dispute_id, chargeback_id, claim_id] }
  session_id: { description: Session that was billed, aliases: [charging_session_id, cdr_id] }
  station_id:
    description: Charge point the session ran at
    aliases: [charge_point_id, charger_id, charging_station_id, chargepoint_id, charge_box_id, charge_point, charger, station]
  user_id: { description: Who disputes it, aliases: [driver_id, customer_id, account_id, user, driver] }
  disputed_amount: { description: Money disputed; negative money goes to quarantine, unit: currency, aliases: [dispute_amount, amount_disputed, amount] }
  currency: { description: ISO 4217 code of the amount, aliases: [currency_code] }
  reason: { description: Why it is disputed, aliases: [dispute_reason] }
  status: { description: 'State as the file has it, as open, upheld, rejected', aliases: [dispute_status, state, outcome] }
  created_at: { description: 'When it was disputed, UTC', required: true, aliases: [disputed_at, opened_at, raised_at] }
  resolved_at: { description: 'When it was settled, UTC; before it was disputed goes to quarantine', aliases: [closed_at, settled_at] }
  last_updated:
    description: Version of the row; where the file does not say, the later of its times
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
