import { afterAll, expect, test } from 'vitest';
import { DuckDb } from '../../src/warehouse/engine.ts';

test('every connection is in UTC, wherever the machine is', async () => {
  // Before DuckDB looks at it for the first time in this process.
  process.env['TZ'] = 'Asia/Tokyo';
  const engine = await DuckDb.open();
  const another = await engine.openConnection();
  afterAll(async () => {
    await another.close();
    await engine.close();
  });
  for (const each of [engine, another]) {
    expect(
      await each.row(
        "select current_setting('TimeZone') as zone, (timestamptz '2024-01-01 00:00:00+00')::varchar as written",
      ),
    ).toEqual({ zone: 'UTC', written: '2024-01-01 00:00:00+00' });
  }
});
