import { execFileSync } from 'node:child_process';
import { appendFileSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { wattduck } from '../../support/cli.ts';
import { dataSets, startInProcessServer, withoutElapsed } from '../../support/in-process-server.ts';

const files = dataSets('fleet', 'dozen', 'shop').filter((path) => !path.endsWith('.sql'));
const served = await startInProcessServer({ files });
const folder = await startInProcessServer({ files, isFolder: true });

/** A copy of the database, to import into and export again. */
const source = join(folder.db, '..', 'source.duckdb');
execFileSync('cp', [folder.copy, source]);

async function exportAgain(...imported: string[]): Promise<void> {
  for (const path of imported) expect((await wattduck(['ingest', path, '--db', source])).stdout).toContain('1 new');
  const { status, stderr } = await wattduck(['export', '--parquet', folder.db, '--db', source]);
  expect(status, stderr).toBe(0);
}

const csvPath = join(folder.db, '..', 'more.csv');
let imported = 0;
/** A file with one more session of the charge point A. */
function moreSessions(): string {
  imported += 1;
  writeFileSync(
    csvPath,
    `session_id,station_id,start_time,end_time,energy_kwh,timestamp\nmore-${imported},A,2024-02-0${imported}T10:00:00Z,2024-02-0${imported}T11:00:00Z,5,2024-02-0${imported}T11:00:00Z\n`,
  );
  return csvPath;
}

const sessionsOf = async (): Promise<number> => {
  const { statusCode, body } = await folder.app.inject('/v0/pipes/get_sessions.json?limit=1');
  expect(statusCode).toBe(200);
  return (JSON.parse(body) as { rows_before_limit_at_least: number }).rows_before_limit_at_least;
};

test('Reports, pages and SQL give the answers of the database', async () => {
  const urls = [
    '/v0/pipes/station_analytics.json',
    '/v0/pipes/get_sessions.csv?limit=1000',
    '/v0/pipes/status_overview.json?project_id=P1&as_of=2025-07-01T00:00:00Z',
    '/api/v1/analytics/issues?as_of=2025-07-01T00:00:00Z',
    '/api/v1/analytics/revenue/summary',
    '/v0/sql?q=select%20station_id,%20count(*)%20as%20n%20from%20charging_sessions%20group%20by%201%20order%20by%201',
    '/v0/sql?q=select%20count(*)%20as%20n%20from%20charge_point_events',
    '/v0/datasources',
    '/?whole=1&as_of=2025-07-01T00:00:00Z',
    '/network?whole=1&period=2025-06',
  ];
  for (const url of urls) {
    const [fromFile, fromFolder] = await Promise.all([served.app.inject(url), folder.app.inject(url)]);
    const plain = (text: string): string =>
      withoutElapsed(text)
        .replaceAll(/data-version="[^"]*"|data-link="[^"]*"/g, '')
        .replaceAll(/"(rows_read|bytes_read|bytes)": ?\d+/g, '')
        .replaceAll(/"(created_at|updated_at)": ?"[^"]*"/g, '')
        .replaceAll(/served\.duckdb|parquet/g, 'data');
    expect(fromFolder.statusCode, url).toBe(fromFile.statusCode);
    // Issues can be acknowledged in the database alone.
    const withoutButtons = plain(fromFile.body).replaceAll(
      /<form method="post" action="\/tiles\/acknowledge".*?<\/form>/gs,
      '',
    );
    expect(plain(fromFolder.body), url).toBe(withoutButtons);
  }
});

test('Writes are rejected with a client error', async () => {
  const rejected = [
    await folder.app.inject({
      method: 'POST',
      url: '/v0/events?name=charging_sessions&wait=true',
      payload: '{"session_id":"x","station_id":"A","start_time":"2025-01-01T00:00:00Z"}',
    }),
    await folder.app.inject({
      method: 'POST',
      url: '/v0/datasources?name=charging_sessions&format=csv',
      payload: readFileSync(moreSessions()),
      headers: { 'content-type': 'text/csv' },
    }),
    await folder.app.inject({ method: 'POST', url: '/v0/datasources/charging_sessions/truncate' }),
    await folder.app.inject({
      method: 'POST',
      url: '/v0/datasources/charging_sessions/delete',
      payload: 'delete_condition=true',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    }),
    await folder.app.inject({ method: 'POST', url: '/api/v1/analytics/issues/none/acknowledge' }),
    await folder.app.inject({
      method: 'POST',
      url: '/tiles/acknowledge?issue_id=none',
      headers: { 'sec-fetch-site': 'same-origin' },
    }),
  ];
  for (const { statusCode, body } of rejected) {
    expect(statusCode, body).toBe(403);
    expect(body).toContain('read-only');
  }
  imported = 0;
});

test('A new export is served from the next request on, with a new ETag', async () => {
  const url = '/v0/pipes/get_sessions.json?limit=5';
  const before = await sessionsOf();
  const { headers } = await folder.app.inject(url);
  const ifNoneMatch = { 'if-none-match': String(headers['etag']) };
  expect((await folder.app.inject({ url, headers: ifNoneMatch })).statusCode).toBe(304);
  await exportAgain();
  expect((await folder.app.inject({ url, headers: ifNoneMatch })).statusCode, 'nothing changed').toBe(304);
  await exportAgain(moreSessions());
  expect((await folder.app.inject({ url, headers: ifNoneMatch })).statusCode).toBe(200);
  expect(await sessionsOf()).toBe(before + 1);
});

test('An incomplete export is not served: the state before stays, with one warning', async () => {
  const before = await sessionsOf();
  const manifest = readFileSync(join(folder.db, 'manifest.json'), 'utf8');
  const { tables } = JSON.parse(manifest) as { tables: Record<string, { files: { path: string }[] }> };
  const path = join(folder.db, tables['charging_sessions']!.files[0]!.path);
  renameSync(path, `${path}.away`);
  appendFileSync(join(folder.db, 'manifest.json'), ' ');
  // Files of the state before were listed by the new manifest as well, so only others can be read.
  const counts = await folder.app.inject('/v0/datasources/customer_events');
  expect(counts.statusCode).toBe(200);
  await folder.app.inject('/v0/datasources/customer_events');
  expect(folder.stderrText().match(/warning: the last export is not served/g)).toHaveLength(1);
  expect(folder.stderrText()).toContain('is missing');
  const damaged = await folder.app.inject('/v0/pipes/get_sessions.json?limit=7');
  expect([damaged.statusCode, damaged.body]).toEqual([422, expect.stringContaining('Parquet folder is damaged')]);
  renameSync(`${path}.away`, path);
  await exportAgain(moreSessions());
  await expect.poll(sessionsOf, { timeout: 5000 }).toBe(before + 1);
});

test('A manifest that is deleted does not stop the server', async () => {
  const before = await sessionsOf();
  rmSync(join(folder.db, 'manifest.json'));
  expect(await sessionsOf()).toBe(before);
  await exportAgain(moreSessions());
  await expect.poll(sessionsOf, { timeout: 5000 }).toBe(before + 1);
});

test('The server keeps its requests in memory', async () => {
  const { data } = (await folder.app.inject('/v0/pipes/usage_trends.json')).json<{ data: { requests: number }[] }>();
  expect(data[0]!.requests).toBeGreaterThan(10);
  expect((await folder.app.inject('/readyz')).json()).toEqual({ status: 'ready' });
  expect((await folder.app.inject('/metrics')).body).toContain(
    'wattduck_ingested_rows_total{source="charging_sessions"',
  );
});
