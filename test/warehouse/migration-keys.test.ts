import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect, test } from 'vitest';
import { scratch, wattduck } from '../support/cli.ts';

const folder = scratch();
let made = 0;

const systemTables = `
create table ingests (ingest_id bigint not null, source varchar not null, file varchar not null, format varchar not null, rows_read bigint not null, rows_new bigint not null,
  rows_updated bigint not null, rows_unchanged bigint not null, rows_quarantined bigint not null, ingested_at timestamp not null, seconds double not null, mapping varchar, bytes bigint,
  content_hash varchar, reading json, replaced_at timestamp, quarantined_up_to bigint);
create table quarantine (ingest_id bigint not null, source varchar not null, file varchar not null, line bigint, column_name varchar, value varchar, reason varchar not null, raw varchar,
  quarantined_at timestamp not null, quarantine_id bigint);
create table schema_version (version integer not null);
insert into schema_version values (3);`;

/** A database of schema version 3 whose ingest log has these mappings. */
async function older(mappings: readonly string[], sql: string): Promise<string> {
  const path = join(folder, `old-${(made += 1)}.duckdb`);
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  await connection.run(systemTables);
  for (const [at, mapping] of mappings.entries())
    await connection.run(
      `insert into ingests values (${at + 1}, 's', 'old.csv', 'csv', 1, 1, 0, 0, 0, timestamp '2026-01-01', 0.1, '${mapping}', 100, 'x', null, null, 0)`,
    );
  await connection.run(sql);
  connection.closeSync();
  instance.closeSync();
  return path;
}

const csv = async (db: string, sql: string): Promise<string[]> =>
  (await wattduck(['sql', sql, '--db', db, '--format', 'csv'])).stdout.trim().split('\n').slice(1);
const ingest = async (db: string, text: string): Promise<string> => {
  const path = join(folder, 'again.csv');
  writeFileSync(path, text);
  const { stdout, stderr } = await wattduck(['ingest', path, '--db', db, '--force']);
  return /= .* rejected/.exec(stdout)?.[0] ?? stderr;
};

const perthSessions = `
create table charging_sessions (session_id varchar not null, station_id varchar not null, start_time timestamp not null, "timestamp" timestamp not null, connector_id varchar,
  end_time timestamp, energy_kwh double);
insert into charging_sessions values
  ('51/2/2018-08-31 22:48/2018-08-31 22:58/2.78', '51', '2018-08-31 21:48:00', '2018-08-31 21:58:00', '2', '2018-08-31 21:58:00', 2.78),
  ('51/1/2018-01-30 16:31', '51', '2018-01-30 16:31:00', '2018-01-30 16:31:00', '1', null, null),
  ('51/1/2018-01-30 16:31/2018-01-30 17:31/7.5', '51', '2018-01-30 16:31:00', '2018-01-30 17:31:00', '1', '2018-01-30 17:31:00', 7.5),
  ('51/1/30/01/2018 16:31/30/01/2018 17:31/7.50', '51', '2018-01-30 16:31:00', '2018-01-30 17:31:00', '1', '2018-01-30 17:31:00', 7.5),
  ('51/3/2018-05-01 10:00/2018-05-01 10:00/0', '51', '2018-05-01 09:00:00', '2018-05-01 09:00:00', '3', '2018-05-01 09:00:00', 0),
  ('51/3/2018-05-01 10:00/2018-05-01 11:00/9', '51', '2018-05-01 09:00:00', '2018-05-01 10:00:00', '3', '2018-05-01 10:00:00', 9),
  ('51/4/2018-06-01 10:00', '51', '2018-06-01 09:00:00', '2018-06-01 09:00:00', '4', null, null),
  ('own-1', '51', '2018-05-01 09:00:00', '2018-05-01 09:00:00', '3', null, 1);`;

