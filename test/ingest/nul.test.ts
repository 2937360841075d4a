import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { engineDatabase } from '../support/engine-database.ts';

const { duckdb, content, empty } = await engineDatabase();

const header = 'session_id,station_id,start_time,location\n';
const record = (id: string, station = 'S', location = 'x'): string =>
  JSON.stringify({ session_id: id, station_id: station, start_time: '2024-03-05', location });
const csv = `${header}a\0b,S,2024-03-05,x\nb,S\0,2024-03-05,x\nc,S,2024-03-05,x\0y\nd,S,2024-03-05,x\n`;
const ndjson = [record('a\0b'), record('b', 'S\0'), record('c', 'S', 'x\0y'), record('d')].join('\n');

test.each<[string, string | Buffer]>([
  ['rows.csv', csv],
  ['rows.csv.gz', gzipSync(csv)],
  ['rows.ndjson', ndjson],
  ['rows.json', `[${ndjson.replaceAll('\n', ',')}]`],
  ['bytes.ndjson.gz', gzipSync(ndjson)],
])('%s: a NUL in an ID rejects the row, elsewhere it is kept', async (name, text) => {
  await empty('charging_sessions');
  for (const added of [2, 0]) {
    const result = await content(name, text);
    expect([result.read, result.added, result.quarantined]).toEqual([4, added, 2]);
    expect(await duckdb.rows('select session_id as id, location from charging_sessions order by 1')).toEqual([
      { id: 'c', location: 'x\0y' },
      { id: 'd', location: 'x' },
    ]);
  }
  const first = name.includes('csv') ? 2 : 1;
  expect(await duckdb.rows('select line, column_name, reason from quarantine order by line')).toEqual([
    { line: first, column_name: 'session_id', reason: 'contains a NUL character' },
    { line: first + 1, column_name: 'station_id', reason: 'contains a NUL character' },
  ]);
});
