import { statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { hashToken } from '../../../src/server/access/tokens.ts';
import { startInProcessServer } from '../../support/in-process-server.ts';

const { app, db } = await startInProcessServer({ files: ['test/reports/data/dozen'] });

/** Samples by name and labels. */
async function samples(of = app): Promise<Map<string, number>> {
  const { statusCode, body } = await of.inject('/metrics');
  expect(statusCode, body).toBe(200);
  return new Map(
    body
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => {
        const at = line.lastIndexOf(' ');
        return [line.slice(0, at), Number(line.slice(at + 1))];
      }),
  );
}

test('requests are counted by method, route pattern and status, whatever the path', async () => {
  await app.inject('/api/v1/analytics/issues/one');
  await app.inject('/api/v1/analytics/issues/two?x=1');
  await app.inject('/v0/pipes/user_usage.json?limit=x');
  await app.inject('/v0/pipes/user_usage.json/?currency=EUR');
  await app.inject('/nowhere/1');
  await app.inject('/nowhere/2');
  await app.inject({ method: 'PUT', url: '/healthz' });
  await app.inject({ method: 'HEAD', url: '/healthz' });
  const seen = await samples();
  const counts = Object.fromEntries(
    [...seen]
      .filter(([name]) => name.startsWith('http_requests_total'))
      .map(([name, n]) => [name.slice('http_requests_total'.length), n]),
  );
  expect(counts).toEqual({
    '{method="GET",route="/api/v1/analytics/issues/{issue_id}",status="404"}': 1,
    '{method="GET",route="/api/v1/analytics/issues/{issue_id}",status="400"}': 1,
    '{method="GET",route="/v0/pipes/user_usage.json",status="400"}': 1,
    '{method="GET",route="/v0/pipes/user_usage.json",status="200"}': 1,
    '{method="GET",route="unknown",status="404"}': 2,
    '{method="PUT",route="/healthz",status="405"}': 1,
    '{method="HEAD",route="/healthz",status="200"}': 1,
  });
  expect(seen.get('http_request_duration_seconds_count{method="GET",route="/v0/pipes/user_usage.json"}')).toBe(2);
  expect(seen.get('http_request_duration_seconds_bucket{le="+Inf",method="GET",route="unknown"}')).toBe(2);
  const sum = seen.get('http_request_duration_seconds_sum{method="GET",route="/v0/pipes/user_usage.json"}')!;
  expect(sum).toBeGreaterThan(0);
  // Seconds, not milliseconds.
  expect(sum).toBeLessThan(60);
});

test('cached and computed responses are counted separately', async () => {
  const before = await samples();
  for (let times = 0; times < 3; times += 1) await app.inject('/v0/pipes/station_analytics.json?currency=EUR');
  const after = await samples();
  const more = (from: string): number =>
    after.get(`wattduck_answers_total{from="${from}"}`)! - before.get(`wattduck_answers_total{from="${from}"}`)!;
  expect([more('query'), more('memory')]).toEqual([1, 2]);
});

test('imported rows, queries, the database file, the version and the process are included', async () => {
  const seen = await samples();
  expect(seen.get('wattduck_ingested_rows_total{source="charging_sessions",outcome="new"}')).toBe(12);
  expect(seen.get('wattduck_ingested_rows_total{source="charging_sessions",outcome="quarantined"}')).toBe(3);
  expect([seen.get('wattduck_queries{state="running"}'), seen.get('wattduck_queries{state="waiting"}')]).toEqual([
    0, 0,
  ]);
  expect(seen.get('wattduck_database_bytes{file="database"}')).toBe(statSync(db).size);
  expect(seen.get('wattduck_build_info{version="0.1.0"}')).toBe(1);
  expect(seen.get('process_resident_memory_bytes')).toBeGreaterThan(1e6);
});

test('it is the Prometheus text format, with help and type of every metric', async () => {
  const { headers, body } = await app.inject('/metrics');
  expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
  const families = [...body.matchAll(/^# TYPE (\S+) (counter|gauge|histogram|summary)$/gm)].map(([, name]) => name!);
  expect(families.filter((name) => !body.includes(`# HELP ${name} `))).toEqual([]);
  const strays = body
    .split('\n')
    .filter(
      (line) =>
        line !== '' &&
        !line.startsWith('#') &&
        !/^[a-zA-Z_:][\w:]*(\{(\w+="([^"\\\n]|\\.)*",?)*\})? (-?[\d.e+-]+|Nan|\+Inf)$/.test(line),
    );
  expect(strays).toEqual([]);
  expect(new Set(families).size).toBe(families.length);
});

test('two servers in one process count separately, and a token is required once one exists', async () => {
  const { app: other, context } = await startInProcessServer();
  await other.inject('/healthz');
  expect((await samples(other)).get('http_requests_total{method="GET",route="/healthz",status="200"}')).toBe(1);
  await context.owner.write((duckdb) =>
    duckdb.run(`insert into tokens values ('t', '${hashToken('secret')}', 'read', null, '2026-01-01', null)`),
  );
  expect((await other.inject('/metrics')).statusCode).toBe(401);
  expect((await other.inject({ url: '/metrics', headers: { authorization: 'Bearer secret' } })).statusCode).toBe(200);
});
