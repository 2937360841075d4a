/*---
title: Charge points
description: >-
  One row a charge point, called charger or charging station elsewhere. A file without update times replaces what earlier
  files without them said; it never replaces a row that has one.
key: [station_id]
version: last_updated
recognise: [vendor, model]
columns:
  station_id:
    description: Identifier of the charge point, as OCPP and the sessions have it
    aliases: [charge_point_id, charger_id, charging_station_id, chargepoint_id, charge_box_id, charge_point, charger, station]
  charge_point_name: { description: Name drivers and operators know it by, aliases: [charger_name, station_name, charging_station_name, name] }
  site_id: { description: Site it stands at, aliases: [project_id, location_id, site, project] }
  vendor: { description: Who made it, aliases: [charge_point_vendor, vendor_name, manufacturer, make] }
  model:
    description: Model, by which its firmware releases are known
    aliases: [charge_point_model, model_name, model_number]
  serial_number: { description: Serial number, aliases: [charge_point_serial_number, charge_box_serial_number, serial, serial_no] }
  firmware_version: { description: Firmware it runs according to this file; newer events know better, aliases: [firmware, fw_version, software_version] }
  power_kw: { description: Most power it delivers; negative power goes to quarantine, unit: kW, aliases: [max_power_kw, max_power, power, rated_power_kw] }
  current_type:
    description: AC or DC, empty where it has both; anything else goes to quarantine
    values: [AC, DC]
    aliases: [charger_current_type, charging_type]
  heartbeat_interval_seconds:
    description: Seconds between two heartbeats as configured; 0 is as unknown, negative ones go to quarantine
    unit: seconds
    aliases: [heartbeat_interval]
  opened_at: { description: 'When it came into service, UTC', aliases: [commissioned_at, installed_at, installation_date, opening_date, in_service_since] }
  closed_at: { description: 'When it went out of service for good, UTC; empty while it serves', aliases: [decommissioned_at, removed_at] }
  last_updated:
    description: Version of the row; 1970 where the file does not say, and then the later arrival wins
    aliases: [updated_at, modified_at, timestamp]
    default: timestamp '1970-01-01'
checks:
  - { when: power_kw < 0, column: power_kw, reason: is negative }
  - { when: heartbeat_interval_seconds < 0, column: heartbeat_interval_seconds, reason: is negative }
  - { when: closed_at < opened_at, column: closed_at, reason: is before opened_at }
---*/
create table charge_points (
  station_id varchar not null,
  charge_point_name varchar,
  site_id varchar,
  vendor varchar,
  model varchar,
  serial_number varchar,
  firmware_version varchar,
  power_kw double,
  current_type varchar,
  heartbeat_interval_seconds double,
  opened_at timestamp,
  closed_at timestamp,
  last_updated timestamp not null
);
