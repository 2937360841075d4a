/*---
title: SAP Labs France sessions
description: Sessions of SAP Labs France employees at work (Travail) and at home (Domicile).
details:
  - Energy is in Wh.
  - A state of charge of 0 is imported as null.
  - A session without an end was active when the file was exported.
source: charging_sessions
detect_by: [ID transaction, ID borne, ID connecteur borne, Date demarrage, Date fin, Prix total, Devise prix total, Consommation totale (Wh)]
ignored_fields: [Duree inactivite totale (s), Duree totale (s), Source prix total, Statut inactivité]
tz: Europe/Paris
null_values:
  Charge batterie demarrage (%): ["0"]
  Charge batterie fin (%): ["0"]
---*/
select "ID borne" || '/' || "ID transaction" as session_id,
       "ID transaction" as transaction_id,
       "ID borne" as station_id,
       "ID connecteur borne" as connector_id,
       "Type Lieu de charge" as location,
       "Date demarrage" as start_time,
       "Date fin" as end_time,
       times("Consommation totale (Wh)", 0.001) as energy_kwh,
       "Charge batterie demarrage (%)" as start_soc,
       "Charge batterie fin (%)" as stop_soc,
       "Prix total" as amount_paid,
       "Devise prix total" as currency
from input
