import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { scratch, wattduck } from '../support/cli.ts';
import { openEngine } from '../support/duckdb.ts';

const { duckdb } = await openEngine();
const folder = scratch();
let databases = 0;
const fresh = (): string => join(folder, `db-${(databases += 1)}.duckdb`);

/** A Parquet file of a select's rows. */
async function parquet(name: string, select: string): Promise<string> {
  const path = join(folder, name);
  await duckdb.run(`copy (${select}) to '${path}' (format parquet)`);
  return path;
}

const ingest = async (db: string, path: string, ...options: string[]): Promise<Record<string, unknown>> => {
  const { status, stdout, stderr } = await wattduck(['ingest', path, '--json', '--db', db, ...options]);
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Record<string, unknown>;
};
const rows = async (db: string, sql: string): Promise<string> =>
  (await wattduck(['sql', sql, '--db', db, '--format', 'csv'])).stdout;

describe('values of a Parquet file', () => {
  test('keep every digit, nulls, lists and structs', async () => {
    const path = await parquet(
      'values.parquet',
      `
      select 9007199254740993::bigint as session_id, 'S' as station_id, timestamp '2024-01-01 10:00:00.123456' as start_time,
             123456789012.345678::decimal(18, 6) as amount_paid, 0.1::double as energy_kwh, true as dto_optimized, 'AC'::enum('AC', 'DC') as charging_type,
             {'rfid': 'x', 'readings': [{'at': date '2024-01-01', 'wh': 1.5}]} as transaction_data, null::varchar as user_id
      union all select 2, 'S', timestamp '2024-01-02 10:00:00', null, 1e11, null, null, null, 'u "quoted", \n and broken'`,
    );
    const db = fresh();
    expect(await ingest(db, path)).toMatchObject({ read: 2, added: 2, quarantined: 0, source: 'charging_sessions' });
    expect(
      await rows(
        db,
        'select session_id, start_time, amount_paid::varchar as amount, energy_kwh, dto_optimized, charging_type, user_id is null as anonymous from charging_sessions order by start_time',
      ),
    ).toBe(
      'session_id,start_time,amount,energy_kwh,dto_optimized,charging_type,anonymous\n' +
        '9007199254740993,2024-01-01 10:00:00.123456,123456789012.345678,0.1,true,AC,true\n2,2024-01-02 10:00:00,,100000000000,,,false\n',
    );
    expect(
      JSON.parse(
        (
          await wattduck([
            'sql',
            'select user_id, transaction_data::varchar as data from charging_sessions order by start_time',
            '--db',
            db,
            '--format',
            'json',
          ])
        ).stdout,
      ),
    ).toEqual([
      { user_id: null, data: '{"rfid":"x","readings":[{"at":"2024-01-01","wh":1.5}]}' },
      { user_id: 'u "quoted", \n and broken', data: null },
    ]);
  });

  test('with a time zone stay as they are; times without one use --tz', async () => {
    const path = await parquet(
      'zones.parquet',
      `
      select 'a' as session_id, 'S' as station_id, timestamptz '2024-07-01 10:00:00+02' as start_time, timestamp '2024-07-01 11:00:00' as end_time`,
    );
    for (const [zone, start, end] of [
      ['UTC', '08:00:00', '11:00:00'],
      ['Europe/Berlin', '08:00:00', '09:00:00'],
    ]) {
      const db = fresh();
      await ingest(db, path, '--tz', zone!);
      expect(await rows(db, 'select start_time, end_time from charging_sessions')).toBe(
        `start_time,end_time\n2024-07-01 ${start},2024-07-01 ${end}\n`,
      );
    }
  });

  test('that are invalid are rejected with their row and number, and can be corrected and retried', async () => {
    const path = await parquet(
      'bad.parquet',
      `
      select 's' || i as session_id, 'S' as station_id, case when i = 3 then 'soon' else '2024-01-0' || i end as start_time, case when i = 2 then 'nan'::double else i end as energy_kwh
      from range(1, 6) as t(i)`,
    );
    const db = fresh();
    expect(await ingest(db, path)).toMatchObject({ read: 5, added: 3, quarantined: 2 });
    expect(await rows(db, 'select line, column_name, value, raw from quarantine order by line')).toBe(
      'line,column_name,value,raw\n2,energy_kwh,nan,"{""session_id"":""s2"",""station_id"":""S"",""start_time"":""2024-01-02"",""energy_kwh"":""nan""}"\n' +
        '3,start_time,soon,"{""session_id"":""s3"",""station_id"":""S"",""start_time"":""soon"",""energy_kwh"":""3.0""}"\n',
    );
    const corrected = join(folder, 'corrected.csv');
    await wattduck(['quarantine', 'export', '-o', corrected, '--db', db]);
    writeFileSync(
      corrected,
      readFileSync(corrected, 'utf8').replaceAll('""soon""', '""2024-01-03""').replaceAll('""nan""', '""2""'),
    );
    expect((await wattduck(['quarantine', 'retry', corrected, '--db', db])).stdout).toMatch(
      /2 rows read = 2 new \+ 0 updated \+ 0 unchanged \+ 0 superseded \+ 0 rejected/,
    );
    expect(await rows(db, 'select count(*) as n from charging_sessions')).toBe('n\n5\n');
  });
});

