import { expect, test } from 'vitest';
import { scratch } from '../../support/cli.ts';
import { cliDatabase, rejectionReasons, summarize } from './cli-database.ts';

const folder = scratch();

interface Case {
  format: string;
  text: string;
  account: string;
  reasons: string[];
  /** The fields of each session and the expected values. */
  columns: string;
  rows: (string | null)[][];
}

const lines = (...all: string[]): string => `${all.join('\n')}\n`;

const cases: Case[] = [
  {
    format: 'a ChargePoint export',
    text: `\uFEFF${lines(
      'Station Name,MAC Address,Org Name,Start Date,Start Time Zone,End Date,End Time Zone,Energy (kWh),Port Type,Port Number,Currency,Fee,Ended By,Plug In Event Id,User ID',
      'TOWN / OAK #1,00aa:BB00:0001:0002,Town,7/9/2011 20:17,PDT,7/10/2011 0:20,PDT,6.249457,Level 2,2,USD,1.05,Customer,3,3284',
      'TOWN / OAK #1,00AA:BB00:0001:0002,Town,11/6/2011 1:30,PST,11/6/2011 1:45,PST,0.1,Level 1,1,,0,,4,0',
      'TOWN / ELM #1,00AABB0000010003,Town,1/2/2012 9:00,PST,1/2/2012 9:30,PST,3,DC Fast,1,USD,0,Customer,3,0',
      'TOWN / ELM #1,00AABB0000010003,Town,1/2/2012 9:00,PST,soon,PST,3,Level 2,1,USD,0,Customer,4,0',
      'TOWN / ELM #1,00AABB0000010003,Town,1/2/2012 9:00,PST,1/2/2012 9:30,PST,3,Level 2,1,USD,0,Customer,,12',
    )}`,
    account: 'charging_sessions by chargepoint_export: 5 = 3 + 0 + 0 + 2',
    reasons: ['1 end_time not a valid timestamp', '1 session_id is missing'],
    columns:
      'session_id, station_id, connector_id, user_id, start_time, end_time, energy_kwh, amount_paid, currency, charging_type, location, stop_reason',
    rows: [
      [
        '00AABB0000010002/3',
        '00AABB0000010002',
        '2',
        '3284',
        '2011-07-10 03:17:00',
        '2011-07-10 07:20:00',
        '6.249457',
        '1.05',
        'USD',
        'AC',
        'TOWN / OAK #1',
        'Customer',
      ],
      [
        '00AABB0000010002/4',
        '00AABB0000010002',
        '1',
        null,
        '2011-11-06 09:30:00',
        '2011-11-06 09:45:00',
        '0.1',
        '0',
        null,
        'AC',
        'TOWN / OAK #1',
        null,
      ],
      [
        '00AABB0000010003/3',
        '00AABB0000010003',
        '1',
        null,
        '2012-01-02 17:00:00',
        '2012-01-02 17:30:00',
        '3',
        '0',
        'USD',
        'DC',
        'TOWN / ELM #1',
        'Customer',
      ],
    ],
  },
  {
    format: 'ChargePoint sessions from ArcGIS',
    text: `\uFEFF${lines(
      'Station_Name,Address,Start_Date___Time,Start_Time_Zone,End_Date___Time,End_Time_Zone,Total_Duration__hh_mm_ss_,Charging_Time__hh_mm_ss_,Energy__kWh_,Port_Type,ObjectId',
      'TOWN / OAK,1 Oak St,2018/01/12 15:54:00+00,MST,2018/01/12 17:22:00+00,MST,1:28:23,1:28:11,6.706,Level 2,1',
      'TOWN / OAK,1 Oak St,2018/01/12 15:54:00+00,MST,2018/01/12 15:56:00+00,MST,0:02:00,0:00:00,0,Level 2,2',
      'TOWN / OAK,1 Oak St,2018/01/12 15:54:00+00,MST,2018/01/12 15:56:00+00,MST,0:02:00,0:00:00,0,Level 2,3',
      'TOWN / ELM,2 Elm St,2020/12/11 16:33:00+00,MST,1970/01/01 00:00:00+00,MST,838:59:59,0:00:00,0,Level 2,4',
      'TOWN / ELM,2 Elm St,2020/12/11 16:33:00+00,MST,2020/12/11 17:33:00+00,MST,1:00:00,1:00:00,many,Level 2,5',
    )}`,
    account: 'charging_sessions by chargepoint_arcgis: 5 = 4 + 0 + 0 + 1',
    reasons: ['1 energy_kwh not a valid number'],
    columns: 'session_id, start_time, end_time, energy_kwh, charging_type',
    rows: [
      ['TOWN / ELM/2020-12-11T16:33:00Z', '2020-12-11 16:33:00', null, '0', 'AC'],
      ['TOWN / OAK/2018-01-12T15:54:00Z', '2018-01-12 15:54:00', '2018-01-12 17:22:00', '6.706', 'AC'],
      ['TOWN / OAK/2018-01-12T15:54:00Z#2', '2018-01-12 15:54:00', '2018-01-12 15:56:00', '0', 'AC'],
      ['TOWN / OAK/2018-01-12T15:54:00Z#3', '2018-01-12 15:54:00', '2018-01-12 15:56:00', '0', 'AC'],
    ],
  },
  {
    format: 'sessions of AIL Lugano',
    text: lines(
      'ChargeLogId,UserId,BeginDate,BeginHour,EndDate,EndHour,PowerConsumption,Consumo kWh,Debit,Currency,ChargingStationId,ChargingStationName,Stazione,Plug',
      '1,Sconosciuto,01.03.17,23:30,01.04.17,00:30,16742,17 kWh,,CHF,90,VIA A,"VIA A, Bioggio",Destra',
      '2,15,07/13/2017,10:00,07/13/2017,10:31,23,0 kWh,0.01,CHF,90,VIA A,"VIA A, Bioggio",Sinistra',
      '3,15,07/13/2017,11:00,07/13/2017,,23,0 kWh,0.01,CHF,90,VIA A,"VIA A, Bioggio",Sinistra',
      '4,15,13/07/2017,11:00,13/07/2017,12:00,23,0 kWh,0.01,CHF,90,VIA A,"VIA A, Bioggio",Sinistra',
    ),
    account: 'charging_sessions by ail_lugano_sessions: 4 = 2 + 0 + 0 + 2',
    reasons: ['1 end_time not a valid timestamp', '1 start_time not a valid timestamp'],
    columns: 'session_id, user_id, connector_id, start_time, end_time, energy_kwh, amount_paid, currency, location',
    rows: [
      ['90/1', null, 'Destra', '2017-01-03 22:30:00', '2017-01-03 23:30:00', '16.742', null, 'CHF', 'VIA A, Bioggio'],
      [
        '90/2',
        '15',
        'Sinistra',
        '2017-07-13 08:00:00',
        '2017-07-13 08:31:00',
        '0.023',
        '0.01',
        'CHF',
        'VIA A, Bioggio',
      ],
    ],
  },
  {
    format: 'sessions of SAP Labs France',
    text: [
      'Type Lieu de charge;ID transaction;ID borne;ID connecteur borne;Date demarrage;Charge batterie demarrage (%);Date fin;Charge batterie fin (%);Duree totale (s);Prix total;Devise prix total;Statut inactivité;Consommation totale (Wh)',
      'Travail;913;S-1;2;2018-03-23T09:49:02+01:00;0;2018-03-23T12:30:34+01:00;0;9692.0;0.79296;EUR;W;5664',
      'Domicile;914;S-2;1;2019-07-09T09:05:20+02:00;20;2019-07-09T10:20:06+02:00;90;4486.0;7.97832;EUR;E;56988',
      'Travail;915;S-1;1;2020-01-09T09:05:20+01:00;0;;;;;;;',
      'Travail;916;S-1;1;2020-01-09T09:05:20+01:00;0;2020-01-09T10:05:20+01:00;190;3600.0;1;EUR;E;1000',
      '',
    ].join('\r\n'),
    account: 'charging_sessions by sap_labs_france: 4 = 3 + 0 + 0 + 1',
    reasons: ['1 stop_soc is outside 0-100'],
    columns:
      'session_id, transaction_id, station_id, connector_id, location, start_time, end_time, energy_kwh, start_soc, stop_soc, amount_paid, currency',
    rows: [
      [
        'S-1/913',
        '913',
        'S-1',
        '2',
        'Travail',
        '2018-03-23 08:49:02',
        '2018-03-23 11:30:34',
        '5.664',
        null,
        null,
        '0.79296',
        'EUR',
      ],
      ['S-1/915', '915', 'S-1', '1', 'Travail', '2020-01-09 08:05:20', null, null, null, null, null, null],
      [
        'S-2/914',
        '914',
        'S-2',
        '1',
        'Domicile',
        '2019-07-09 07:05:20',
        '2019-07-09 08:20:06',
        '56.988',
        '20',
        '90',
        '7.97832',
        'EUR',
      ],
    ],
  },
  {
    format: 'Norwegian residential sessions',
    text: lines(
      'session_ID;Garage_ID;User_ID;User_type;Shared_ID;Start_plugin;Start_plugin_hour;End_plugout;End_plugout_hour;El_kWh;Duration_hours',
      '1;Gr1;Gr1-4;Private;NA;21.12.2018 10:20;10;21.12.2018 10:23;10;0,3;0,05',
      '2;Gr1;Share-7;Shared;Shared-7;01.07.2019 10:24;10;NA;NA;29,87;NA',
      '3;Gr2;Gr2-1;Private;NA;28.10.2018 02:50;2;28.10.2018 02:10;2;1;0,33',
      '4;Gr2;Gr2-1;Private;NA;21.12.2018 10:20;10;21.12.2018 10:23;10;0.3;0,05',
    ),
    account: 'charging_sessions by norway_residential: 4 = 3 + 0 + 0 + 1',
    reasons: ['1 energy_kwh not a valid number'],
    columns: 'session_id, station_id, site_id, user_id, start_time, end_time, energy_kwh',
    rows: [
      ['Gr1/1', 'Gr1-4', 'Gr1', 'Gr1-4', '2018-12-21 09:20:00', '2018-12-21 09:23:00', '0.3'],
      ['Gr1/2', 'Shared-7', 'Gr1', 'Share-7', '2019-07-01 08:24:00', null, '29.87'],
      // Out of the first hour from 2 to 3 of that night, into the second.
      ['Gr2/3', 'Gr2-1', 'Gr2', 'Gr2-1', '2018-10-28 00:50:00', '2018-10-28 01:10:00', '1'],
    ],
  },
  {
    format: 'sessions of Perth & Kinross',
    text: lines(
      '_id,CP ID,Connector,Start Date,Start Time,End Date,End Time,Total kWh,Site,Model',
      '1,51,2,2018-08-31T00:00:00,22:48,2018-09-01T00:00:00,00:58,2.78," Mill Street, Perth",Triple',
      '2,51,1,2018-01-30T00:00:00,16:31,,,," Mill Street, Perth",Triple',
      '3,51,1,2018-01-30T00:00:00,16:31,2018-01-30T00:00:00,16:31,0," Mill Street, Perth",Triple',
      '4,51,2,2018-08-31T00:00:00,22:48,2018-09-01T00:00:00,00:58,2.78," Mill Street, Perth",Triple',
      '5,51,2,2018-09-08T00:00:00,10:00,2018-01-09T00:00:00,10:12,3,Mill Street,Triple',
      '6,51,2,2018-08-30T00:00:00,10:00,2018-08-30T00:00:00,10:12,-1394.711,Mill Street,Triple',
      '7,51,2,2018-08-29T00:00:00,10:00,2018-08-29T00:00:00,,1,Mill Street,Triple',
    ),
    account: 'charging_sessions by perth_kinross: 7 = 2 + 0 + 2 + 3',
    reasons: ['1 end_time is before start_time', '1 energy_kwh is negative', '1 end_time not a valid timestamp'],
    columns: 'session_id, start_time, end_time, energy_kwh, location',
    rows: [
      ['51/1/2018-01-30T16:31:00Z', '2018-01-30 16:31:00', '2018-01-30 16:31:00', '0', 'Mill Street, Perth'],
      ['51/2/2018-08-31T21:48:00Z', '2018-08-31 21:48:00', '2018-08-31 23:58:00', '2.78', 'Mill Street, Perth'],
    ],
  },
  {
    format: 'a Leeds file with the month first',
    text: lines(
      'Charging event,User ID,CP ID,Connector,Start Date,Start Time,End Date,End Time,Total kWh,Site,Model',
      '901,User 12,70,1,07/01/2019,06:56,07/01/2019,16:06,7.48,Mill Lane,Dual',
      '902,unknown,70,2,12/31/2019,13:12,01/01/1970,01:00,9.42,Mill Lane,Dual',
      '903,#N/A,70,2,12/30/2019,13:12,,,,Mill Lane ,Dual',
      '904,User 12,70,2,12/30/2019,15:12,12/30/2019,15:14,-74.59,Mill Lane,Dual',
    ),
    account: 'charging_sessions by leeds: 4 = 3 + 0 + 0 + 1',
    reasons: ['1 energy_kwh is negative'],
    columns: 'session_id, transaction_id, user_id, connector_id, start_time, end_time, energy_kwh, location',
    rows: [
      ['70/901', '901', 'User 12', '1', '2019-07-01 05:56:00', '2019-07-01 15:06:00', '7.48', 'Mill Lane'],
      ['70/902', '902', null, '2', '2019-12-31 13:12:00', null, '9.42', 'Mill Lane'],
      ['70/903', '903', null, '2', '2019-12-30 13:12:00', null, null, 'Mill Lane'],
    ],
  },
  {
    format: 'a Leeds file with the day first',
    text: lines(
      'Charging event,User ID,CP ID,Connector,Start Date,Start Time,End Date,End Time,Total kWh,Site,Model',
      '905,User 12,70,1,02/10/2020,07:05,02/10/2020,17:06,4.68,Mill Lane,Dual',
      '906,User 12,70,1,31/12/2020,14:24,02/01/2021,15:15,7.76,Mill Lane,Dual',
    ),
    account: 'charging_sessions by leeds: 2 = 2 + 0 + 0 + 0',
    reasons: [],
    columns: 'session_id, start_time, end_time',
    rows: [
      ['70/905', '2020-10-02 06:05:00', '2020-10-02 16:06:00'],
      ['70/906', '2020-12-31 14:24:00', '2021-01-02 15:15:00'],
    ],
  },
  {
    format: 'workplace sessions in the years 0014 and 0015',
    text: lines(
      'sessionId,dollars,created,ended,startTime,endTime,chargeTimeHrs,weekday,distance,userId,stationId,locationId,managerVehicle,facilityType,kwhTotal',
      '136,0.58,0014-12-31 23:40:26,0015-01-01 01:11:04,23,1,1.51,Wed,NA,358,582,461,0,3,7.78',
      '137,0,0015-06-30 12:00:00,NA,12,NA,NA,Tue,1.5,358,582,461,0,3,NA',
      '138,free,0015-06-30 12:00:00,0015-06-30 13:00:00,12,13,1,Tue,1.5,358,582,461,0,3,1',
    ),
    account: 'charging_sessions by workplace_dataverse: 3 = 2 + 0 + 0 + 1',
    reasons: ['1 amount_paid not a valid number'],
    columns: 'session_id, station_id, site_id, user_id, start_time, end_time, energy_kwh, amount_paid, currency',
    rows: [
      ['582/136', '582', '461', '358', '2014-12-31 23:40:26', '2015-01-01 01:11:04', '7.78', '0.58', 'USD'],
      ['582/137', '582', '461', '358', '2015-06-30 12:00:00', null, null, '0', 'USD'],
    ],
  },
  {
    format: 'a page of ACN-Data',
    text: JSON.stringify(
      {
        _meta: { site: 'somewhere', start: null },
        _items: [
          {
            _id: 'a1',
            clusterID: '01',
            connectionTime: 'Mon, 25 Mar 2019 16:24:42 GMT',
            disconnectTime: 'Tue, 26 Mar 2019 01:32:12 GMT',
            doneChargingTime: null,
            kWhDelivered: 6.146,
            sessionID: '1_1_2019-03-25',
            siteID: '01',
            spaceID: '02',
            stationID: '1-1',
            timezone: 'America/Los_Angeles',
            userID: null,
            userInputs: null,
          },
          {
            _id: 'a2',
            clusterID: '01',
            connectionTime: 'Tue, 26 Mar 2019 16:24:42 GMT',
            disconnectTime: null,
            doneChargingTime: null,
            kWhDelivered: 1,
            sessionID: '1_1_2019-03-26',
            siteID: '01',
            spaceID: '02',
            stationID: '1-1',
            timezone: 'America/Los_Angeles',
            userID: '007',
            userInputs: [{ kWhRequested: 20 }],
          },
          {
            _id: 'a3',
            clusterID: '01',
            connectionTime: 'Tue, 26 Mar 2019 16:24:42 GMT',
            disconnectTime: 'later',
            doneChargingTime: null,
            kWhDelivered: 1,
            sessionID: '1_1_2019-03-27',
            siteID: '01',
            spaceID: '02',
            stationID: '1-1',
            timezone: 'America/Los_Angeles',
            userID: null,
            userInputs: null,
          },
        ],
      },
      null,
      2,
    ),
    account: 'charging_sessions by acn_data: 3 = 2 + 0 + 0 + 1',
    reasons: ['1 end_time not a valid timestamp'],
    columns:
      'session_id, transaction_id, station_id, site_id, user_id, start_time, end_time, energy_kwh, transaction_data',
    rows: [
      ['1_1_2019-03-25', 'a1', '1-1', '01', null, '2019-03-25 16:24:42', '2019-03-26 01:32:12', '6.146', null],
      ['1_1_2019-03-26', 'a2', '1-1', '01', '007', '2019-03-26 16:24:42', null, '1', '[{"kWhRequested":20}]'],
    ],
  },
];

