/*---
title: Sites
description: >-
  One row a site, called project or location elsewhere. A file without update times replaces what earlier files without
  them said; it never replaces a row that has one. A coordinate off the globe and a time zone nobody knows send the row
  to quarantine, for every local day of the site would be wrong.
key: [site_id]
version: last_updated
recognise: [site_name, timezone]
columns:
  site_id: { description: Identifier of the site, aliases: [project_id, location_id, site, project] }
  site_name: { description: Name of the site, aliases: [project_name, location_name, name] }
  timezone:
    description: IANA time zone of the site, as Europe/Berlin; one that is unknown goes to quarantine
    aliases: [time_zone, tz, iana_timezone, time_zone_name]
  address: { description: Street and number, aliases: [street, street_address, address_line_1, address_1] }
  postal_code: { description: Postal code, aliases: [postcode, zip, zip_code] }
  city: { description: Town or city, aliases: [town] }
  state: { description: 'State, province or county', aliases: [province, region, state_province] }
  country: { description: Country as the file has it; ISO 3166 codes of two or three letters are usual, aliases: [country_code] }
  latitude: { description: Latitude; outside -90 to 90 goes to quarantine, unit: degrees, aliases: [lat] }
  longitude: { description: Longitude; outside -180 to 180 goes to quarantine, unit: degrees, aliases: [lon, lng, long] }
  operator: { description: Who runs the site, aliases: [operator_name, cpo, cpo_name] }
  opening_times: { description: Hours in which the site is open as JSON; empty where it always is, aliases: [opening_hours] }
  last_updated:
    description: Version of the row; 1970 where the file does not say, and then the later arrival wins
    aliases: [updated_at, modified_at, timestamp]
    default: timestamp '1970-01-01'
checks:
  - { when: timezone not in (select name from pg_timezone_names()), column: timezone, reason: is no IANA time zone }
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
