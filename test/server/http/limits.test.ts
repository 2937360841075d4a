import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Catalog } from '../../../src/catalog/catalog.ts';
import { buildApp } from '../../../src/server/app.ts';
import { DatabaseOwner } from '../../../src/server/owner/owner.ts';
import { DuckDb } from '../../../src/warehouse/duckdb.ts';
import { scratch } from '../../support/cli.ts';
import { startInProcessServer, type InProcessServer } from '../../support/in-process-server.ts';
import { makeToken, requestCounts, withToken } from '../../support/tokens.ts';

const url = '/v0/pipes/ingests.json';
const today = '/api/v1/analytics/usage/today';

/** A server with a clock that is set by hand. */
async function at(moment: string): Promise<InProcessServer & { set(moment: string): void }> {
  let now = new Date(moment);
  return { ...(await startInProcessServer({ now: () => now })), set: (next) => void (now = new Date(next)) };
}

/** Status and limit headers: limit, remaining, reset, retry after. */
async function asked({ app }: Pick<InProcessServer, 'app'>, token: string, path = url): Promise<unknown[]> {
  const { statusCode, headers } = await app.inject({ url: path, ...withToken(token) });
  return [
    statusCode,
    ...['x-ratelimit-limit', 'x-ratelimit-remaining', 'x-ratelimit-reset', 'retry-after'].map((name) => headers[name]),
  ];
}

test('every response to a limited token has the requests left; after the last one it is 429 until midnight UTC', async () => {
  // 22:30:00.5 is 1 h 29 min 59.5 s before midnight.
  const server = await at('2025-06-30T22:30:00.500Z');
  const token = await makeToken(server, 'exporter', { dailyLimit: 4 });
  expect(await asked(server, token)).toEqual([200, '4', '3', '5400', undefined]);
  expect(await asked(server, token, '/api/v1/analytics/issues/summary?as_off=x')).toEqual([
    400,
    '4',
    '2',
    '5400',
    undefined,
  ]);
  expect(await asked(server, token, '/v0/pipes/tokens.json')).toEqual([403, '4', '1', '5400', undefined]);
  expect(await asked(server, token, '/v0/pipes/nothing.json')).toEqual([404, '4', '0', '5400', undefined]);
  server.set('2025-06-30T23:59:00Z');
  expect(await asked(server, token)).toEqual([429, '4', '0', '60', '60']);
  expect(await asked(server, token)).toEqual([429, '4', '0', '60', '60']);
  server.set('2025-07-01T00:00:00Z');
  expect(await asked(server, token)).toEqual([200, '4', '3', '86400', undefined]);
});

test('the limit error has the form of each protocol', async () => {
  const server = await at('2025-06-30T23:00:00Z');
  const token = await makeToken(server, 'once', { dailyLimit: 1 });
  const body = async (path: string): Promise<unknown> =>
    (await server.app.inject({ url: path, ...withToken(token) })).json();
  await body(url);
  const [message, hint] = ['daily limit of 1 request reached', 'Resets in 3,600 seconds (midnight UTC).'];
  expect(await body(url)).toEqual({ error: `${message}. ${hint}`, documentation: '/docs' });
  expect(await body(today)).toEqual({ error: { code: 'rate_limit_exceeded', message, hint } });
  expect(await body('/charging-events/site/x')).toEqual({
    statusCode: 429,
    message: [`${message}. ${hint}`],
    error: 'Too Many Requests',
  });
});

test('a token without a limit, and a request without a token, get no limit headers', async () => {
  const server = await at('2025-06-30T12:00:00Z');
  expect((await server.app.inject(url)).headers).not.toHaveProperty('x-ratelimit-limit');
  const token = await makeToken(server, 'free');
  for (let n = 0; n < 20; n += 1)
    expect(await asked(server, token)).toEqual([200, undefined, undefined, undefined, undefined]);
  expect((await server.app.inject(url)).headers).not.toHaveProperty('x-ratelimit-limit');
});

test('each token has its own limit', async () => {
  const server = await at('2025-06-30T12:00:00Z');
  const [a, b] = [await makeToken(server, 'a', { dailyLimit: 1 }), await makeToken(server, 'b', { dailyLimit: 2 })];
  expect(
    [await asked(server, a), await asked(server, a), await asked(server, b)].map(([status, , left]) => [status, left]),
  ).toEqual([
    [200, '0'],
    [429, '0'],
    [200, '1'],
  ]);
});

