/*---
title: Firmware releases
description: One row per firmware release of a charge point model.
details:
  - "Releases are ordered by release date, not by version text: 1.10.0 follows 1.9.2."
  - Rows without an update time replace earlier rows without one, and never replace rows that have one.
key: [model, firmware_version]
version: last_updated
columns:
  model: { description: Charge point model, aliases: [charge_point_model, model_name] }
  firmware_version: { description: "Firmware version, as charge points report it", aliases: [version, firmware, release] }
  vendor: { description: Manufacturer, aliases: [charge_point_vendor, vendor_name, manufacturer] }
  released_at:
    description: Release time, UTC; orders the releases
    required: true
    aliases: [release_date, released_on, released, published_at]
  approved: { description: Whether the operator approved the release; empty means not approved, aliases: [is_approved] }
  notes: { description: Release notes, aliases: [release_notes, note] }
  last_updated:
    description: "Version of the row; default: 1970, so the last imported row wins"
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
