/*---
title: Id tags
description: >-
  One row a card or other token drivers identify with: idTag in OCPP, Token in OCPI. A file without update times replaces
  what earlier files without them said; it never replaces a row that has one.
key: [id_tag]
version: last_updated
recognise: [valid]
columns:
  id_tag: { description: What the reader reads, aliases: [rfid, rfid_tag, token_uid, uid, auth_id, id_token, tag_id] }
  valid:
    description: Whether it may charge; a row that does not say goes to quarantine
    aliases: [is_valid, token_valid, enabled]
  type: { description: 'Kind of token as the file has it, as RFID or APP_USER', aliases: [token_type, id_tag_type] }
  user_id: { description: Who it belongs to, aliases: [driver_id, customer_id, account_id, user, driver] }
  contract_id: { description: Contract it is billed to, aliases: [emaid, evco_id] }
  visual_number: { description: Number printed on the card, aliases: [card_number] }
  name: { description: Name kept for it, aliases: [rfid_name, tag_name, holder, label], personal: true }
  additional_information: { description: Note kept for it, aliases: [rfid_additional_information, note, notes, comment], personal: true }
  issuer: { description: Who issued it }
  group_id: { description: Group of tokens that may stop each other's sessions, aliases: [group, parent_id_tag, parent_tag_id] }
  whitelist: { description: 'Whether it may charge offline, as the file has it' }
  expires_at: { description: 'When it ends to be valid, UTC', aliases: [expiry_date, expiration_date, valid_until] }
  language: { description: ISO 639-1 code of the language its driver reads, aliases: [lang] }
  last_updated:
    description: Version of the row; 1970 where the file does not say, and then the later arrival wins
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
