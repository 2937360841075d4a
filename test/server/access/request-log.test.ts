import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { RequestLog } from '../../../src/server/access/request-log.ts';
import type { DatabaseOwner } from '../../../src/server/owner/owner.ts';
import type { Bindings } from '../../../src/warehouse/connection.ts';
import { startInProcessServer } from '../../support/in-process-server.ts';
import { makeToken, requestCounts, withToken } from '../../support/tokens.ts';

/** For busy machines. */
const patience = { timeout: 30_000 };

test('requests are logged by route, token and status; all unknown paths count as one route', async () => {
  const server = await startInProcessServer({ files: ['test/reports/data/dozen'] });
  const { app } = server;
  await app.inject('/api/v1/status/charge-points/cp_1/live-status');
  const token = await makeToken(server, 'a b');
  const get = async (url: string): Promise<unknown> => app.inject({ url, ...withToken(token) });
  for (const id of ['cp_1', 'cp_2', 'cp 3']) await get(`/api/v1/status/charge-points/${id}/live-status`);
  for (const user of ['u1', 'u2']) await get(`/v0/pipes/user_usage.json?user_id=${user}&currency=EUR`);
  await get('/v0/pipes/user_usage.json?user=x');
  await app.inject({ method: 'HEAD', url: '/v0/pipes/ingests.csv', ...withToken(token) });
  await app.inject('/v0/pipes/ingests.csv');
  for (const path of ['/wp-login.php', '/.env', '/v0/nothing']) await get(path);
  expect(await requestCounts(server)).toEqual([
    ['a b', 'GET /api/v1/status/charge-points/{charge_point_id}/live-status', 404, 3],
    ['a b', 'GET /v0/pipes/user_usage.json', 200, 2],
    ['a b', 'GET /v0/pipes/user_usage.json', 400, 1],
    ['a b', 'HEAD /v0/pipes/ingests.csv', 200, 1],
    [null, 'GET /api/v1/status/charge-points/{charge_point_id}/live-status', 404, 1],
    [null, 'GET /v0/pipes/ingests.csv', 403, 1],
    [null, 'GET unknown', 404, 3],
  ]);
});

test('pages, health checks and unsupported methods do not count as API usage', async () => {
  const server = await startInProcessServer();
  for (const url of ['/healthz', '/readyz']) expect((await server.app.inject(url)).statusCode).toBe(200);
  expect((await server.app.inject({ method: 'DELETE', url: '/v0/pipes/ingests.json' })).statusCode).toBe(405);
  expect(await requestCounts(server)).toEqual([]);
});

test('a cached response counts like any other', async () => {
  const server = await startInProcessServer({ files: ['test/reports/data/dozen'] });
  for (let n = 0; n < 3; n += 1) await server.app.inject('/v0/pipes/ingests.json');
  expect(server.context.responder.counts).toEqual({ kept: 2, computed: 1 });
  expect(await requestCounts(server)).toEqual([[null, 'GET /v0/pipes/ingests.json', 200, 3]]);
});

test('a minute has one row per kind of request, however often it is written', async () => {
  let now = new Date('2025-06-30T23:59:00Z');
  const server = await startInProcessServer({ now: () => now });
  const {
    app,
    context: { requestLog, owner },
  } = server;
  for (const moment of [
    '2025-06-30T23:59:00Z',
    '2025-06-30T23:59:59.999Z',
    '2025-07-01T00:00:00Z',
    '2025-07-01T00:00:30Z',
    '2025-07-01T00:00:59Z',
  ]) {
    now = new Date(moment);
    await app.inject('/v0/pipes/ingests.json');
    await requestLog.flush();
  }
  expect(
    await owner.systemConnection.rows(
      'select minute::varchar as minute, requests, milliseconds > 0 as took from requests order by minute',
    ),
  ).toEqual([
    { minute: '2025-06-30 23:59:00', requests: 2, took: true },
    { minute: '2025-07-01 00:00:00', requests: 3, took: true },
  ]);
});

test('the log is not data: writing it keeps cached responses current', async () => {
  const {
    context: { owner, requestLog },
    app,
  } = await startInProcessServer();
  const { dataVersion } = owner;
  await app.inject('/v0/pipes/ingests.json');
  await requestLog.flush();
  expect(owner.dataVersion).toBe(dataVersion);
});

