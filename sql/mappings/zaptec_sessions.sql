/*---
title: Sessions of Zaptec
description: Charge history from the Zaptec API, as JSON.
details:
  - Times without an offset are in UTC.
  - A session that another one replaces is marked invalid.
  - The report that Zaptec Portal exports to Excel sums sessions up per charger or user, so this mapping does not read it.
source: charging_sessions
detect_by: [Id, DeviceId, StartDateTime, EndDateTime, Energy, CommitMetadata, CommitEndDateTime, ChargerId, DeviceName]
ignored_fields:
  [UserUserName, UserFullName, UserEmail, UserName, ExternalId, ExternallyEnded, EnergyDetails, ChargerFirmwareVersion, SignedSession]
tz: UTC
---*/
select "Id" as session_id,
       "Id" as transaction_id,
       "DeviceId" as station_id,
       "UserId" as user_id,
       "TokenName" as rfid_name,
       "StartDateTime" as start_time,
       "EndDateTime" as end_time,
       "Energy" as energy_kwh,
       "DeviceName" as location,
       case when "ReplacedBySessionId" is not null then 'invalid' end as status
from input
