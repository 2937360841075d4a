import { describe, expect, test } from 'vitest';
import { hashToken, newToken, parseScopes } from '../../../src/server/access/tokens.ts';
import { wattduck } from '../../support/cli.ts';
import { listenOnFreePort, sendRaw } from '../../support/http-client.ts';
import { startInProcessServer } from '../../support/in-process-server.ts';
import { makeToken, requestCounts, withToken } from '../../support/tokens.ts';

const pipe = '/v0/pipes/ingests.json';
const own = '/api/v1/analytics/issues/summary';
const acknowledge = { method: 'POST', url: '/api/v1/analytics/issues/iss_none/acknowledge' } as const;

test('no token is required until the first is created; one is still required after all are revoked', async () => {
  const server = await startInProcessServer();
  const { app, context } = server;
  const status = async (): Promise<number> => (await app.inject(own)).statusCode;
  expect(await status()).toBe(200);
  const token = await makeToken(server, 'first');
  expect([await status(), (await app.inject({ url: own, ...withToken(token) })).statusCode]).toEqual([401, 200]);
  await context.owner.write((duckdb) => duckdb.run("update tokens set revoked_at = timestamp '2026-01-01'"));
  expect([await status(), (await app.inject({ url: own, ...withToken(token) })).statusCode]).toEqual([401, 401]);
});

describe('a token', async () => {
  const server = await startInProcessServer();
  const { app } = server;
  await listenOnFreePort(app);
  const token = await makeToken(server, 'reader');
  const other = newToken();

  test.each([
    ['as Authorization: Bearer', { authorization: `Bearer ${token}` }, ''],
    ['in other letters and with more blanks', { authorization: `bEARER   ${token}  ` }, ''],
    ['as X-API-Key', { 'x-api-key': token }, ''],
    ['as ?token=', {}, `?token=${token}`],
    [
      'in all three ways, where it is the same',
      { authorization: `Bearer ${token}`, 'x-api-key': token },
      `?token=${token}`,
    ],
    ['after an empty Authorization', { authorization: '', 'x-api-key': token }, ''],
    ['after a Bearer of nothing', { authorization: 'Bearer  ', 'x-api-key': token }, ''],
    [
      'after an Authorization of another kind, as proxies send it',
      { authorization: 'Basic dTpw', 'x-api-key': token },
      '',
    ],
    ['after an empty X-API-Key', { 'x-api-key': '' }, `?token=${token}`],
  ])('is accepted %s', async (_, headers, query) => {
    for (const url of [pipe, own]) expect((await app.inject({ url: url + query, headers })).statusCode).toBe(200);
  });

  const differ = 'the request has two different tokens. Send one, as Authorization: Bearer TOKEN.';
  const [missing, unknown] = [
    'a token is required. Send it as Authorization: Bearer TOKEN.',
    'unknown or revoked token. Create one with wattduck token create.',
  ];
  test.each([
    ['none', {}, '', missing],
    ['an empty one', { authorization: 'Bearer', 'x-api-key': ' ' }, '?token=', missing],
    ['one without Bearer', { authorization: token }, '', missing],
    ['a made-up one', { authorization: `Bearer ${other}` }, '', unknown],
    ['two in one header', { authorization: `Bearer ${token} ${token}` }, '', unknown],
    ['one with a blank in it', { 'x-api-key': `${token.slice(0, 9)} ${token.slice(9)}` }, '', unknown],
    ['its name', { 'x-api-key': 'reader' }, '', unknown],
    ['its hash', { 'x-api-key': hashToken(token) }, '', unknown],
    ['one in other letters', { 'x-api-key': token.toUpperCase() }, '', unknown],
    ['a part of it', { 'x-api-key': token.slice(0, -1) }, '', unknown],
    ['a huge one', { 'x-api-key': 'x'.repeat(15_000) }, '', unknown],
    ['one that is no plain text', {}, '?token[]=x', missing],
  ])('is rejected if it is %s', async (_, headers, query, line) => {
    const at = async (url: string): Promise<unknown[]> => {
      const reply = await app.inject({ url: url + query, headers });
      return [reply.statusCode, reply.headers['www-authenticate'], reply.json()];
    };
    const [message, hint] = line.split(/(?<=required|token)\. /);
    expect(await at(pipe)).toEqual([403, undefined, { error: line, documentation: '/docs' }]);
    expect(await at(own)).toEqual([
      401,
      'Bearer',
      { error: { code: line === missing ? 'token_required' : 'invalid_token', message, hint } },
    ]);
    expect(await at('/charging-events/site/x')).toEqual([
      401,
      'Bearer',
      { statusCode: 401, message: [line], error: 'Unauthorized' },
    ]);
  });

  test.each([
    ['twice in the URL', {}, `?token=${token}&token=${other}`, 'parameter token is repeated. Pass it once.'],
    ['twice in the URL, the same', {}, `?token=${token}&token=${token}`, 'parameter token is repeated. Pass it once.'],
    ['once in the URL and once empty', {}, `?token=${token}&token=`, 'parameter token is repeated. Pass it once.'],
    ['in two headers', { authorization: `Bearer ${token}`, 'x-api-key': other }, '', differ],
    ['in a header and in the URL', { 'x-api-key': token }, `?token=${other}`, differ],
    ['a wrong one before a right one', { authorization: `Bearer ${other}`, 'x-api-key': token }, '', differ],
    ['three of them', { authorization: `Bearer ${other}`, 'x-api-key': token }, `?token=${token}`, differ],
  ])('is ambiguous if it is sent more than once: %s', async (_, headers, query, line) => {
    for (const url of [pipe, '/v0/events?name=x', '/nowhere'].map((each) =>
      each.includes('?') ? each + query.replace('?', '&') : each + query,
    )) {
      const reply = await app.inject({ method: 'POST', url, headers });
      expect([reply.statusCode, reply.body.includes(line.split('. ')[0]!)]).toEqual([400, true]);
      for (const each of [token, other]) expect(reply.body).not.toContain(each);
    }
    expect((await app.inject({ url: pipe + query, headers })).json()).toEqual({ error: line, documentation: '/docs' });
  });

  test('is ambiguous if a header is repeated, which Node would hide', async () => {
    const { port } = app.server.address() as { port: number };
    const status = async (...lines: string[]): Promise<string> =>
      (
        await sendRaw(
          port,
          [`GET ${pipe} HTTP/1.1`, 'Host: localhost', 'Connection: close', ...lines, '', ''].join('\r\n'),
        )
      ).split('\r\n')[0]!;
    for (const name of ['Authorization: Bearer', 'X-API-Key:']) {
      expect(await status(`${name} ${token}`, `${name} ${other}`)).toBe('HTTP/1.1 400 Bad Request');
      expect(await status(`${name} ${other}`, `${name} ${token}`)).toBe('HTTP/1.1 400 Bad Request');
      expect(await status(`${name} ${token}`, `${name} ${token}`)).toBe('HTTP/1.1 200 OK');
    }
  });

  test.each([
    ['/%zz', 400, 'malformed percent-encoding in the URL'],
    [`/charging-events/site/${'x'.repeat(1001)}`, 400, 'a segment of the path is too long'],
  ])('%s, which Fastify rejects before routing, gets our own error', async (url, status, message) => {
    const reply = await app.inject({ url: `${url}?token=${token}` });
    expect([reply.statusCode, reply.headers['x-content-type-options'], JSON.stringify(reply.json())]).toEqual([
      status,
      'nosniff',
      expect.stringContaining(message),
    ]);
  });

  test('appears in no response, no message, and not in the request log', async () => {
    const replies = await Promise.all(
      [
        `${pipe}?token=${token}`,
        `${own}?token=${token}`,
        `${own}?token=${token}&as_off=x`,
        `/nowhere?token=${token}`,
        `/v0/pipes/nothing.json?token=${token}`,
        `/%zz?token=${token}`,
        `/charging-events/site/x?token=${token}`,
        `${pipe}?limit=x&token=${token}`,
      ].map((url) => app.inject(url)),
    );
    expect(replies.map(({ statusCode }) => statusCode)).toEqual([200, 200, 400, 404, 404, 400, 400, 400]);
    const told = replies.map(({ body, headers }) => body + JSON.stringify(headers)).join('\n');
    const rows = JSON.stringify([
      await requestCounts(server),
      await server.context.owner.systemConnection.rows('from tokens'),
    ]);
    for (const text of [told, rows, server.stderrText()]) expect(text).not.toContain(token.slice(3));
    expect(rows).toContain(hashToken(token));
  });
});

