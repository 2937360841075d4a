/*---
title: Issues
description: One row per operational issue entered by a person or detected by another system.
details:
  - Rows with an unknown type, severity or status are rejected, because no summary could count them.
key: [issue_id]
version: last_updated
columns:
  issue_id: { description: Issue ID, aliases: [alert_id, incident_id, ticket_id] }
  type: { description: Issue type, required: true, values: [connectivity, faulted, billing, firmware], aliases: [issue_type, category] }
  severity: { description: Severity, required: true, values: [critical, high, medium, low] }
  status: { description: Status, required: true, values: [open, acknowledged, resolved], aliases: [state, issue_status] }
  station_id:
    description: Charge point of the issue; empty if it has none
    aliases: [charge_point_id, charger_id, charging_station_id, chargepoint_id, charge_box_id, charge_point, charger, station]
  connector_id: { description: Connector of the issue, aliases: [connector, connector_number, connector_no, port_number] }
  session_id: { description: Session of the issue, aliases: [charging_session_id] }
  description: { description: Description of the issue, aliases: [message, summary, title, details] }
  note: { description: Note of the acknowledgement, aliases: [comment, notes, acknowledgement_note] }
  created_at: { description: "Start of the issue, UTC", required: true, aliases: [opened_at, raised_at, detected_at, reported_at] }
  acknowledged_at: { description: "Time of the acknowledgement, UTC" }
  resolved_at: { description: "Time the issue was resolved, UTC; not before created_at", aliases: [closed_at, fixed_at] }
  last_updated:
    description: "Version of the row; default: the latest of its times"
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
