/*---
title: OCPI 2.2.1 Token
description: Tokens, identified by the UID that the card reader reads.
details:
  - The user is the contract, as in OCPI sessions and CDRs.
source: id_tags
detect_by: [country_code, party_id, uid, type, contract_id, issuer, valid, whitelist, last_updated]
ignored_fields: [default_profile_type, energy_contract]
---*/
select "uid" as id_tag,
       "valid" as valid,
       "type" as type,
       "contract_id" as user_id,
       "contract_id" as contract_id,
       "visual_number" as visual_number,
       "issuer" as issuer,
       "group_id" as group_id,
       "whitelist" as whitelist,
       "language" as language,
       "last_updated" as last_updated
from input
