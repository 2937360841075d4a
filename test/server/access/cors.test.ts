import { describe, expect, test } from 'vitest';
import { scratch, wattduck } from '../../support/cli.ts';
import { startInProcessServer } from '../../support/in-process-server.ts';
import { makeToken, withToken } from '../../support/tokens.ts';

const [dash, other, evil] = ['https://dash.example', 'http://localhost:3000', 'https://evil.example'];
const exposed =
  'ETag, Retry-After, WWW-Authenticate, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, wattduck-note';
const server = await startInProcessServer({ cors: [dash, other] });
const { app, routes } = server;
const token = await makeToken(server, 'dash', { scopes: 'read', dailyLimit: 100_000 });
const pipe = '/v0/pipes/ingests.json';

/** The CORS headers; Vary without its part on compression. */
const corsOf = (headers: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(headers)
      .filter(
        ([name]) => name.startsWith('access-control-') || name === 'vary' || name === 'cross-origin-resource-policy',
      )
      .map(([name, value]) => [name, name === 'vary' ? String(value).replace(/, accept-encoding$/, '') : value]),
  );
const shared = (origin: string): Record<string, string> => ({
  'access-control-allow-origin': origin,
  'access-control-expose-headers': exposed,
  vary: 'Origin',
  'cross-origin-resource-policy': 'cross-origin',
});
const closed = { vary: 'Origin', 'cross-origin-resource-policy': 'same-origin' };

