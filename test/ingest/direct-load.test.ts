import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { clearSource } from '../../src/ingest/ingest-log.ts';
import { openForWriting } from '../../src/warehouse/database.ts';
import { scratch } from '../support/cli.ts';
import { openEngine } from '../support/duckdb.ts';
import { ingestSource } from '../support/ingest.ts';

const folder = scratch();
const { duckdb, catalog } = await openEngine();
const db = join(folder, 'straight.duckdb');
await openForWriting(duckdb, db, catalog);

/** Imports a text into the empty sessions table and returns its counts and the table. */
async function taken(name: string, text: string): Promise<[string, unknown[]]> {
  await clearSource(duckdb, 'charging_sessions');
  const path = join(folder, name);
  writeFileSync(path, text);
  const { read, added, updated, unchanged, quarantined } = await ingestSource(duckdb, catalog, db, path);
  const rows = await duckdb.rows('select session_id, station_id, energy_kwh from db.main.charging_sessions order by 1');
  return [
    `${read} = ${added} + ${updated} + ${unchanged} + ${quarantined}`,
    rows.map((row) => Object.values(row).join(' ')),
  ];
}

const header = 'session_id,station_id,start_time,energy_kwh,timestamp\n';

test('repeated keys: the newest version wins, on a tie the later row', async () => {
  expect(
    await taken(
      'repeats.csv',
      `${header}a,S,2024-01-01,1,2024-01-02\na,S,2024-01-01,2,2024-01-03\na,S,2024-01-01,3,2024-01-01\nb,S,2024-01-01,4,2024-01-01\nb,S,2024-01-01,5,2024-01-01\n`,
    ),
  ).toEqual(['5 = 2 + 0 + 3 + 0', ['a S 2', 'b S 5']]);
});

test('a bad row among good ones is rejected with its line', async () => {
  expect(await taken('bad.csv', `${header}a,S,2024-01-01,1,\nb,S,soon,1,\nc,S\nd,S,2024-01-01,1,\n`)).toEqual([
    '4 = 2 + 0 + 0 + 2',
    ['a S 1', 'd S 1'],
  ]);
  expect(await duckdb.rows('select line from quarantine order by 1')).toEqual([{ line: 3 }, { line: 4 }]);
});

test('JSON with blank lines, without a final line end, with a broken line, with a late key', async () => {
  const record = (id: string, more = ''): string =>
    `{"session_id":"${id}","station_id":"S","start_time":"2024-01-01"${more}}`;
  expect(await taken('blank.ndjson', `${record('a')}\n\n  \n${record('b')}\n\n`)).toEqual([
    '2 = 2 + 0 + 0 + 0',
    ['a S ', 'b S '],
  ]);
  expect(await taken('open.ndjson', `${record('a')}\n${record('b')}`)).toEqual(['2 = 2 + 0 + 0 + 0', ['a S ', 'b S ']]);
  expect(await taken('broken.ndjson', `${record('a')}\n{"session_id":\n${record('b')}\n`)).toEqual([
    '3 = 2 + 0 + 0 + 1',
    ['a S ', 'b S '],
  ]);
  const many = Array.from({ length: 2_500 }, (_, at) => record(`s${at}`));
  const [sum, rows] = await taken('late.ndjson', `${many.join('\n')}\n${record('late', ',"energy_kwh":7')}\n`);
  expect([sum, rows.filter((row) => String(row).endsWith(' 7'))]).toEqual(['2501 = 2501 + 0 + 0 + 0', ['late S 7']]);
});

test('a column first supplied by a later file is added then; earlier rows have null', async () => {
  await clearSource(duckdb, 'sites');
  for (const [name, text] of [
    ['narrow.csv', 'site_id,site_name,timezone\ns1,Depot,UTC\n'],
    ['wider.csv', 'site_id,site_name,timezone,city\ns2,Port,UTC,Oslo\n'],
  ]) {
    writeFileSync(join(folder, name!), text!);
    await ingestSource(duckdb, catalog, db, join(folder, name!));
  }
  expect(await duckdb.rows('select site_id, city from db.main.sites order by 1')).toEqual([
    { site_id: 's1', city: null },
    { site_id: 's2', city: 'Oslo' },
  ]);
  expect(
    await duckdb.rows(
      "select column_name from duckdb_columns() where database_name = 'db' and table_name = 'sites' and column_name = 'latitude'",
    ),
  ).toEqual([]);
});