describe('a Parquet file', () => {
  test('of the same texts as a CSV file gives the same counts and the same rows', async () => {
    for (const path of [
      'test/reports/data/dozen/dozen.csv',
      'test/reports/data/dozen/faulty.csv',
      'fixtures/customer_events.csv',
      'fixtures/charge_points.csv',
    ]) {
      const [asCsv, asParquet] = [fresh(), fresh()];
      const copy = await parquet(
        'copy.parquet',
        `select * from read_csv('${path}', all_varchar = true, header = true, delim = ',', quote = '"')`,
      );
      const figures = ({ read, added, updated, unchanged, quarantined }: Record<string, unknown>): unknown[] => [
        read,
        added,
        updated,
        unchanged,
        quarantined,
      ];
      const account = await ingest(asCsv, path);
      expect(figures(await ingest(asParquet, copy))).toEqual(figures(account));
      const all = `select * from ${String(account['source'])} order by all`;
      expect(await rows(asParquet, all)).toBe(await rows(asCsv, all));
      const bad = "select column_name, value, reason from quarantine where reason not like '%fields%' order by all";
      expect(await rows(asParquet, bad)).toBe(await rows(asCsv, bad));
    }
  });

  test('is skipped the second time; is staged into a table with rows', async () => {
    const db = fresh();
    const select =
      "select 'a' as session_id, 'S' as station_id, timestamp '2024-01-01' as start_time, 1.5 as energy_kwh";
    await ingest(db, await parquet('first.parquet', select));
    expect((await wattduck(['ingest', join(folder, 'first.parquet'), '--db', db])).stdout).toMatch(
      /already imported on/,
    );
    expect(
      await ingest(
        db,
        await parquet('second.parquet', `${select} union all select 'b', 'S', timestamp '2024-01-02', 2`),
      ),
    ).toMatchObject({ read: 2, added: 1, unchanged: 1 });
  });

  test('without rows is valid', async () => {
    expect(
      await ingest(
        fresh(),
        await parquet(
          'none.parquet',
          "select 'a' as session_id, 'S' as station_id, timestamp '2024-01-01' as start_time where false",
        ),
      ),
    ).toMatchObject({ read: 0, quarantined: 0 });
  });

  test('is found in a folder and by a pattern, and can be piped in', async () => {
    const inside = join(folder, 'inside');
    mkdirSync(inside);
    await parquet(
      'inside/rows.parquet',
      "select 'a' as session_id, 'S' as station_id, timestamp '2024-01-01' as start_time",
    );
    expect(await ingest(fresh(), inside)).toMatchObject({ read: 1 });
    expect(await ingest(fresh(), join(inside, '*.parquet'))).toMatchObject({ read: 1 });
    const { stdout } = await wattduck(['ingest', '-', '--db', fresh()], {
      stdin: readFileSync(join(inside, 'rows.parquet')),
    });
    expect(stdout).toMatch(/^standard input: 1 row read = 1 new/);
  });

  test('of an unknown format lists its columns', async () => {
    const { status, stderr } = await wattduck([
      'ingest',
      await parquet('rain.parquet', "select date '2024-01-01' as day, 3 as rain"),
      '--db',
      fresh(),
    ]);
    expect([status, stderr]).toEqual([
      1,
      `error: ${join(folder, 'rain.parquet')}: layout not recognized. Keys: day, rain. Run \`wattduck map ${join(folder, 'rain.parquet')}\` to propose a mapping.\n`,
    ]);
  });
});
