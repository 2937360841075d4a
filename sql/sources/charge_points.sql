/*---
title: Charge points
description: One row per charge point, also called charger or charging station.
details:
  - Rows without an update time replace earlier rows without one, and never replace rows that have one.
key: [station_id]
version: last_updated
detect_by: [vendor, model]
columns:
  station_id:
    description: Charge point ID, as in OCPP and in sessions
    aliases: [charge_point_id, charger_id, charging_station_id, chargepoint_id, charge_box_id, charge_point, charger, station]
  charge_point_name: { description: Display name, aliases: [charger_name, station_name, charging_station_name, name] }
  site_id: { description: Site of the charge point, aliases: [project_id, location_id, site, project] }
  vendor: { description: Manufacturer, aliases: [charge_point_vendor, vendor_name, manufacturer, make] }
  model:
    description: Model; identifies its firmware releases
    aliases: [charge_point_model, model_name, model_number]
  serial_number: { description: Serial number, aliases: [charge_point_serial_number, charge_box_serial_number, serial, serial_no] }
  firmware_version: { description: Firmware version in this file; newer events take precedence, aliases: [firmware, fw_version, software_version] }
  power_kw: { description: "Maximum power, not negative", unit: kW, aliases: [max_power_kw, max_power, power, rated_power_kw] }
  current_type:
    description: AC or DC; empty for both
    values: [AC, DC]
    format: current_type
    aliases: [charger_current_type, charging_type]
  heartbeat_interval_seconds:
    description: Configured seconds between heartbeats, not negative; 0 means unknown
    unit: seconds
    aliases: [heartbeat_interval]
  opened_at: { description: "Time it went into service, UTC", aliases: [commissioned_at, installed_at, installation_date, opening_date, in_service_since] }
  closed_at: { description: "Time it was permanently taken out of service, UTC; empty while in service", aliases: [decommissioned_at, removed_at] }
  last_updated:
    description: "Version of the row; default: 1970, so the last imported row wins"
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
