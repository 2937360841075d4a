import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { InjectOptions } from 'fastify';
import { beforeEach, expect, test } from 'vitest';
import { withJsonMessages } from '../../../src/server/access/access-log.ts';
import { resolveSettings } from '../../../src/settings.ts';
import { scratch, wattduck } from '../../support/cli.ts';
import { listenOnFreePort, sendRaw, startRequest, waitUntil } from '../../support/http-client.ts';
import { startInProcessServer, type InProcessServer } from '../../support/in-process-server.ts';
import { makeToken } from '../../support/tokens.ts';

const files = ['test/reports/data/dozen'];
const servers = {
  none: await startInProcessServer({ files }),
  text: await startInProcessServer({ files, log: 'text' }),
  json: await startInProcessServer({ files, log: 'json' }),
};
const token = await makeToken(servers.text, 'a "b" 200 c');
const sendToken = await makeToken(servers.json, 'exporter', { scopes: 'read,append' });

/** Lines written since the last test began. */
let starts: Record<string, number> = {};
const linesOf = (server: InProcessServer): string[] => server.stderrText().split('\n').slice(0, -1);
const newLines = (name: keyof typeof servers): string[] => linesOf(servers[name]).slice(starts[name]);

beforeEach(() => {
  starts = Object.fromEntries(Object.entries(servers).map(([name, server]) => [name, linesOf(server).length]));
});

/** Sends a request and returns its line; the duration is replaced. */
async function textLineOf(request: InjectOptions): Promise<string> {
  const before = linesOf(servers.text).length;
  await servers.text.app.inject(request);
  await waitUntil(() => linesOf(servers.text).length > before);
  const [line, ...others] = linesOf(servers.text).slice(before);
  expect(others).toEqual([]);
  return line!.replace(/ \d+ ms/, ' … ms');
}

async function jsonLineOf(request: InjectOptions): Promise<Record<string, unknown>> {
  const before = linesOf(servers.json).length;
  await servers.json.app.inject(request);
  await waitUntil(() => linesOf(servers.json).length > before);
  const [line, ...others] = linesOf(servers.json).slice(before);
  expect(others).toEqual([]);
  return JSON.parse(line!) as Record<string, unknown>;
}

const bearer = (value: string): Record<string, string> => ({ authorization: `Bearer ${value}` });
const start = '2026-01-01T00:00:00.000Z';
/** Rows of test/reports/data/dozen, counted by their lines without the header. */
const sessions = readFileSync('test/reports/data/dozen/dozen.csv', 'utf8').trimEnd().split('\n').length - 1;
const rowsQuery = '/v0/pipes/get_sessions';

test('without --log, no request is logged', async () => {
  await servers.none.app.inject('/v0/pipes/ingests.json');
  await servers.none.app.inject('/nothing');
  expect(servers.none.stderrText()).toBe('');
});

test('a line of text has time, method, route, status, duration, rows and token name', async () => {
  const headers = bearer(token);
  const name = 'token "a \\"b\\" 200 c"';
  expect(await textLineOf({ url: `${rowsQuery}.csv?user_id=dan`, headers })).toBe(
    `${start} GET /v0/pipes/get_sessions.csv 200 … ms, 1 row, ${name}`,
  );
  expect(await textLineOf({ url: '/api/v1/status/charge-points/cp_1/live-status', headers })).toBe(
    `${start} GET /api/v1/status/charge-points/{charge_point_id}/live-status 404 … ms, ${name}`,
  );
  expect(await textLineOf({ url: '/healthz' })).toBe(`${start} GET /healthz 200 … ms`);
  expect(await textLineOf({ url: '/v0/pipes/ingests.json' })).toBe(`${start} GET /v0/pipes/ingests.json 403 … ms`);
});

test.each(['json', 'ndjson', 'csv', 'parquet', 'prometheus'])('rows of a %s answer are counted', async (format) => {
  const request = { url: `${rowsQuery}.${format}`, headers: bearer(sendToken) };
  const entry = { method: 'GET', route: `${rowsQuery}.${format}`, status: 200, rows: sessions, token: 'exporter' };
  expect(await jsonLineOf(request)).toEqual({ time: start, ...entry, ms: expect.any(Number) });
  // Now from the cache.
  expect(await jsonLineOf(request)).toMatchObject(entry);
  expect(await jsonLineOf({ ...request, method: 'HEAD' })).toMatchObject({ ...entry, method: 'HEAD' });
});

test('an answer that the client has, and an error, have no rows', async () => {
  const headers = bearer(sendToken);
  const { headers: answer } = await servers.json.app.inject({ url: `${rowsQuery}.json`, headers });
  const same = { ...headers, 'if-none-match': String(answer['etag']) };
  await waitUntil(() => newLines('json').length > 0);
  expect(await jsonLineOf({ url: `${rowsQuery}.json`, headers: same })).toMatchObject({ status: 304, rows: null });
  expect(await jsonLineOf({ url: `${rowsQuery}.json?limit=0`, headers })).toMatchObject({ status: 400, rows: null });
});

