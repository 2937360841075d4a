/*---
title: SAP Labs France sessions
description: >-
  Sessions of employees at work (Travail) and at home (Domicile) with SAP Labs France. Energy is in Wh, a state of charge of 0 is unknown,
  and a session without an end was open when the file was made.
source: charging_sessions
recognise: [ID transaction, ID borne, ID connecteur borne, Date demarrage, Date fin, Prix total, Devise prix total, Consommation totale (Wh)]
tz: Europe/Paris
sentinels:
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
