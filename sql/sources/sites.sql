/*---
title: Sites
description: One row per site, also called project or location.
details:
  - Rows with an invalid coordinate or an unknown time zone are rejected, because every local day of the site would be wrong.
  - Rows without an update time replace earlier rows without one, and never replace rows that have one.
key: [site_id]
version: last_updated
detect_by: [site_name, timezone]
columns:
  site_id: { description: Site ID, aliases: [project_id, location_id, site, project] }
  site_name: { description: Name of the site, aliases: [project_name, location_name, name] }
  timezone:
    description: IANA time zone of the site, such as Europe/Berlin
    aliases: [time_zone, tz, iana_timezone, time_zone_name]
  address: { description: Street and number, aliases: [street, street_address, address_line_1, address_1] }
  postal_code: { description: Postal code, aliases: [postcode, zip, zip_code] }
  city: { description: Town or city, aliases: [town] }
  state: { description: "State, province or county", aliases: [province, region, state_province] }
  country: { description: "Country, as in the file; ISO 3166 codes of two or three letters are usual", aliases: [country_code] }
  latitude: { description: "Latitude, -90 to 90", unit: degrees, aliases: [lat] }
  longitude: { description: "Longitude, -180 to 180", unit: degrees, aliases: [lon, lng, long] }
  operator: { description: Operator of the site, aliases: [operator_name, cpo, cpo_name] }
  opening_times: { description: Opening hours as JSON; empty if always open, aliases: [opening_hours] }
  last_updated:
    description: "Version of the row; default: 1970, so the last imported row wins"
    aliases: [updated_at, modified_at, timestamp]
    default: timestamp '1970-01-01'
checks:
  - { when: timezone not in (select name from pg_timezone_names()), column: timezone, reason: not an IANA time zone }
  - { when: latitude not between -90 and 90, column: latitude, reason: is outside -90 to 90 }
  - { when: longitude not between -180 and 180, column: longitude, reason: is outside -180 to 180 }
---*/
create table sites (
  site_id varchar not null,
  site_name varchar,
  timezone varchar,
  address varchar,
  postal_code varchar,
  city varchar,
  state varchar,
  country varchar,
  latitude double,
  longitude double,
  operator varchar,
  opening_times json,
  last_updated timestamp not null
);
