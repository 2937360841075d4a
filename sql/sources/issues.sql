/*---
title: Issues
description: >-
  One row an operational issue somebody entered, or another system found. A row whose type, severity or status is none of
  those known goes to quarantine, for no summary could count it.
key: [issue_id]
version: last_updated
columns:
  issue_id: { description: Identifier of the issue, aliases: [alert_id, incident_id, ticket_id] }
  type: { description: What kind it is, required: true, values: [connectivity, faulted, billing, firmware], aliases: [issue_type, category] }
  severity: { description: How bad it is, required: true, values: [critical, high, medium, low] }
  status: { description: How far it is, required: true, values: [open, acknowledged, resolved], aliases: [state, issue_status] }
  station_id:
    description: Charge point it is about; empty where it is about none
    aliases: [charge_point_id, charger_id, charging_station_id, chargepoint_id, charge_box_id, charge_point, charger, station]
  connector_id: { description: Connector it is about, aliases: [connector, connector_number, connector_no, port_number] }
  session_id: { description: Session it is about, aliases: [charging_session_id] }
  description: { description: What is wrong in words, aliases: [message, summary, title, details] }
  note: { description: What was noted when it was acknowledged, aliases: [comment, notes, acknowledgement_note] }
  created_at: { description: 'When it arose, UTC', required: true, aliases: [opened_at, raised_at, detected_at, reported_at] }
  acknowledged_at: { description: 'When somebody acknowledged it, UTC' }
  resolved_at: { description: 'When it was over, UTC; before it arose goes to quarantine', aliases: [closed_at, fixed_at] }
  last_updated:
    description: Version of the row; where the file does not say, the latest of its times
    aliases: [updated_at, modified_at, timestamp]
    default: greatest(created_at, acknowledged_at, resolved_at)
checks:
  - { when: resolved_at < created_at, column: resolved_at, reason: is before created_at }
---*/
create table issues (
  issue_id varchar not null,
  type varchar not null,
  severity varchar not null,
  status varchar not null,
  station_id varchar,
  connector_id varchar,
  session_id varchar,
  description varchar,
  note varchar,
  created_at timestamp not null,
  acknowledged_at timestamp,
  resolved_at timestamp,
  last_updated timestamp not null
);