test('concurrent requests get exactly the requests that are left', async () => {
  const server = await at('2025-06-30T12:00:00Z');
  const token = await makeToken(server, 'busy', { dailyLimit: 7 });
  const replies = await Promise.all(Array.from({ length: 20 }, () => asked(server, token)));
  expect(replies.map(([status]) => status).toSorted()).toEqual([
    ...Array<number>(7).fill(200),
    ...Array<number>(13).fill(429),
  ]);
  expect(
    replies
      .filter(([status]) => status === 200)
      .map(([, , left]) => left)
      .toSorted(),
  ).toEqual(['0', '1', '2', '3', '4', '5', '6']);
});

test('the headers and usage_today agree on the requests left, including the current one', async () => {
  const server = await at('2025-06-30T12:00:00Z');
  const token = await makeToken(server, 'x', { dailyLimit: 3 });
  for (const [left, used] of [
    [2, 1],
    [1, 2],
    [0, 3],
  ]) {
    const { headers, body } = await server.app.inject({ url: today, ...withToken(token) });
    expect(headers['x-ratelimit-remaining']).toBe(String(left));
    expect(JSON.parse(body)).toEqual({
      date: '2025-06-30',
      requests_today: used,
      rate_limit: 3,
      remaining: left,
      top_endpoints: [{ endpoint: `GET ${today}`, count: used }],
      tz: 'UTC',
    });
  }
  // Rejected requests do not count, and get no limit headers.
  expect(await asked(server, token, today)).toEqual([429, '3', '0', '43200', '43200']);
  expect(await requestCounts(server)).toEqual([
    ['x', `GET ${today}`, 200, 3],
    ['x', `GET ${today}`, 429, 1],
  ]);
  const admin = await makeToken(server, 'root', { scopes: 'admin' });
  expect((await server.app.inject({ url: `${today}?token_name=x`, ...withToken(admin) })).json()).toMatchObject({
    requests_today: 3,
    remaining: 0,
  });
});

describe('a restarted server', () => {
  const patience = { seconds: 0, notify: () => undefined, signal: new AbortController().signal };

  /** Runs a server on a database, from start to shutdown. */
  async function living<T>(
    path: string,
    now: string,
    work: (server: Pick<InProcessServer, 'app' | 'context' | 'db'>) => Promise<T>,
  ): Promise<T> {
    const duckdb = await DuckDb.open();
    const owner = await DatabaseOwner.open(duckdb, await Catalog.open(duckdb), {
      path,
      redact: false,
      lockWait: patience,
    });
    const { app, context } = await buildApp({
      io: { now: () => new Date(now), stderr: { write: () => undefined, isTTY: false } },
      owner,
      tz: 'UTC',
      host: '127.0.0.1',
      seconds: 30,
    });
    try {
      return await work({ app, context, db: path });
    } finally {
      await app.close();
      await owner.close();
      await duckdb.close();
    }
  }

  test('continues its counts, without rejected requests; the next day starts at zero', async () => {
    const db = join(scratch(), 'again.duckdb');
    const ask =
      (token: string, times: number) =>
      async (server: Pick<InProcessServer, 'app'>): Promise<unknown[]> => {
        const replies: unknown[] = [];
        for (let n = 0; n < times; n += 1) replies.push((await asked(server, token)).slice(0, 3));
        return replies;
      };
    let token = '';
    await living(db, '2025-06-30T10:00:00Z', async (server) => {
      token = await makeToken(server, 'x', { dailyLimit: 3 });
      expect(await ask(token, 2)(server)).toEqual([
        [200, '3', '2'],
        [200, '3', '1'],
      ]);
      // A request that is rejected for a reason other than the limit.
      server.context.requestLog.takeQuota({ name: 'x', scopes: [], dailyLimit: 3 });
      server.context.requestLog.startRequest('x', 'POST /v0/events')(429, 1);
    });
    expect(await living(db, '2025-06-30T10:01:00Z', ask(token, 3))).toEqual([
      [200, '3', '0'],
      [429, '3', '0'],
      [429, '3', '0'],
    ]);
    expect(await living(db, '2025-06-30T10:02:00Z', ask(token, 1))).toEqual([[429, '3', '0']]);
    expect(await living(db, '2025-07-01T00:00:00Z', ask(token, 1))).toEqual([[200, '3', '2']]);
  });
});
