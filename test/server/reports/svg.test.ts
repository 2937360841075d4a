import { describe, expect, test } from 'vitest';
import { hashToken } from '../../../src/server/access/tokens.ts';
import { securityHeaders } from '../../../src/server/http/security-headers.ts';
import { dataSets, startInProcessServer } from '../../support/in-process-server.ts';
import { writeReports } from '../../support/report-files.ts';
import { parseSvg } from '../../support/svg.ts';

// Charge point S1 takes 3 euros on each day from 1 to 20 June 2025, S2 2.50, S3 1 from the 15th on, S4 2 francs on the 19th.
const sqlDirs = [
  writeReports({
    hostile: {
      frontMatter: ['chart: { kind: hbar, x: name, y: n }'],
      columns: ['name', 'n'],
      sql: `select '</text><script>alert(1)</script>' || station_id as name, count(*) as n from charging_sessions group by 1`,
    },
    several: {
      frontMatter: [
        'params:',
        '  by: { description: Of each, choices: [day, all], default: all }',
        '  day: { description: A day }',
        'chart: { kind: hbar, x: name, y: n, with: { by: all, day: "2025-06-01" } }',
      ],
      columns: ['day', 'name', 'n'],
      key: ['name', 'day'],
      sql: `select case when $by::varchar = 'day' then start_time::date else date '2025-06-01' end as day, station_id as name, count(*) as n
        from charging_sessions where $day::varchar is not null group by 1, 2`,
    },
  }),
];
const { app, context, stderrText } = await startInProcessServer({ files: dataSets('steady'), sqlDirs });
const url = '/v0/pipes/revenue_by_charge_point.svg';

test('a chart has the rows of the same request in other formats', async () => {
  for (const query of [
    '',
    '?charge_point_id=S1',
    '?from=2025-06-19&to=2025-06-20&currency=EUR',
    '?limit=2&sort=revenue',
  ]) {
    const svg = await app.inject(`${url}${query}`);
    expect([svg.statusCode, svg.headers['content-type']]).toEqual([200, 'image/svg+xml; charset=utf-8']);
    const rows = (await app.inject(`${url.replace('.svg', '.json')}${query}`)).json<{
      data: { charge_point_name: string; revenue: number | null }[];
    }>().data;
    const { tips, title } = parseSvg(svg.body);
    expect(title).toBe('Revenue by charge point');
    expect(tips.map((tip) => tip.split(',')[0])).toEqual(
      rows.map(({ charge_point_name: name, revenue }) =>
        revenue === null ? `${name}: no value` : `${name}: ${revenue.toFixed(2)} EUR`,
      ),
    );
    expect(rows.length).toBeGreaterThan(0);
  }
});

test('the sub-title names the selection', async () => {
  const { body } = await app.inject(`${url}?from=2025-06-01&to=2025-06-10&charge_point_id=S1`);
  expect(parseSvg(body).texts[1]).toBe('Revenue in EUR · S1 · 2025-06-01 to 2025-06-10');
});

test('headers are those of other responses: security, cache, notes', async () => {
  const svg = await app.inject(url);
  expect(svg.headers).toMatchObject(securityHeaders);
  const etag = String(svg.headers['etag']);
  const before = { ...context.responder.counts };
  const again = await app.inject({ url, headers: { 'if-none-match': etag } });
  expect([again.statusCode, again.body]).toEqual([304, '']);
  expect((await app.inject(url)).body).toBe(svg.body);
  expect(context.responder.counts.computed).toBe(before.computed);
  const json = await app.inject(url.replace('.svg', '.json'));
  expect([svg.headers['wattduck-note']]).toEqual([json.headers['wattduck-note']]);
  expect(svg.headers['wattduck-note']).toContain('CHF');
  const head = await app.inject({ method: 'HEAD', url });
  expect([head.statusCode, head.body, head.headers['etag']]).toEqual([200, '', etag]);
});

test('parameters can be sent as a form', async () => {
  const { statusCode, body } = await app.inject({
    method: 'POST',
    url,
    payload: 'charge_point_id=S2',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
  expect([statusCode, parseSvg(body).tips.length]).toEqual([200, 1]);
});

test('chart names one of several', async () => {
  const trends = '/v0/pipes/energy_trends.svg';
  expect(parseSvg((await app.inject(`${trends}?chart=sessions`)).body).texts[1]).toMatch(/^Session count by day/);
  expect(parseSvg((await app.inject(`${trends}?chart=total`)).body).texts[1]).toMatch(/^Energy in kWh/);
});

test('a forecast draws its history', async () => {
  const { body } = await app.inject('/v0/pipes/revenue_forecast_days.svg?as_of=2025-06-21&horizons=5&currency=EUR');
  const { tips, texts } = parseSvg(body);
  // 20 days of history, the first of 112 that were asked for, then 5 days.
  expect(tips.filter((tip) => tip.includes('forecast'))).toHaveLength(5);
  expect(texts).toEqual(expect.arrayContaining(['actual', 'forecast', '80 % interval']));
});

describe('errors', () => {
  test.each([
    ['/v0/pipes/get_sessions.svg', 404, "The pipe 'get_sessions' has no chart. Use json or csv."],
    [
      '/v0/pipes/revenue_forecasts.svg',
      404,
      "The pipe 'revenue_forecasts' has no chart. Use /v0/pipes/revenue_forecast_days.svg.",
    ],
    ['/v0/pipes/unknown.svg', 404, "The pipe 'unknown' does not exist"],
    [
      '/v0/pipes/energy_trends.svg?chart=pie',
      400,
      'chart: unknown chart "pie". Known: sessions, total, total-sessions.',
    ],
    [`${url}?chart=pie`, 400, 'chart: unknown chart "pie". This report has one chart without a name.'],
    [`${url}?charge_point=S1`, 400, 'unknown parameter charge_point. Did you mean charge_point_id?'],
    [`${url.replace('.svg', '.json')}?chart=pie`, 400, expect.stringContaining('unknown parameter chart') as string],
    [
      '/v0/pipes/several.svg?by=day',
      400,
      'the chart has several rows for S1. Select one with a parameter of the report, or use another chart.',
    ],
  ])('%s', async (path, status, error) => {
    const response = await app.inject(path);
    expect(response.statusCode).toBe(status);
    expect(response.json()).toEqual({ error, documentation: '/docs' });
  });
});

test('names from data cannot add markup', async () => {
  const { body } = await app.inject('/v0/pipes/hostile.svg');
  const { elements, tips } = parseSvg(body);
  expect(elements.map(({ name }) => name)).not.toContain('script');
  expect(tips[0]).toMatch(/^<\/text><script>alert\(1\)<\/script>S\d: \d+$/);
});

test('an empty selection is a picture that says so', async () => {
  const { statusCode, body } = await app.inject(`${url}?charge_point_id=none`);
  expect([statusCode, parseSvg(body).texts.at(-1)]).toEqual([200, 'No rows for this selection']);
});

test('a chart needs the token of its report', async () => {
  await context.owner.write((duckdb) =>
    duckdb.withWriteLock(() =>
      duckdb.run(
        `insert into tokens (name, hash, scopes, created_at) values ('reader', '${hashToken('secret-1')}', 'read', now()::timestamp)`,
      ),
    ),
  );
  expect((await app.inject({ url, headers: { authorization: 'Bearer wrong' } })).statusCode).toBe(403);
  expect((await app.inject({ url, headers: { authorization: 'Bearer secret-1' } })).statusCode).toBe(200);
  expect(stderrText()).toBe('');
});