describe('scopes', async () => {
  const server = await startInProcessServer({ files: ['test/reports/data/dozen'] });
  const { app } = server;
  const tokens = {
    read: await makeToken(server, 'r', { scopes: 'read' }),
    append: await makeToken(server, 'a', { scopes: 'append' }),
    both: await makeToken(server, 'ra', { scopes: 'read,append' }),
    sql: await makeToken(server, 's', { scopes: 'sql' }),
    admin: await makeToken(server, 'adm', { scopes: 'admin' }),
  };

  test.each([
    ['read', [200, 403, 403, 403, 403]],
    ['append', [403, 404, 403, 403, 403]],
    ['both', [200, 404, 403, 403, 403]],
    ['sql', [403, 403, 403, 200, 200]],
    ['admin', [200, 404, 200, 200, 200]],
  ] as const)('%s alone may do what it says', async (name, expected) => {
    const requests = [
      { url: own },
      { ...acknowledge },
      { url: '/v0/pipes/tokens.json' },
      { url: '/v0/sql?q=select+1' },
      { method: 'POST', url: '/v0/sql?q=select+1' },
    ] as const;
    const replies = await Promise.all(
      requests.map((request) => app.inject({ ...request, ...withToken(tokens[name]) })),
    );
    expect(replies.map(({ statusCode }) => statusCode)).toEqual(expected);
  });

  test('the missing scope is named', async () => {
    expect((await app.inject({ url: own, ...withToken(tokens.append) })).json()).toEqual({
      error: {
        code: 'scope_required',
        message: 'token "a" lacks the scope read',
        hint: 'Use a token with that scope: wattduck token create NAME --scope read.',
      },
    });
  });

  test('a token for reports only gets the scope for SQL in its error', async () => {
    expect((await app.inject({ url: '/v0/sql?q=select+1', ...withToken(tokens.read) })).json()).toEqual({
      error: 'token "r" lacks the scope sql. Use a token with that scope: wattduck token create NAME --scope sql.',
      documentation: '/docs',
    });
  });

  test('a response cached for one token is not sent to another without the scope', async () => {
    const url = '/v0/pipes/station_analytics.json?currency=EUR';
    const asked = async (token: string): Promise<number> => (await app.inject({ url, ...withToken(token) })).statusCode;
    const { kept } = server.context.responder.counts;
    expect([await asked(tokens.read), await asked(tokens.both), await asked(tokens.append)]).toEqual([200, 200, 403]);
    expect(server.context.responder.counts.kept).toBe(kept + 1);
  });

  test.each([
    ['read', ['read']],
    ['append', ['append']],
    ['read,append', ['read', 'append']],
    ['sql', ['sql']],
    ['admin', ['read', 'append', 'sql', 'admin']],
    ['', []],
    ['other', []],
  ])('%s allows %j', (written, all) => {
    expect(parseScopes(written)).toEqual(all);
  });
});

