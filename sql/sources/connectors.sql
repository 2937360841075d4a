/*---
title: Connectors
description: One row per connector of a charge point.
details:
  - Rows without an update time replace earlier rows without one, and never replace rows that have one.
key: [station_id, connector_id]
version: last_updated
detect_by: [connector_type]
columns:
  station_id:
    description: Charge point of the connector
    aliases: [charge_point_id, charger_id, charging_station_id, chargepoint_id, charge_box_id, charge_point, charger, station]
  connector_id: { description: "Connector number or text, unique within the charge point", aliases: [connector, connector_number, connector_no, port_number] }
  evse_id:
    description: "Port of the connector; connectors of one port never charge at the same time. Default: each connector is a port of its own"
    aliases: [evse_uid, evse, port_id, port]
  connector_name: { description: Label on the connector }
  connector_type:
    description: Plug or socket type from the file, such as CCS2, CHAdeMO or Type 2
    aliases: [connector_standard, standard, socket_type]
  current_type: { description: AC or DC, values: [AC, DC], format: current_type }
  power_kw: { description: "Maximum power, not negative", unit: kW, aliases: [max_power_kw, max_power, power, rated_power_kw] }
  max_voltage: { description: Maximum voltage, unit: V, aliases: [voltage] }
  max_amperage: { description: Maximum current, unit: A, aliases: [amperage, max_current] }
  tariff_id: { description: Tariff of the connector, aliases: [tariff] }
  last_updated:
    description: "Version of the row; default: 1970, so the last imported row wins"
    aliases: [updated_at, modified_at, timestamp]
    default: timestamp '1970-01-01'
checks:
  - { when: power_kw < 0, column: power_kw, reason: is negative }
---*/
create table connectors (
  station_id varchar not null,
  connector_id varchar not null,
  evse_id varchar,
  connector_name varchar,
  connector_type varchar,
  current_type varchar,
  power_kw double,
  max_voltage double,
  max_amperage double,
  tariff_id varchar,
  last_updated timestamp not null
);
