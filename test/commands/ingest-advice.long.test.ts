import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DuckDb } from '../../src/warehouse/duckdb.ts';
import { scratch, wattduck } from '../support/cli.ts';

const folder = scratch();
const advice = 'charging_sessions is not in time order: `wattduck optimize` makes reports of a period faster\n';

/** Eight row groups of DuckDB. */
const rows = 8 * 122_880;

/** Writes sessions an hour apart; every `step`-th follows. */
async function writeSessions(name: string, step: number): Promise<string> {
  const file = join(folder, name);
  const duckdb = await DuckDb.open();
  try {
    await duckdb.run(
      `copy (select 's' || i as session_id, 'cp' as station_id,
               strftime(timestamp '2010-01-01' + to_hours((i * ${step} % ${rows})::int) / 10, '%Y-%m-%d %H:%M:%S') as start_time
             from range(${rows}) as r (i)) to '${file}' (header)`,
    );
  } finally {
    await duckdb.close();
  }
  return file;
}

test.each([
  ['in another order', 7919, [], advice],
  ['in another order, with --quiet', 7919, ['--quiet'], ''],
  ['in time order', 1, [], ''],
])('a large import %s', async (name, step, options, stderr) => {
  const file = await writeSessions(`${step}.csv`, step);
  const result = await wattduck(['ingest', file, ...options, '--db', join(folder, `${name}.duckdb`)]);
  expect([result.status, result.stderr]).toEqual([0, stderr]);
});
