import { expect, test } from 'vitest';
import { startInProcessServer } from '../../support/in-process-server.ts';
import { makeToken, requestCounts, withToken } from '../../support/tokens.ts';

test('a clock that is set back changes no count, blocks no token for good, and causes no errors', async () => {
  let now = new Date('2025-07-02T00:10:00Z');
  const server = await startInProcessServer({ now: () => now });
  const token = await makeToken(server, 'ann', { dailyLimit: 3 });
  const ask = async (url = '/v0/pipes/ingests.json'): Promise<[number, unknown, number]> => {
    const { statusCode, headers } = await server.app.inject({ url, ...withToken(token) });
    return [statusCode, headers['x-ratelimit-remaining'], Number(headers['x-ratelimit-reset'])];
  };
  expect([await ask(), await ask()]).toEqual([
    [200, '2', 85_800],
    [200, '1', 85_800],
  ]);
  // The day before: its whole limit is left.
  now = new Date('2025-07-01T23:50:00Z');
  expect([await ask(), await ask(), await ask(), await ask()]).toEqual([
    [200, '2', 600],
    [200, '1', 600],
    [200, '0', 600],
    [429, '0', 600],
  ]);
  // Forward and back again: neither day starts at zero.
  now = new Date('2025-07-02T00:11:00Z');
  expect([await ask(), await ask()]).toEqual([
    [200, '0', 85_740],
    [429, '0', 85_740],
  ]);
  now = new Date('2025-07-01T23:59:59.999Z');
  expect(await ask()).toEqual([429, '0', 1]);
  // Years back, as after a battery failure: the log accepts it, and tokens can be created and used.
  now = new Date('1999-01-01T00:00:00Z');
  expect((await ask())[0]).toBe(200);
  const early = await makeToken(server, 'ben');
  for (const url of [
    '/v0/pipes/usage_today.json',
    '/v0/pipes/usage_trends.json',
    '/v0/pipes/issues.json',
    '/v0/pipes/health_score.json',
    '/readyz',
  ]) {
    const { statusCode, body } = await server.app.inject({ url, ...withToken(early) });
    expect([url, statusCode, body]).toEqual([url, 200, body]);
  }
  expect(
    (await requestCounts(server)).filter(
      ([name, endpoint]) => name === 'ann' && endpoint === 'GET /v0/pipes/ingests.json',
    ),
  ).toEqual([
    ['ann', 'GET /v0/pipes/ingests.json', 200, 7],
    ['ann', 'GET /v0/pipes/ingests.json', 429, 3],
  ]);
  expect(server.stderrText()).toBe('');
});

test('the response cache depends on writes, not on the clock', async () => {
  let now = new Date('2025-07-02T00:00:00Z');
  const { app } = await startInProcessServer({ now: () => now });
  const post = async (id: string): Promise<number> =>
    (
      await app.inject({
        method: 'POST',
        url: '/v0/events?name=charging_sessions&wait=true',
        payload: `{"session_id": "${id}", "station_id": "S", "start_time": "2024-01-01 00:00:00"}`,
      })
    ).statusCode;
  const ask = (etag = ''): Promise<{ statusCode: number; headers: Record<string, unknown>; body: string }> =>
    app.inject({ url: '/v0/pipes/get_sessions.csv', headers: { 'if-none-match': etag } });
  expect(await post('a')).toBe(200);
  const { etag } = (await ask()).headers as { etag: string };
  now = new Date('2025-07-01T00:00:00Z');
  expect((await ask(etag)).statusCode).toBe(304);
  expect(await post('b')).toBe(200);
  const { statusCode, body } = await ask(etag);
  expect(statusCode).toBe(200);
  expect(body.trim().split('\n')).toHaveLength(3);
});