describe('a request under way', () => {
  test('is logged as pending, and updated with its response', async () => {
    const server = await startInProcessServer({ now: () => new Date('2025-06-30T12:00:00Z') });
    const { requestLog, owner } = server.context;
    const [first, second] = [requestLog.startRequest('a', 'GET /slow'), requestLog.startRequest('a', 'GET /slow')];
    expect(await requestCounts(server)).toEqual([['a', 'GET /slow', 0, 2]]);
    first(200, 10);
    first(499, 10);
    expect(await requestCounts(server)).toEqual([
      ['a', 'GET /slow', 0, 1],
      ['a', 'GET /slow', 200, 1],
    ]);
    second(504, 10);
    expect(await requestCounts(server)).toEqual([
      ['a', 'GET /slow', 200, 1],
      ['a', 'GET /slow', 504, 1],
    ]);
    expect(await owner.systemConnection.rows('select count(*) as n from requests')).toEqual([{ n: 2 }]);
  });

  test('is logged with status 499 if its client disconnects', async () => {
    const server = await startInProcessServer();
    const url = new URL(await server.app.listen({ host: '127.0.0.1', port: 0 }));
    let arrived = false;
    const begin = server.context.requestLog.startRequest.bind(server.context.requestLog);
    vi.spyOn(server.context.requestLog, 'startRequest').mockImplementation((...request) => {
      arrived = true;
      return begin(...request);
    });
    // The announced body is never sent completely.
    const socket = connect(Number(url.port), url.hostname);
    socket.write(
      'POST /v0/pipes/ingests.json HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\nlimit=1',
    );
    await vi.waitUntil(() => arrived, patience);
    expect(await requestCounts(server)).toEqual([[null, 'POST /v0/pipes/ingests.json', 0, 1]]);
    socket.destroy();
    await once(socket, 'close');
    await vi.waitUntil(async () => (await requestCounts(server)).every(([, , status]) => status !== 0), patience);
    expect(await requestCounts(server)).toEqual([[null, 'POST /v0/pipes/ingests.json', 499, 1]]);
  });
});

test('a 429 from elsewhere does not count towards the limit', async () => {
  const {
    context: { requestLog },
  } = await startInProcessServer();
  const caller = { name: 'a', scopes: [], dailyLimit: 5 };
  requestLog.takeQuota(caller);
  requestLog.startRequest('a', 'POST /v0/events')(429, 1);
  expect(requestLog.takeQuota(caller)?.remaining).toBe(4);
});

test('the server shuts down after answering all requests, and counts them all', async () => {
  const server = await startInProcessServer({ files: ['test/reports/data/dozen'] });
  const {
    app,
    context: { owner, requestLog },
  } = server;
  const base = await app.listen({ host: '127.0.0.1', port: 0 });
  const asked = Array.from({ length: 20 }, (_, n) =>
    fetch(`${base}/v0/pipes/station_analytics.json?currency=EUR&limit=${n + 1}`).then(({ status }) => status),
  );
  await vi.waitUntil(async () => (await requestCounts(server)).reduce((sum, [, , , n]) => sum + n, 0) === 20, patience);
  await app.close();
  await requestLog.flush();
  expect(await Promise.all(asked)).toEqual(Array<number>(20).fill(200));
  expect(await owner.systemConnection.rows('select status, sum(requests) as n from requests group by all')).toEqual([
    { status: 200, n: 20 },
  ]);
});

