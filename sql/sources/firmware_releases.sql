/*---
title: Firmware releases
description: >-
  One row a release of firmware for a model. The newest is the one released last, whatever the texts of the versions say:
  1.10.0 follows 1.9.2. A file without update times replaces what earlier files without them said; it never replaces a
  row that has one.
key: [model, firmware_version]
version: last_updated
columns:
  model: { description: Model of charge point it is for, aliases: [charge_point_model, model_name] }
  firmware_version: { description: Version as the charge points report it, aliases: [version, firmware, release] }
  vendor: { description: Who made it, aliases: [charge_point_vendor, vendor_name, manufacturer] }
  released_at:
    description: When it was released, UTC; a row without it goes to quarantine, for its place among the others is unknown
    required: true
    aliases: [release_date, released_on, released, published_at]
  approved: { description: True where the operator approved it; empty counts as not approved, aliases: [is_approved] }
  notes: { description: What is new in it, aliases: [release_notes, note] }
  last_updated:
    description: Version of the row; 1970 where the file does not say, and then the later arrival wins
    aliases: [updated_at, modified_at, timestamp]
    default: timestamp '1970-01-01'
---*/
create table firmware_releases (
  model varchar not null,
  firmware_version varchar not null,
  vendor varchar,
  released_at timestamp not null,
  approved boolean,
  notes varchar,
  last_updated timestamp not null
);
