import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openForWriting } from '../../src/warehouse/database.ts';
import { scratch } from '../support/cli.ts';
import { openEngine } from '../support/duckdb.ts';
import { ingestSource } from '../support/ingest.ts';

const folder = scratch();
const db = join(folder, 'quotes.duckdb');
const { duckdb, catalog } = await openEngine();
await openForWriting(duckdb, db, catalog);

test.each([
  [',', '\n'],
  [';', '\r\n'],
  ['|', '\n'],
  ['\t', '\r\n'],
])('an unclosed quote costs only its own line (delimiter %j, line end %j)', async (delimiter, lineEnd) => {
  const record = (n: number, location: string): string =>
    [`s${n}`, 'A', '2024-01-01 00:00:00', location].join(delimiter);
  const lines = [['session_id', 'station_id', 'start_time', 'location'].join(delimiter)];
  for (let n = 1; n <= 400; n += 1) {
    // Lines 2 and 3 are one valid record; the quotes of lines 51 and 301 are unclosed, 302 has text after one.
    if (n === 1) lines.push(record(n, '"two'), 'lines"');
    else if (n === 49 || n === 299) lines.push(record(n, `"open ${n}`));
    else if (n === 300) lines.push(record(n, '"closed" too early'));
    else lines.push(record(n, `place ${n}`));
  }
  const path = join(folder, 'unclosed.csv');
  writeFileSync(path, lines.join(lineEnd) + lineEnd);
  await duckdb.run('delete from charging_sessions');
  await duckdb.run('delete from quarantine');

  const { read, added, quarantined } = await ingestSource(duckdb, catalog, db, path);
  expect({ read, added, quarantined }).toEqual({ read: 400, added: 397, quarantined: 3 });
  expect(await duckdb.rows('select line, reason, raw from quarantine order by line')).toEqual(
    [51, 301, 302].map((line) => ({ line, reason: 'has a broken quote', raw: lines[line - 1] })),
  );
  expect(await duckdb.row("select location from charging_sessions where session_id = 's1'")).toEqual({
    location: 'two\nlines',
  });
});

test('no block of rows after an unclosed quote is lost', async () => {
  // Well over the 32 MB that DuckDB reads at a time, because skipped rows end with such a block.
  const rows = 400_000;
  const lines = ['session_id,station_id,start_time,location'];
  for (let n = 0; n < rows; n += 1)
    lines.push(
      `s${n},A,2024-01-01 00:00:00,${n === 5 ? '"' : ''}a place with a rather long name, number ${n}`
        .replace(', number', ' number')
        .padEnd(110, '.'),
    );
  const path = join(folder, 'large.csv');
  writeFileSync(path, `${lines.join('\n')}\n`);
  await duckdb.run('delete from charging_sessions');
  const { read, added, quarantined } = await ingestSource(duckdb, catalog, db, path);
  expect({ read, added, quarantined }).toEqual({ read: rows, added: rows - 1, quarantined: 1 });
});