describe('reports about the caller', async () => {
  const server = await startInProcessServer({ sqlDirs: ['test/server/reports/custom-sql'] });
  const { app } = server;
  const [anna, ben, admin] = [
    await makeToken(server, 'anna', { dailyLimit: 1000 }),
    await makeToken(server, 'ben'),
    await makeToken(server, 'root', { scopes: 'admin' }),
  ];

  test.each([
    ['anna', anna, '', 200, 1000],
    ['anna, by her name', anna, '?token_name=anna', 200, 1000],
    ['anna, asking for ben', anna, '?token_name=ben', 403, undefined],
    ['anna, asking for all', anna, '?token_name=*', 403, undefined],
    ['anna, asking for nobody', anna, '?token_name=', 403, undefined],
    ['anna, asking for one there is not', anna, '?token_name=zoe', 403, undefined],
    ['ben', ben, '', 200, null],
    ['an admin', admin, '', 200, null],
    ['an admin, asking for anna', admin, '?token_name=anna', 200, 1000],
    ['an admin, asking for all', admin, '?token_name=*', 200, null],
    ['an admin, asking for one there is not', admin, '?token_name=zoe', 404, undefined],
  ])('%s', async (_, token, query, status, limit) => {
    const reply = await app.inject({ url: `/api/v1/analytics/usage/today${query}`, ...withToken(token) });
    expect([reply.statusCode, reply.json<{ rate_limit?: number }>().rate_limit]).toEqual([status, limit]);
    const trends = await app.inject({ url: `/v0/pipes/usage_trends.json${query}`, ...withToken(token) });
    expect(trends.statusCode).toBe(status);
  });

  test('the error names both tokens', async () => {
    const { body } = await app.inject({ url: '/v0/pipes/usage_today.json?token_name=ben', ...withToken(anna) });
    expect(body).toBe(
      '{"error":"token \\"anna\\" can query its own usage only, not that of \\"ben\\". Use a token with the scope admin.","documentation":"/docs"}',
    );
  });

  test('a form cannot query another token either', async () => {
    const post = async (form: string): Promise<number> =>
      (
        await app.inject({
          method: 'POST',
          url: '/v0/pipes/usage_today.json',
          payload: form,
          headers: { ...withToken(anna).headers, 'content-type': 'application/x-www-form-urlencoded' },
        })
      ).statusCode;
    expect([await post('token_name=anna'), await post('token_name=ben'), await post('amp;token_name=ben')]).toEqual([
      200, 403, 403,
    ]);
  });

  test('is never cached for another caller, in user reports too', async () => {
    const names: unknown[] = [];
    for (const token of [anna, ben, anna])
      names.push(
        (await app.inject({ url: '/v0/pipes/who_am_i.json', ...withToken(token) })).json<{ data: unknown[] }>().data,
      );
    expect(names).toEqual([[{ name: 'anna' }], [{ name: 'ben' }], [{ name: 'anna' }]]);
  });
});

test('usage reports are the same over HTTP and on the command line', async () => {
  const server = await startInProcessServer();
  const token = await makeToken(server, 'root', { scopes: 'admin', dailyLimit: 10 });
  const { data } = (await server.app.inject({ url: '/v0/pipes/tokens.json', ...withToken(token) })).json<{
    data: Record<string, unknown>[];
  }>();
  expect(data).toEqual([
    {
      name: 'root',
      scopes: 'admin',
      daily_limit: 10,
      requests_today: 1,
      last_used: '2026-01-01 00:00:00',
      created_at: '2026-01-01 00:00:00',
      revoked_at: null,
    },
  ]);
  await server.app.close();
  const { stdout } = await wattduck(['token', 'list', '--db', server.db, '--json'], {
    now: new Date('2026-01-01T00:00:00Z'),
  });
  expect((JSON.parse(stdout) as { data: unknown }).data).toEqual(data);
});
