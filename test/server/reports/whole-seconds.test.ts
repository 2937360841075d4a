import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DuckDb, literal } from '../../../src/warehouse/duckdb.ts';
import { scratch, wattduck } from '../../support/cli.ts';
import { startInProcessServer } from '../../support/in-process-server.ts';

// 10:00:00.900 to 10:00:02.100 is 1.2 seconds = 0.02 minutes; whole seconds alone would make it 2.
const folder = scratch();
const file = join(folder, 'sessions.ndjson');
writeFileSync(
  file,
  [
    ['a', '2025-01-01T10:00:00.9Z', '2025-01-01T10:00:02.1Z'],
    ['b', '2025-01-01T10:00:00.1Z', '2025-01-01T10:00:02.1Z'],
  ]
    .map(([session_id, start_time, end_time]) =>
      JSON.stringify({ session_id, station_id: 'A', site_id: 'S', user_id: 'u', start_time, end_time, energy_kwh: 1 }),
    )
    .join('\n'),
);
const { app, copy } = await startInProcessServer({ files: [file] });
const get = async (url: string) => app.inject({ method: 'GET', url });

test('times have whole seconds in JSON, NDJSON, CSV and Parquet, and keep their order', async () => {
  const { meta, data } = JSON.parse((await get('/v0/pipes/get_sessions.json')).body);
  expect(meta.find(({ name }: { name: string }) => name === 'start_time')).toEqual({
    name: 'start_time',
    type: 'DateTime',
  });
  // Newest first by the exact start.
  expect(
    data.map(({ session_id, start_time, end_time, minutes }: Record<string, unknown>) => [
      session_id,
      start_time,
      end_time,
      minutes,
    ]),
  ).toEqual([
    ['a', '2025-01-01 10:00:00', '2025-01-01 10:00:02', 0.02],
    ['b', '2025-01-01 10:00:00', '2025-01-01 10:00:02', expect.closeTo(2 / 60, 3)],
  ]);
  for (const format of ['csv', 'ndjson'])
    expect((await get(`/v0/pipes/get_sessions.${format}`)).body).not.toMatch(/:\d\d\.\d/);
  const path = join(folder, 'sessions.parquet');
  writeFileSync(path, (await get('/v0/pipes/get_sessions.parquet')).rawPayload);
  const duckdb = await DuckDb.open();
  expect(await duckdb.rows(`select start_time from read_parquet(${literal(path)})`)).toEqual([
    { start_time: '2025-01-01 10:00:00' },
    { start_time: '2025-01-01 10:00:00' },
  ]);
  await duckdb.close();
});

test('durations come from the exact times', async () => {
  const events = JSON.parse(
    (await get('/charging-events/site/S?from=2025-01-01&to=2025-01-01&sort_field=duration&sort_order=asc')).body,
  );
  expect(
    events.charging_events.map(({ start_time, duration }: Record<string, unknown>) => [start_time, duration]),
  ).toEqual([
    ['2025-01-01T10:00:00Z', 1.2],
    ['2025-01-01T10:00:00Z', 2],
  ]);
  const summary = JSON.parse((await get('/api/v1/analytics/revenue/summary')).body);
  // (1.2 + 2) / 2 seconds.
  expect(summary.avg_session_duration_minutes).toBeCloseTo(1.6 / 60, 3);
  const [user] = JSON.parse((await get('/v0/pipes/user_usage.json')).body).data;
  expect(user.total_minutes).toBeCloseTo(3.2 / 60, 3);
});

test('so do those of the command line and of SQL over HTTP', async () => {
  const { stdout } = await wattduck(['report', 'get-sessions', '--db', copy, '--format', 'csv']);
  expect(stdout).toContain('2025-01-01 10:00:00,2025-01-01 10:00:02');
  const sql = 'select start_time, count(*) as n from charging_sessions group by 1 order by 1';
  const answer = JSON.parse((await get(`/v0/sql?q=${encodeURIComponent(sql)}`)).body);
  expect(answer.data).toEqual([
    { start_time: '2025-01-01 10:00:00', n: 1 },
    { start_time: '2025-01-01 10:00:00', n: 1 },
  ]);
  const path = join(folder, 'sql.parquet');
  writeFileSync(path, (await get(`/v0/sql?q=${encodeURIComponent(`${sql} format parquet`)}`)).rawPayload);
  const duckdb = await DuckDb.open();
  expect((await duckdb.rows(`select * from read_parquet(${literal(path)})`))[0]).toEqual({
    start_time: '2025-01-01 10:00:00',
    n: 1,
  });
  await duckdb.close();
});