test.each(cases)('$format', async ({ text, account: expected, reasons: why, columns, rows: sessions }) => {
  const { text: take, rows } = cliDatabase(folder);
  const accounts = await take(text);
  expect(accounts.map(summarize)).toEqual([expected]);
  expect(accounts.flatMap(rejectionReasons).toSorted()).toEqual(why.toSorted());
  expect(await rows(`select ${columns} from charging_sessions order by session_id`)).toEqual(sessions);
  // The same file again adds nothing.
  const [again] = await take(text);
  expect([again!.added, again!.updated, again!.unchanged]).toEqual([
    0,
    0,
    accounts[0]!.read - accounts[0]!.quarantined,
  ]);
});

test.each([
  [
    'Leeds without its charging events',
    'User ID,CP ID,Connector,Start Date,Start Time,End Date,End Time,Total kWh,Site\nUser 1,7,1,07/13/2019,10:00,07/13/2019,11:00,1,Mill Lane\n',
  ],
  ['a station list without its coordinates', 'ChargingStationId,ChargingStationName,Paese\n1,VIA A,Bioggio\n'],
  ['a log without its messages', 'timestamp,id,action\n2024-01-01 10:00:00,CP1,Heartbeat\n'],
])('%s is not detected as a similar format', async (_, text) => {
  const { text: take } = cliDatabase(folder);
  await expect(take(text)).rejects.toThrow(/layout not recognized|does not fit/);
});

test("a network's own sessions match no mapping", async () => {
  const { text: take } = cliDatabase(folder);
  const [taken] = await take(
    'session_id,station_id,start_time,end_time,energy_kwh,status,last_updated\ns1,CP1,2024-01-01 10:00:00,2024-01-01 11:00:00,1,done,2024-01-01 11:00:00\n',
  );
  expect(summarize(taken!)).toBe('charging_sessions by undefined: 1 = 1 + 0 + 0 + 0');
});
