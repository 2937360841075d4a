import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { Catalog } from '../../src/catalog/catalog.ts';
import { openForWriting } from '../../src/warehouse/database.ts';
import { DuckDb } from '../../src/warehouse/duckdb.ts';
import { ensureColumns } from '../../src/warehouse/tables.ts';
import { isBadlyOrdered, readTimeOrder } from '../../src/warehouse/time-order.ts';
import { scratch, wattduck } from '../support/cli.ts';

const db = join(scratch(), 'decade.duckdb');
/** DuckDB stores so many rows together. */
const rowGroup = 122_880;
const years = 10;
const rows = years * rowGroup;

async function withDuckDb<T>(work: (duckdb: DuckDb) => Promise<T>): Promise<T> {
  const duckdb = await DuckDb.open();
  try {
    return await work(duckdb);
  } finally {
    await duckdb.close();
  }
}

/** Ten years of sessions at equal distances, each 7919 places after the one before it in the file: one row group is about a year. */
beforeAll(() =>
  withDuckDb(async (duckdb) => {
    await openForWriting(duckdb, db, await Catalog.open(duckdb));
    await ensureColumns(duckdb, 'charging_sessions', ['energy_kwh']);
    await duckdb.run(
      `insert into db.main.charging_sessions (session_id, station_id, start_time, "timestamp", energy_kwh)
       select 's' || i, 'cp' || i % 50, started, started, 1
       from (select i, timestamp '2015-01-01' + to_milliseconds((i * 7919 % ${rows}) * (3653 * 86400000::bigint // ${rows})) as started
             from range(${rows}) as r (i))`,
    );
  }),
);

/** Rows that DuckDB reads, and finds, for one month. */
const scanMonth = (): Promise<{ scanned: number; found: number }> =>
  withDuckDb(async (duckdb) => {
    await duckdb.run(`attach '${db}' as db (read_only)`);
    const [row] = await duckdb.rows(
      `explain (analyze, format json) select sum(energy_kwh) from db.main.charging_sessions
       where start_time >= timestamp '2019-07-01' and start_time < timestamp '2019-08-01'`,
    );
    const text = JSON.stringify(JSON.parse(String(row!['explain_value'])));
    const scan = /\{[^{}]*"operator_type":"TABLE_SCAN"[^{}]*\}/.exec(
      text.replaceAll(/"extra_info":\{[^{}]*\},?/g, ''),
    )![0];
    const valueOf = (name: string): number => Number(new RegExp(`"${name}":(\\d+)`).exec(scan)![1]);
    return { scanned: valueOf('operator_rows_scanned'), found: valueOf('operator_cardinality') };
  });

/** Whether `wattduck doctor` would suggest a rewrite. */
const isSuggested = (): Promise<boolean> =>
  withDuckDb(async (duckdb) => {
    await duckdb.run(`attach '${db}' as db (read_only)`);
    return isBadlyOrdered((await readTimeOrder(duckdb, 'db.main.charging_sessions', 'start_time'))!);
  });

test('one month of ten years reads a tenth of the rows after optimize, and all of them before', async () => {
  const before = await scanMonth();
  expect(before.scanned).toBe(rows);
  const { stdout: diagnosis } = await wattduck(['doctor', '--db', db]);
  expect(diagnosis).toMatch(/suggestion +charging_sessions is not in time order: `wattduck optimize` makes/);
  expect(await isSuggested()).toBe(true);
  const plan = await wattduck(['optimize', '--dry-run', '--db', db]);
  // A month and a row group: 31 or fewer of 3653 days, and 1 of 10.
  expect(plan.stdout).toContain('charging_sessions: one month reads 100 % of the rows, about 11 % in time order\n');

  const { status, stdout } = await wattduck(['optimize', '--db', db]);
  expect([status, stdout]).toEqual([
    0,
    expect.stringContaining('\ncharging_sessions: one month reads 10 % of the rows, before 100 %\n'),
  ]);
  expect(await scanMonth()).toEqual({ scanned: rowGroup, found: before.found });
  expect(await isSuggested()).toBe(false);
});
