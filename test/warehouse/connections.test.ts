import { afterAll, expect, test } from 'vitest';
import { DuckDb } from '../../src/warehouse/duckdb.ts';

test('every connection uses UTC, whatever the time zone of the machine', async () => {
  // Set before DuckDB reads it for the first time in this process.
  process.env['TZ'] = 'Asia/Tokyo';
  const duckdb = await DuckDb.open();
  const another = await duckdb.openConnection();
  afterAll(async () => {
    await another.close();
    await duckdb.close();
  });
  for (const each of [duckdb, another]) {
    expect(
      await each.row(
        "select current_setting('TimeZone') as zone, (timestamptz '2024-01-01 00:00:00+00')::varchar as written",
      ),
    ).toEqual({ zone: 'UTC', written: '2024-01-01 00:00:00+00' });
  }
});