test('sessions of Perth & Kinross get IDs of typed values; versions of one session become one', async () => {
  const db = await older(['perth_kinross'], perthSessions);
  expect(await csv(db, 'select session_id, end_time, energy_kwh from charging_sessions order by 1')).toEqual([
    '51/1/2018-01-30T16:31:00Z,2018-01-30 17:31:00,7.5',
    '51/2/2018-08-31T21:48:00Z,2018-08-31 21:58:00,2.78',
    '51/3/2018-05-01T09:00:00Z,2018-05-01 09:00:00,0',
    '51/3/2018-05-01T09:00:00Z#2,2018-05-01 10:00:00,9',
    '51/4/2018-06-01T09:00:00Z,,',
    'own-1,,1',
  ]);
  // The same file again, with one session that has ended since.
  expect(
    await ingest(
      db,
      [
        'CP ID,Connector,Start Date,Start Time,End Date,End Time,Total kWh,Site,Model',
        '51,2,2018-08-31,22:48,2018-08-31,22:58,2.78,,T',
        '51,1,2018-01-30,16:31,,,,,T',
        '51,1,2018-01-30,16:31,2018-01-30,17:31,7.5,,T',
        '51,3,2018-05-01,10:00,2018-05-01,11:00,9,,T',
        '51,3,2018-05-01,10:00,2018-05-01,10:00,0,,T',
        '51,4,2018-06-01,10:00,2018-06-01,10:30,4,,T',
        '',
      ].join('\n'),
    ),
  ).toBe('= 0 new + 1 updated + 5 unchanged + 0 superseded + 0 rejected');
});

test('without the mapping in the ingest log nothing changes', async () => {
  const db = await older(['leeds'], perthSessions);
  expect((await csv(db, 'select session_id from charging_sessions')).filter((id) => id.includes('Z'))).toEqual([]);
  expect(await csv(db, 'select count(*) from charging_sessions')).toEqual(['8']);
});

test('sessions from ArcGIS all stay, and the same file again adds nothing', async () => {
  const db = await older(
    ['chargepoint_arcgis'],
    `create table charging_sessions (session_id varchar not null, station_id varchar not null, start_time timestamp not null, "timestamp" timestamp not null,
       end_time timestamp, energy_kwh double, charging_type varchar, location varchar);
     insert into charging_sessions select id, 'TOWN / OAK', '2018-01-12 15:54:00', coalesce(ends, '2018-01-12 15:54:00'), ends, kwh, 'AC', 'TOWN / OAK' from (values
       ('TOWN / OAK/2018/01/12 15:54:00+00/1:28:23/6.706', timestamp '2018-01-12 17:22:00', 6.706),
       ('TOWN / OAK/2018/01/12 15:54:00+00/0:02:00/0', timestamp '2018-01-12 15:56:00', 0),
       ('TOWN / OAK/2018/01/12 15:54:00+00/0:02:00/0#2', timestamp '2018-01-12 15:56:00', 0),
       ('TOWN / OAK/2018/01/12 15:54:00+00/838:59:59/0', null, 0)) as t(id, ends, kwh);`,
  );
  expect(await csv(db, 'select session_id from charging_sessions order by 1')).toEqual(
    ['', '#2', '#3', '#4'].map((number) => `TOWN / OAK/2018-01-12T15:54:00Z${number}`),
  );
  const row = (end: string, kwh: string): string =>
    `TOWN / OAK,2018/01/12 15:54:00+00,${end}+00,0:00:00,0:00:00,${kwh},Level 2`;
  expect(
    await ingest(
      db,
      [
        'Station_Name,Start_Date___Time,End_Date___Time,Total_Duration__hh_mm_ss_,Charging_Time__hh_mm_ss_,Energy__kWh_,Port_Type',
        row('2018/01/12 17:22:00', '6.706'),
        row('2018/01/12 15:56:00', '0'),
        row('2018/01/12 15:56:00', '0'),
        row('1970/01/01 00:00:00', '0'),
        '',
      ].join('\n'),
    ),
  ).toBe('= 0 new + 0 updated + 4 unchanged + 0 superseded + 0 rejected');
});