describe("a log that can't be written", () => {
  /** A fake owner whose writes fail on demand, and that records minute, token, status and requests. */
  async function failing(): Promise<{
    requestLog: RequestLog;
    written: unknown[][];
    said: string[];
    fail(does: boolean): void;
    set(moment: string): void;
  }> {
    let [fails, now] = [true, new Date('2025-06-30T12:34:00Z')];
    const [written, said]: [unknown[][], string[]] = [[], []];
    const owner = {
      systemConnection: { rows: async () => [] },
      log: async (_: string, { values }: Bindings) => {
        await setTimeout(1);
        if (fails) throw new Error('IO Error: No space left on device\nmore');
        const counts = JSON.parse(String(values['counts'])) as {
          minute: number;
          token: string;
          status: number;
          requests: number;
        }[];
        written.push(
          ...counts.map(({ minute, token, status, requests }) => [
            new Date(minute * 60_000).toISOString().slice(11, 16),
            token,
            status,
            requests,
          ]),
        );
      },
    };
    const requestLog = await RequestLog.open(owner as unknown as DatabaseOwner, {
      now: () => now,
      stderr: { write: (text) => said.push(text), isTTY: false },
    });
    return {
      requestLog,
      written,
      said,
      fail: (does) => void (fails = does),
      set: (moment) => void (now = new Date(moment)),
    };
  }

  test('is kept together with later requests, and reported once', async () => {
    const { requestLog, written, said, fail } = await failing();
    requestLog.startRequest('a', 'GET /x')(200, 1);
    const slow = requestLog.startRequest('b', 'GET /x');
    await requestLog.flush();
    const [flushed] = [requestLog.flush(), requestLog.startRequest('a', 'GET /x')(200, 1)];
    await flushed;
    slow(200, 1);
    fail(false);
    await requestLog.close();
    expect(written.toSorted()).toEqual([
      ['12:34', 'a', 200, 2],
      ['12:34', 'b', 200, 1],
    ]);
    expect(said).toEqual(['warning: request log not saved, retrying: the database: disk full\n']);
  });

  test('is reported as lost if writing still fails at shutdown', async () => {
    const { requestLog, said } = await failing();
    requestLog.startRequest('a', 'GET /x')(200, 1);
    await requestLog.close();
    expect(said.at(-1)).toBe('warning: requests since then are not in the request log\n');
  });

  test('is kept per hour when it grows large', async () => {
    const { requestLog, written, fail, set } = await failing();
    const names = Array.from({ length: 4000 }, (_, n) => `t${n}`);
    for (const moment of ['2025-06-30T12:34:00Z', '2025-06-30T12:35:00Z', '2025-06-30T12:36:00Z']) {
      set(moment);
      for (const name of names) requestLog.startRequest(name, 'GET /x')(200, 1);
      await requestLog.flush();
    }
    fail(false);
    await requestLog.close();
    // Of 8,000 the minute is kept, of 12,000 the hour.
    expect(written.length).toBe(4000);
    expect(
      new Set(written.map(([minute, , status, requests]) => `${String(minute)} ${String(status)} ${String(requests)}`)),
    ).toEqual(new Set(['12:00 200 3']));
  });
});

describe('reports', async () => {
  let now = new Date('2025-06-30T21:00:00Z');
  const server = await startInProcessServer({ now: () => now, tz: 'Europe/Berlin' });
  const token = await makeToken(server, 'x', { dailyLimit: 10 });
  const ask = async (url: string): Promise<unknown> => (await server.app.inject({ url, ...withToken(token) })).json();

  test("include the last request, and use the server's time zone", async () => {
    await ask('/v0/pipes/ingests.json');
    // In Berlin it is 00:30 on the first of July.
    now = new Date('2025-06-30T22:30:00Z');
    await ask('/v0/pipes/ingests.json');
    expect(await ask('/api/v1/analytics/usage/today')).toEqual({
      date: '2025-07-01',
      requests_today: 2,
      rate_limit: 10,
      remaining: 7,
      top_endpoints: [
        { endpoint: 'GET /api/v1/analytics/usage/today', count: 1 },
        { endpoint: 'GET /v0/pipes/ingests.json', count: 1 },
      ],
      tz: 'Europe/Berlin',
    });
    expect(await ask('/api/v1/analytics/usage/today?tz=UTC')).toMatchObject({
      date: '2025-06-30',
      requests_today: 4,
      remaining: 6,
    });
    expect(await ask('/api/v1/analytics/usage/analytics?from=2025-06-30&to=2025-07-02')).toEqual({
      from: '2025-06-30',
      to: '2025-07-02',
      data: [
        { date: '2025-06-30', requests: 1 },
        { date: '2025-07-01', requests: 4 },
      ],
      total_requests: 5,
      tz: 'Europe/Berlin',
    });
  });

  test('are never cached, and have no ETag', async () => {
    const url = '/api/v1/analytics/usage/today?as_of=2025-06-30T22:30:59Z';
    const first = await server.app.inject({ url, ...withToken(token) });
    expect(first.headers).not.toHaveProperty('etag');
    const { requests_today: before } = first.json<{ requests_today: number }>();
    expect(await ask(url)).toMatchObject({ requests_today: before + 1 });
  });
});
