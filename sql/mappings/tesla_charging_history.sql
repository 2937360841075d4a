/*---
title: Tesla charging history
description: Charging history of a Tesla account, exported as CSV. Each row is a fee of a session.
details:
  - The layout is only partly documented; its columns come from public code that reads the export, its values only in part.
  - "The file has no end of a session: the end is set to the start, so that energy and amount count. Durations are 0."
  - Only rows priced per kWh have energy. Rows for parking, idling or congestion are skipped, and their fees with them.
  - The amount includes VAT. The file does not name its currency.
  - The charge point is the site, because the file does not name the stall. The user is the vehicle (VIN).
source: charging_sessions
detect_by: [ChargeStartDateTime, Vin, Model, Country, SiteLocationName, Description, QuantityBase, InvoiceNumber, UnitCostBase, Total Inc. VAT]
ignored_fields: [Name, UnitCostTier1, UnitCostTier2, VAT, Total Exc. VAT, Invoice, Status]
null_values:
  "*": [N/A]
skip_when: regexp_matches("Description", '(?i)parking|idle|idling|congestion')
key_from: [station_id, user_id, start_time]
duplicates: keep
---*/
select "InvoiceNumber" as transaction_id,
       "SiteLocationName" as station_id,
       "SiteLocationName" as location,
       "Vin" as user_id,
       "ChargeStartDateTime" as start_time,
       "ChargeStartDateTime" as end_time,
       case when regexp_matches("UnitCostBase", '(?i)kwh') then added_texts("QuantityBase", "QuantityTier1", "QuantityTier2") end as energy_kwh,
       "Total Inc. VAT" as amount_paid
from input