test('rows that are sent, and rows of SQL, are counted', async () => {
  const send = (payload: string): InjectOptions => ({
    method: 'POST',
    url: '/v0/events?name=sites&wait=true',
    payload,
    headers: bearer(sendToken),
  });
  expect(await jsonLineOf(send('{"site_id":"s1"}\n{"site_id":"s2"}\n{"nothing":1}'))).toMatchObject({
    method: 'POST',
    route: '/v0/events',
    status: 200,
    rows: 3,
  });
  const upload = {
    ...send('site_id\ns3\ns4\n'),
    url: '/v0/datasources?name=sites&format=csv',
    headers: { ...bearer(sendToken), 'content-type': 'text/csv' },
  };
  expect(await jsonLineOf(upload)).toMatchObject({ route: '/v0/datasources', status: 200, rows: 2 });
  const sqlToken = await makeToken(servers.json, 'analyst', { scopes: 'sql' });
  const url = `/v0/sql?q=${encodeURIComponent('select * from sites')}`;
  expect(await jsonLineOf({ url, headers: bearer(sqlToken) })).toMatchObject({
    route: '/v0/sql',
    rows: 4,
    token: 'analyst',
  });
});

test('nothing that a client sends gets into a line, and no request makes two lines', async () => {
  const evil = 'zqx%0d%0a2026-01-01T00:00:00.000Z%20GET%20/forged%20200';
  const urls = [
    `/${evil}`,
    `/v0/pipes/${evil}.json`,
    `/v0/datasources/${evil}`,
    `/charging-events/site/${evil}?from=2025-01-01&to=2025-01-02&search_text=zqx`,
    `/api/v1/analytics/issues/${evil}/acknowledge`,
    `/v0/pipes/user_usage.json?user_id=${evil}`,
    `/v0/pipes/ingests.json?token=${evil}`,
    `/v0/sql?q=select+'${evil}'`,
    '/%zqx',
    `/v0/pipes/user_usage.json?user_id=%zqx`,
    `/v0/jobs/${'zqx'.repeat(600)}`,
  ];
  for (const url of urls) {
    for (const method of ['GET', 'POST', 'DELETE', 'OPTIONS'] as const) {
      const headers = { 'x-api-key': 'zqx', 'user-agent': 'zqx', origin: 'https://zqx.example', 'x-request-id': 'zqx' };
      const line = await textLineOf({ method, url, headers });
      expect([url, line]).toEqual([url, expect.stringMatching(/^\S+ [A-Z]+ (unknown|\/\S*) \d{3} … ms$/)]);
      expect(line).not.toMatch(/zqx|forged/);
    }
  }
});

test('a request that cannot be parsed, and one whose client leaves, are logged', async () => {
  const server = await startInProcessServer({ files, log: 'json' });
  const port = await listenOnFreePort(server.app);
  await sendRaw(port, 'GET / zqx\r\n\r\n');
  await waitUntil(() => linesOf(server).length === 1);
  expect(JSON.parse(linesOf(server)[0]!)).toEqual({
    time: start,
    method: null,
    route: 'unknown',
    status: 400,
    ms: 0,
    rows: null,
    token: null,
  });
  const { owner } = server.context;
  const read = owner.read.bind(owner);
  const { promise: isReading, resolve: startReading } = withResolvers();
  owner.read = (_work, signal) =>
    read(async () => {
      startReading();
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      throw signal.reason as Error;
    }, signal);
  const { request } = startRequest(port, '/v0/pipes/ingests.json');
  await isReading;
  request.destroy();
  await waitUntil(() => linesOf(server).length === 2);
  expect(JSON.parse(linesOf(server)[1]!)).toMatchObject({ route: '/v0/pipes/ingests.json', status: 499, rows: null });
});

test('with --log json, other messages are JSON too', () => {
  let written = '';
  const stderr = { isTTY: true, write: (text: string) => void (written += text) };
  withJsonMessages({ now: () => new Date(start), stderr }).stderr.write('warning: two\nlines\n');
  expect(written).toBe(`${JSON.stringify({ time: start, message: 'warning: two\nlines' })}\n`);
});

test('the format comes from an option, the environment or the configuration', async () => {
  expect(resolveSettings({}, {}, '/').log).toEqual({ value: 'none', origin: 'default' });
  expect(resolveSettings({}, { WATTDUCK_LOG: 'text' }, '/').log).toEqual({ value: 'text', origin: 'WATTDUCK_LOG' });
  expect(resolveSettings({ log: 'json' }, { WATTDUCK_LOG: 'text' }, '/').log.value).toBe('json');
  const folder = scratch();
  writeFileSync(join(folder, 'wattduck.config.json'), '{ "log": "json" }');
  expect(resolveSettings({}, {}, folder).log.value).toBe('json');
  const wrong = await wattduck(['serve', '--log', 'xml', '--db', join(folder, 'none.duckdb')]);
  expect([wrong.status, wrong.stderr]).toEqual([
    2,
    'error: invalid value "xml" for --log: unknown log format. Expected one of: none, text, json.\n',
  ]);
});

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((end) => (resolve = end));
  return { promise, resolve };
}