test('shop events get IDs of typed values', async () => {
  const db = await older(
    ['rees46', 'uci_online_retail'],
    `create table customer_events (event_id varchar not null, event_type varchar not null, event_timestamp timestamp not null, last_updated timestamp not null,
       customer_id varchar, session_id varchar, product_id varchar, category_id varchar, price decimal(18, 6), quantity bigint, country varchar);
     insert into customer_events values
       ('541/72d7/2019-10-01 00:00:00 UTC/view/446/35.79', 'view', '2019-10-01 00:00:00', '2019-10-01 00:00:00', '541', '72d7', '446', '21', 35.79, null, null),
       ('541/72d7/2019-10-01 00:00:00 UTC/view/446/35.790', 'view', '2019-10-01 00:00:00', '2019-10-01 00:00:00', '541', '72d7', '446', '21', 35.79, null, null),
       ('536365/85123A/6/2.550', 'purchase', '2011-07-01 07:26:00', '2011-07-01 07:26:00', '17850', '536365', '85123A', null, 2.55, 6, 'France'),
       ('536365/85123A/6/2.550#2', 'purchase', '2011-07-01 07:26:00', '2011-07-01 07:26:00', '17850', '536365', '85123A', null, 2.55, 6, 'France'),
       ('own-1', 'purchase', '2011-07-01 07:26:00', '2011-07-01 07:26:00', '17850', '536365', '85123A', null, 2.55, 6, 'France');`,
  );
  expect(await csv(db, 'select event_id from customer_events order by 1')).toEqual([
    '536365/85123A/6/2.55',
    '536365/85123A/6/2.55#2',
    '541/72d7/2019-10-01T00:00:00Z/view/446/35.79',
    'own-1',
  ]);
  const header = 'event_time,event_type,product_id,category_id,category_code,brand,price,user_id,user_session';
  expect(await ingest(db, `${header}\n2019-10-01 00:00:00 UTC,view,446,21,,b,35.79,541,72d7\n`)).toBe(
    '= 0 new + 0 updated + 1 unchanged + 0 superseded + 0 rejected',
  );
  const line = '536365,85123A,"LAMP",6,7/1/2011 8:26,2.55,17850.0,France';
  expect(
    await ingest(
      db,
      `InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n${line}\n${line}\n`,
    ),
  ).toBe('= 0 new + 0 updated + 2 unchanged + 0 superseded + 0 rejected');
});

test('logged OCPP messages get the time in ISO 8601', async () => {
  const db = await older(
    ['ocpp_log'],
    `create table charge_point_events (event_id varchar not null, station_id varchar not null, event_type varchar not null, event_time timestamp not null,
       last_updated timestamp not null, payload json);
     insert into charge_point_events values
       ('CH/1/2025-10-01T08:00:00.100Z/heartbeat/h1', 'CH/1', 'heartbeat', '2025-10-01 08:00:00.1', '2025-10-01 08:00:00.1', '[2,"h1","Heartbeat",{}]'),
       ('CH/1/2025-10-01T08:00:00.100Z/heartbeat/h1#2', 'CH/1', 'heartbeat', '2025-10-01 08:00:00.1', '2025-10-01 08:00:00.1', '[2,"h1","Heartbeat",{}]'),
       ('CH/1|heartbeat', 'CH/1', 'heartbeat', '2025-10-01 08:00:00.1', '2025-10-01 08:00:00.1', null);`,
  );
  expect(await csv(db, 'select event_id from charge_point_events order by 1')).toEqual([
    'CH/1/2025-10-01T08:00:00.1Z/heartbeat/h1',
    'CH/1/2025-10-01T08:00:00.1Z/heartbeat/h1#2',
    'CH/1|heartbeat',
  ]);
  const row = '2025-10-01 08:00:00.1+00:00,CH/1,Heartbeat,"[2,""h1"",""Heartbeat"",{}]"';
  expect(await ingest(db, `timestamp,id,action,msg\n${row}\n${row}\n`)).toBe(
    '= 0 new + 0 updated + 2 unchanged + 0 superseded + 0 rejected',
  );
});

test('a database without these tables is migrated too', async () => {
  const db = await older(['perth_kinross', 'rees46'], 'select 1');
  expect((await wattduck(['ingests', '--db', db])).status).toBe(0);
});
