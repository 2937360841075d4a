/*---
title: ID tags
description: "One row per RFID card or other token: idTag in OCPP, Token in OCPI."
details:
  - Rows without an update time replace earlier rows without one, and never replace rows that have one.
key: [id_tag]
version: last_updated
detect_by: [valid]
columns:
  id_tag: { description: Token UID read by the card reader, aliases: [rfid, rfid_tag, token_uid, uid, auth_id, id_token, tag_id] }
  valid:
    description: Whether the token may be used for charging
    aliases: [is_valid, token_valid, enabled]
  type: { description: "Token type from the file, such as RFID or APP_USER", aliases: [token_type, id_tag_type] }
  user_id: { description: User of the token, aliases: [driver_id, customer_id, account_id, user, driver] }
  contract_id: { description: Contract the token is billed to, aliases: [emaid, evco_id] }
  visual_number: { description: Number printed on the card, aliases: [card_number] }
  name: { description: Name of the token, aliases: [rfid_name, tag_name, holder, label], personal: true }
  additional_information: { description: Note on the token, aliases: [rfid_additional_information, note, notes, comment], personal: true }
  issuer: { description: Issuer }
  group_id: { description: Group of tokens that may stop each other's sessions, aliases: [group, parent_id_tag, parent_tag_id] }
  whitelist: { description: "Whether offline charging is allowed, as in the file" }
  expires_at: { description: "Expiry time, UTC", aliases: [expiry_date, expiration_date, valid_until] }
  language: { description: ISO 639-1 code of the user's language, aliases: [lang] }
  last_updated:
    description: "Version of the row; default: 1970, so the last imported row wins"
    aliases: [updated_at, modified_at, timestamp]
    default: timestamp '1970-01-01'
---*/
create table id_tags (
  id_tag varchar not null,
  valid boolean,
  type varchar,
  user_id varchar,
  contract_id varchar,
  visual_number varchar,
  name varchar,
  additional_information varchar,
  issuer varchar,
  group_id varchar,
  whitelist varchar,
  expires_at timestamp,
  language varchar,
  last_updated timestamp not null
);