describe('a listed origin', () => {
  test.each([
    [dash, {}],
    [other, {}],
    [dash, { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' }],
    [other, { 'sec-fetch-site': 'same-site' }],
  ])('%s is answered, with %j', async (origin, headers) => {
    const { statusCode, headers: answered } = await app.inject({
      url: pipe,
      headers: { ...withToken(token).headers, origin, ...headers },
    });
    expect([statusCode, corsOf(answered)]).toEqual([200, shared(origin)]);
    expect(answered['x-ratelimit-limit']).toBe('100000');
  });

  test.each([
    ['an error of the client', '/v0/pipes/ingests.json?x=1', withToken(token).headers, 400],
    ['no token', pipe, {}, 403],
    ['no token, elsewhere', '/api/v1/analytics/issues', {}, 401],
    ['no route', '/nowhere', {}, 404],
    ['a URL that is none', '/%zz', {}, 400],
    ['a page', '/reports', withToken(token).headers, 200],
    ['a page, without a token', '/reports', {}, 401],
  ])('can read every response: %s', async (_, url, headers, status) => {
    const answer = await app.inject({ url, headers: { origin: dash, ...headers } });
    expect([answer.statusCode, corsOf(answer.headers)]).toEqual([status, shared(dash)]);
  });

  test('can read 304 and 405 responses', async () => {
    const { headers } = await app.inject({ url: '/openapi.json' });
    const unchanged = await app.inject({
      url: '/openapi.json',
      headers: { origin: dash, 'if-none-match': String(headers['etag']) },
    });
    expect([unchanged.statusCode, corsOf(unchanged.headers)]).toEqual([304, shared(dash)]);
    const wrong = await app.inject({ method: 'DELETE', url: pipe, headers: { origin: dash } });
    expect([wrong.statusCode, corsOf(wrong.headers)]).toEqual([405, shared(dash)]);
  });
});

describe('a preflight', () => {
  const ask = (url: string, origin: string) =>
    app.inject({
      method: 'OPTIONS',
      url,
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type',
        'sec-fetch-site': 'cross-site',
        'sec-fetch-mode': 'cors',
      },
    });

  test('is answered for every route with its methods, without a token', async () => {
    for (const [url, methods] of routes) {
      const { statusCode, headers, body } = await ask(url.replaceAll(/:\w+/g, 'x'), dash);
      expect([url, statusCode, body, corsOf(headers)]).toEqual([
        url,
        204,
        '',
        {
          ...shared(dash),
          'access-control-allow-methods': [...methods, 'OPTIONS'].join(', '),
          'access-control-allow-headers': 'Authorization, X-API-Key, Content-Type, Content-Encoding, If-None-Match',
          'access-control-max-age': '600',
        },
      ]);
    }
    expect((await ask('/v0/datasources/x/truncate', dash)).headers['access-control-allow-methods']).toBe(
      'POST, OPTIONS',
    );
  });

  test('from another origin is rejected', async () => {
    for (const origin of [
      evil,
      'null',
      'https://dash.example.evil.example',
      'https://dash.example:8443',
      'http://dash.example',
    ]) {
      const { statusCode, headers } = await ask(pipe, origin);
      expect([origin, statusCode, corsOf(headers)]).toEqual([origin, 403, closed]);
    }
  });

  test('is one only if it names a method', async () => {
    const { statusCode, headers } = await app.inject({ method: 'OPTIONS', url: pipe, headers: { origin: dash } });
    expect([statusCode, headers['allow'], corsOf(headers)]).toEqual([204, 'GET, HEAD, POST, OPTIONS', shared(dash)]);
  });
});

test('an image or script of a listed origin has no Origin header, and is rejected', async () => {
  const { statusCode, headers } = await app.inject({
    url: '/',
    headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' },
  });
  expect([statusCode, corsOf(headers)]).toEqual([403, closed]);
});

test('other clients are answered as before, and proxies get a Vary header', async () => {
  const { statusCode, headers } = await app.inject({ url: pipe, ...withToken(token) });
  expect([statusCode, corsOf(headers)]).toEqual([200, closed]);
});

test('browser credentials are not requested', async () => {
  expect((await app.inject({ url: pipe, headers: { origin: dash } })).headers).not.toHaveProperty(
    'access-control-allow-credentials',
  );
});

describe('any origin', async () => {
  const open = await startInProcessServer({ cors: ['*'] });
  const status = async (headers: Record<string, string>): Promise<unknown[]> => {
    const answer = await open.app.inject({ url: '/healthz', headers });
    return [answer.statusCode, answer.headers['access-control-allow-origin']];
  };

  test('is allowed only while tokens are required', async () => {
    expect(await status({ origin: evil })).toEqual([403, undefined]);
    await expect(open.context.access.cors.check()).rejects.toMatchObject({
      kind: 'usage',
      fullMessage:
        '--cors "*" lets any web page use this server without a token. List the origins, or create a token first: wattduck token create NAME.',
    });
    await makeToken(open, 'first');
    await open.context.access.cors.check();
    for (const headers of [{ origin: evil }, { origin: 'null' }, { 'sec-fetch-site': 'cross-site' }, {}])
      expect(await status(headers as Record<string, string>)).toEqual([200, '*']);
    expect((await open.app.inject({ url: pipe, headers: { origin: evil } })).statusCode).toBe(403);
    // After revocation, a token is still required.
    await open.context.owner.write((duckdb) => duckdb.run("update tokens set revoked_at = timestamp '2026-01-01'"));
    expect(await status({ origin: evil })).toEqual([200, '*']);
    await open.context.owner.write((duckdb) => duckdb.run('delete from tokens'));
    expect(await status({ origin: evil })).toEqual([403, undefined]);
    expect(await status({ 'sec-fetch-site': 'cross-site' })).toEqual([403, undefined]);
  });

  test('is not a valid Origin header', async () => {
    expect(await status({ origin: '*' })).toEqual([403, undefined]);
  });
});

describe('serve', () => {
  const db = `${scratch()}/served.duckdb`;
  test('does not start with --cors "*" if no token exists', async () => {
    expect(await wattduck(['serve', '--port', '0', '--db', db, '--cors', '*'])).toMatchObject({
      status: 2,
      stdout: '',
      stderr:
        'error: --cors "*" lets any web page use this server without a token. List the origins, or create a token first: wattduck token create NAME.\n',
    });
  });

  test('does not start with an invalid origin', async () => {
    expect(await wattduck(['serve', '--port', '0', '--db', db, '--cors', 'https://dash.example/app'])).toMatchObject({
      status: 2,
      stderr:
        'error: invalid value "https://dash.example/app" for --cors: expected an origin. Use scheme, host and port without a path: https://example.com or http://localhost:3000.\n',
    });
  });
});
