import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { engineDatabase } from '../support/engine-database.ts';

const { duckdb, content, empty } = await engineDatabase();

/** Sessions of about a kilobyte. */
const sessions = (count: number): Record<string, unknown>[] =>
  Array.from({ length: count }, (_, at) => ({
    session_id: `s${at}`,
    station_id: 'S',
    start_time: '2024-03-05T10:00:00Z',
    energy_kwh: 2,
    location: 'x'.repeat(900),
  }));
const [small, large] = [sessions(2_500), sessions(18_500)];

test.each<[string, number, () => string | Buffer]>([
  ['an array of 2.5 MB on one line', 2_500, () => JSON.stringify(small)],
  ['an array of 18 MB on one line', 18_500, () => JSON.stringify(large)],
  ['an envelope of 18 MB on one line', 18_500, () => `${JSON.stringify({ data: large, status_code: 1000 })}\n`],
  ['an envelope with _items', 18_500, () => JSON.stringify({ _items: large, _links: { self: {} } })],
  ['an envelope on many lines, in one when flattened', 18_500, () => JSON.stringify({ data: large }, null, 1)],
  ['an envelope with a long line', 18_500, () => `{\n"data":\n${JSON.stringify(large)}\n}\n`],
  ['a document after blank lines', 2_500, () => `\n \n${JSON.stringify(small)}\n\n`],
  ['a document with a byte order mark', 18_500, () => `\uFEFF${JSON.stringify({ data: large })}`],
  ['a gzip file of one long line', 18_500, () => gzipSync(JSON.stringify({ data: large }))],
])('%s', async (name, count, text) => {
  await empty('charging_sessions');
  const { read, added, ignored } = await content(`${name}.json`, text());
  expect([read, added, ignored]).toEqual([count, count, []]);
  const { energy } = await duckdb.row('select sum(energy_kwh) as energy from charging_sessions');
  expect(energy).toBe(2 * count);
});

test('a truncated document is an error that names its end', async () => {
  for (const text of [JSON.stringify(large).slice(0, -1), JSON.stringify({ data: large }).slice(0, -2)]) {
    await expect(content('truncated.json', `${text},\n  \n`)).rejects.toThrow(/broken JSON: it ends after x+"},/);
  }
});

test('a document that does not fit in memory is an error that says so', async () => {
  const { limit } = await duckdb.row("select current_setting('memory_limit') as limit");
  await duckdb.run("set memory_limit = '60MB'");
  try {
    await expect(content('memory.json', JSON.stringify({ data: large }))).rejects.toThrow(/memory/);
  } finally {
    await duckdb.run(`set memory_limit = '${String(limit)}'`);
  }
});
