/*---
title: Connectors
description: >-
  One row a connector of a charge point. A file without update times replaces what earlier files without them said; it
  never replaces a row that has one.
key: [station_id, connector_id]
version: last_updated
recognise: [connector_type]
columns:
  station_id:
    description: Charge point it belongs to
    aliases: [charge_point_id, charger_id, charging_station_id, chargepoint_id, charge_box_id, charge_point, charger, station]
  connector_id: { description: Number or text of the connector at its charge point, aliases: [connector, connector_number, connector_no, port_number] }
  evse_id:
    description: Port it belongs to; connectors of one port never charge at once. Empty where every connector is a port of its own
    aliases: [evse_uid, evse, port_id, port]
  connector_name: { description: Name on the connector }
  connector_type:
    description: Plug or socket as the file names it, as CCS2, CHAdeMO, Type 2
    aliases: [connector_standard, standard, socket_type]
  current_type: { description: AC or DC; anything else goes to quarantine, values: [AC, DC] }
  power_kw: { description: Most power it delivers; negative power goes to quarantine, unit: kW, aliases: [max_power_kw, max_power, power, rated_power_kw] }
  max_voltage: { description: Most voltage, unit: V, aliases: [voltage] }
  max_amperage: { description: Most current, unit: A, aliases: [amperage, max_current] }
  tariff_id: { description: Tariff that holds at it, aliases: [tariff] }
  last_updated:
    description: Version of the row; 1970 where the file does not say, and then the later arrival wins
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
