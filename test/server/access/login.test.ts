import { describe, expect, test } from 'vitest';
import { ownPath } from '../../../src/server/access/own-path.ts';
import { newToken } from '../../../src/server/access/tokens.ts';
import { dataSets, startInProcessServer } from '../../support/in-process-server.ts';
import { makeToken, requestCounts, withToken } from '../../support/tokens.ts';

let clock = new Date('2026-01-01T00:00:00Z');
const server = await startInProcessServer({ files: dataSets('depot'), now: () => clock });
const { app, context } = server;
const [reader, writer, appender] = [
  await makeToken(server, 'reader', { dailyLimit: 1_000_000 }),
  await makeToken(server, 'writer', { scopes: 'read,append' }),
  await makeToken(server, 'appender', { scopes: 'append' }),
];

const host = 'duck.example:8787';
const own = { host: 'localhost:8787', origin: 'http://localhost:8787' };
/** Headers of a browser that opens a page. */
const browser = { host: own.host, accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
const passLater = (ms: number): void => void (clock = new Date(clock.getTime() + ms));

type Response = Awaited<ReturnType<typeof login>>;

/** Sends the form of the login page. */
const login = (token: string, next = '/', headers: Record<string, string> = own) =>
  app.inject({
    method: 'POST',
    url: '/login',
    headers: { ...browser, 'content-type': 'application/x-www-form-urlencoded', ...headers },
    payload: new URLSearchParams({ token, next }).toString(),
  });

const setCookie = ({ headers }: Response): string => String(headers['set-cookie']);
const cookieOf = (response: Response): string => setCookie(response).split(';')[0]!;
const openPage = (cookie: string, url = '/reports') => app.inject({ url, headers: { ...browser, cookie } });

describe('the login page', () => {
  test('a page leads to it and back, with its own address', async () => {
    const page = await app.inject({ url: '/reports?x=a%26b', headers: browser });
    expect([page.statusCode, page.headers.location]).toEqual([303, '/login?next=%2Freports%3Fx%3Da%2526b']);
    const form = await app.inject({ url: String(page.headers.location), headers: browser });
    expect([form.statusCode, form.headers['cache-control']]).toEqual([200, 'no-store']);
    expect(form.body).toContain('<input type="hidden" name="next" value="/reports?x=a%26b">');
    expect(form.body).not.toContain('served.duckdb');
    const done = await login(reader, '/reports?x=a%26b');
    expect([done.statusCode, done.headers.location]).toEqual([303, '/reports?x=a%26b']);
  });

  test('a client that asks for no page gets an error', async () => {
    for (const accept of ['*/*', 'application/json']) {
      const { statusCode, headers, json } = await app.inject({ url: '/reports', headers: { accept } });
      expect([statusCode, headers['www-authenticate'], json()]).toMatchObject([
        401,
        'Bearer',
        { error: { code: 'token_required' } },
      ]);
    }
  });

  test('a link from another site is loaded once more, because browsers leave its cookie out', async () => {
    const cross = {
      ...browser,
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
    };
    const first = await app.inject({ url: '/reports', headers: cross });
    expect([first.statusCode, first.body.includes('<meta http-equiv="refresh" content="0">')]).toEqual([200, true]);
    const again = await app.inject({ url: '/reports', headers: { ...cross, 'sec-fetch-site': 'same-origin' } });
    expect(again.statusCode).toBe(303);
  });

  test('the cookie has a random id instead of the token, and no script can read it', async () => {
    const [first, second] = [await login(reader), await login(reader)];
    expect(setCookie(first)).toMatch(
      /^wattduck_session_8787=[\w-]{43}; Path=\/; Max-Age=604800; HttpOnly; SameSite=Strict$/,
    );
    expect(cookieOf(first)).not.toBe(cookieOf(second));
    expect(first.body + setCookie(first)).not.toContain(reader);
  });

  test.each([
    ['behind a proxy with TLS', { 'x-forwarded-proto': 'https' }, true],
    ['behind two proxies', { 'x-forwarded-proto': 'https, http' }, true],
    ['behind a proxy without TLS', { 'x-forwarded-proto': 'http' }, false],
  ])('the cookie is secure %s', async (_, headers, isSecure) => {
    expect(setCookie(await login(reader, '/', { ...own, ...headers })).endsWith('; Secure')).toBe(isSecure);
  });

  test.each([
    ['an unknown token', newToken(), 401, 'unknown or revoked token. Create one with wattduck token create.'],
    ['no token', '', 401, 'unknown or revoked token'],
    ['half a token', reader.slice(0, 20), 401, 'unknown or revoked token'],
    ['markup', '"><script>', 401, 'unknown or revoked token'],
    ['a token that cannot read', appender, 403, 'this token cannot see pages: it lacks the scope read'],
  ])('%s is rejected with a message', async (_, token, status, message) => {
    passLater(60_000);
    const { statusCode, headers, body } = await login(token);
    expect([statusCode, headers['set-cookie'], body.includes(message)]).toEqual([status, undefined, true]);
    expect(body).not.toContain('<script>');
    if (token !== '') expect(body).not.toContain(token);
  });

  test('blanks around a pasted token are ignored', async () => {
    expect((await login(` ${reader}\n`)).statusCode).toBe(303);
  });

  test('after 10 failures an address waits a minute, even with the right token', async () => {
    passLater(60_000);
    const statuses: number[] = [];
    for (let count = 0; count < 11; count += 1) statuses.push((await login('wd_guess')).statusCode);
    expect(statuses).toEqual([...Array<number>(10).fill(401), 429]);
    passLater(59_000);
    const blocked = await login(reader);
    expect([blocked.statusCode, blocked.headers['retry-after']]).toEqual([429, '1']);
    expect(blocked.body).toContain('too many failed logins. Retry in 1 second.');
    passLater(1000);
    expect((await login(reader)).statusCode).toBe(303);
  });

  test('whoever is logged in is sent on', async () => {
    const { statusCode, headers } = await openPage(cookieOf(await login(reader)), '/login?next=/docs');
    expect([statusCode, headers.location]).toEqual([303, '/docs']);
  });
});

describe('a redirect', () => {
  const elsewhere = [
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    '/\t/evil.example',
    '/.//evil.example',
    '/x/..//evil.example',
    '/%2e//evil.example',
    'javascript:alert(1)',
    'reports',
    '\\\\evil.example',
    '',
  ];
  test.each(elsewhere)('never leads to another host: %j', async (next) => {
    expect((await login(reader, next)).headers.location).toBe('/');
    const form = await app.inject({ url: `/login?next=${encodeURIComponent(next)}`, headers: browser });
    expect(form.body).toContain('<input type="hidden" name="next" value="/">');
  });

  test.each([
    ['/reports', '/reports'],
    ['/sites/a%2Fb?from=2025-01-01&site=x%20y', '/sites/a%2Fb?from=2025-01-01&site=x%20y'],
    ['/sites/ü', '/sites/%C3%BC'],
    ['/@evil.example', '/@evil.example'],
    ['/https://evil.example', '/https://evil.example'],
  ])('keeps %s', (next, path) => expect(ownPath(next)).toBe(path));
});

describe('a token in the URL of a page', () => {
  test('becomes a session, and the address loses it', async () => {
    const { statusCode, headers } = await app.inject({
      url: `/reports?site=a%26b&token=${reader}&tz=UTC`,
      headers: browser,
    });
    expect([statusCode, headers.location, headers['cache-control']]).toEqual([
      303,
      '/reports?site=a%26b&tz=UTC',
      'no-store',
    ]);
    const cookie = String(headers['set-cookie']).split(';')[0]!;
    expect((await openPage(cookie)).statusCode).toBe(200);
  });

  test('a wrong one leads to the login page, without it', async () => {
    passLater(60_000);
    const { statusCode, headers } = await app.inject({ url: '/reports?token=wd_wrong', headers: browser });
    expect([statusCode, headers.location]).toEqual([303, '/login?next=%2Freports&problem=unknown_token']);
    const form = await app.inject({ url: String(headers.location), headers: browser });
    expect([form.statusCode, form.body.includes('unknown or revoked token')]).toEqual([401, true]);
  });

  test.each([
    ['an empty one', '/reports?token=', '/reports'],
    ['one in other letters of the same name', `/reports?%74oken=${reader}`, '/reports'],
    ['on the documentation', `/docs?token=${reader}`, '/docs'],
  ])('%s goes, too', async (_, url, location) => {
    expect((await app.inject({ url, headers: browser })).headers.location).toBe(location);
  });

  test('of the API, it still works', async () => {
    const { statusCode, headers } = await app.inject(`/v0/pipes/ingests.json?token=${reader}`);
    expect([statusCode, headers['set-cookie']]).toEqual([200, undefined]);
  });
});

describe('a session', () => {
  const acknowledge = '/api/v1/analytics/issues/dep_open/acknowledge';
  const post = (cookie: string, headers: Record<string, string>, url = acknowledge) =>
    app.inject({ method: 'POST', url, headers: { host: own.host, cookie, ...headers } });

  test('opens pages, reports and files', async () => {
    const cookie = cookieOf(await login(reader));
    for (const url of ['/', '/reports', '/v0/pipes/ingests.csv', '/v0/pipes/energy_trends.svg', '/metrics'])
      expect([url, (await openPage(cookie, url)).statusCode]).toEqual([url, 200]);
    expect((await openPage('', '/v0/pipes/ingests.csv')).statusCode).toBe(403);
  });

  test('has the scopes of its token, and its own page writes', async () => {
    const [reading, writing] = [cookieOf(await login(reader)), cookieOf(await login(writer))];
    expect((await post(reading, { origin: own.origin })).json()).toMatchObject({
      error: { code: 'scope_required', message: 'token "reader" lacks the scope append' },
    });
    expect((await post(writing, { origin: own.origin })).statusCode).toBe(200);
    expect((await post(writing, { 'sec-fetch-site': 'same-origin' })).statusCode).toBe(200);
  });

  test.each([
    ['a sandboxed frame', { origin: 'null' }],
    ['another host', { origin: 'http://evil.example' }],
    ['another port', { origin: 'http://localhost:8788' }],
    ['another site, without Origin', { 'sec-fetch-site': 'cross-site' }],
    ['another port, without Origin', { 'sec-fetch-site': 'same-site' }],
    ['the address bar', { 'sec-fetch-site': 'none' }],
    ['nowhere', {}],
  ])('writes nothing for %s', async (_, headers) => {
    const cookie = cookieOf(await login(writer));
    const { dataVersion } = context.owner;
    for (const url of [acknowledge, '/v0/datasources/sites/truncate', '/v0/events?name=sites'])
      expect([url, (await post(cookie, headers as Record<string, string>, url)).statusCode]).toEqual([url, 403]);
    expect(context.owner.dataVersion).toBe(dataVersion);
  });

  test('ends when its token is revoked, even if it is created again', async () => {
    const token = await makeToken(server, 'short');
    const cookie = cookieOf(await login(token));
    expect((await openPage(cookie)).statusCode).toBe(200);
    const set = (value: string): Promise<unknown> =>
      context.owner.write((duckdb) => duckdb.run(`update tokens set revoked_at = ${value} where name = 'short'`));
    await set(`timestamp '2026-01-01'`);
    expect((await openPage(cookie)).statusCode).toBe(303);
    await set('null');
    expect((await openPage(cookie)).statusCode).toBe(303);
  });

  test('ends with the logout, and with the next login of the browser', async () => {
    const first = cookieOf(await login(reader));
    const second = cookieOf(await login(reader, '/', { ...own, cookie: first }));
    expect([(await openPage(first)).statusCode, (await openPage(second)).statusCode]).toEqual([303, 200]);
    expect((await openPage(second)).body).toContain('<form method="post" action="/logout">');
    const foreign = await post(second, { origin: 'http://evil.example' }, '/logout');
    expect([foreign.statusCode, (await openPage(second)).statusCode]).toEqual([403, 200]);
    const out = await post(second, { ...browser, origin: own.origin }, '/logout');
    expect([out.statusCode, out.headers.location, out.headers['set-cookie']]).toEqual([
      303,
      '/login',
      'wattduck_session_8787=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict',
    ]);
    expect((await openPage(second)).statusCode).toBe(303);
  });

  test('ends after 12 hours without a request, and after 7 days', async () => {
    const hour = 3_600_000;
    const idle = cookieOf(await login(reader));
    passLater(11 * hour);
    expect((await openPage(idle)).statusCode).toBe(200);
    passLater(11 * hour);
    expect((await openPage(idle)).statusCode).toBe(200);
    passLater(12 * hour + 1);
    expect((await openPage(idle)).statusCode).toBe(303);
    const busy = cookieOf(await login(reader));
    const statuses: number[] = [];
    for (let hours = 0; hours < 7 * 24; hours += 6) {
      statuses.push((await openPage(busy)).statusCode);
      passLater(6 * hour);
    }
    expect([new Set(statuses), (await openPage(busy)).statusCode]).toEqual([new Set([200]), 303]);
  });

  test.each(['', 'x', 'wattduck_session_8787', 'wattduck_session_8787=', 'wattduck_session_8787=x; a=b', '=;=;'])(
    'is not %j',
    async (cookie) => expect((await openPage(cookie)).statusCode).toBe(303),
  );

  test('is found among other cookies, but not in that of another port', async () => {
    const cookie = cookieOf(await login(reader));
    expect((await openPage(`a=b; ${cookie}; wattduck_session_8787=old`)).statusCode).toBe(200);
    expect((await openPage(`wattduck_session_8787=old; ${cookie}`)).statusCode).toBe(200);
    expect((await openPage(cookie.replace('8787', '8788'))).statusCode).toBe(303);
  });

  test('an explicit token counts instead', async () => {
    const cookie = cookieOf(await login(reader));
    const { statusCode } = await app.inject({
      url: '/v0/pipes/ingests.csv',
      headers: { ...withToken('wd_wrong').headers, cookie, host: own.host },
    });
    expect(statusCode).toBe(403);
  });

  test('there are at most 1000: the next login ends the one that was idle the longest', async () => {
    const first = cookieOf(await login(reader));
    for (let count = 0; count < 1000; count += 1) context.sessions.start(reader);
    expect((await openPage(first)).statusCode).toBe(303);
  });

  test('its requests are logged with its token', async () => {
    const cookie = cookieOf(await login(await makeToken(server, 'logged')));
    await openPage(cookie);
    await openPage(cookie, '/v0/pipes/ingests.csv');
    expect((await requestCounts(server)).filter(([token]) => token === 'logged')).toEqual([
      ['logged', 'GET /reports', 200, 1],
      ['logged', 'GET /v0/pipes/ingests.csv', 200, 1],
    ]);
  });
});

describe('an allowed origin', async () => {
  const dash = 'https://dash.example';
  const shared = await startInProcessServer({ cors: [dash], now: () => clock });
  const token = await makeToken(shared, 'all', { scopes: 'admin' });
  const newCookie = (): string => `wattduck_session_8787=${shared.context.sessions.start(token)}`;

  test('cannot use the session of a browser', async () => {
    const headers = { host: own.host, cookie: newCookie(), origin: dash };
    expect((await shared.app.inject({ url: '/v0/pipes/ingests.json', headers })).statusCode).toBe(403);
    const write = await shared.app.inject({ method: 'POST', url: '/v0/datasources/sites/truncate', headers });
    expect([write.statusCode, write.body]).toEqual([403, expect.stringContaining('a page of this server')]);
  });

  test('our own pages can', async () => {
    const { statusCode } = await shared.app.inject({
      url: '/v0/pipes/ingests.json',
      headers: { host: own.host, cookie: newCookie() },
    });
    expect(statusCode).toBe(200);
  });
});

describe('without tokens', async () => {
  const open = await startInProcessServer({ host: '127.0.0.1' });

  test('pages are open, and the login page leads to them', async () => {
    expect((await open.app.inject({ url: '/reports', headers: browser })).statusCode).toBe(200);
    for (const url of ['/login', '/login?next=/', '/?token=x'])
      expect((await open.app.inject({ url, headers: browser })).headers.location).toBe('/');
  });
});

test('on another host, the same holds behind a proxy with TLS', async () => {
  const remote = await startInProcessServer({ host: '0.0.0.0', now: () => clock });
  const token = await makeToken(remote, 'far');
  const response = await remote.app.inject({
    method: 'POST',
    url: '/login',
    headers: {
      ...browser,
      host,
      origin: `https://${host}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    payload: new URLSearchParams({ token }).toString(),
  });
  expect([response.statusCode, String(response.headers['set-cookie']).endsWith('SameSite=Strict; Secure')]).toEqual([
    303,
    true,
  ]);
});

describe('an error in a browser is a page', () => {
  test.each([
    ['/nowhere<b>', 404, 'route /nowhere%3Cb%3E not found'],
    ['/login?x=1', 400, 'unknown parameter x'],
    ['/%zz', 400, 'malformed percent-encoding in the URL'],
  ])('%s', async (url, status, message) => {
    const { statusCode, headers, body } = await app.inject({ url, headers: browser });
    expect([statusCode, headers['content-type']]).toEqual([status, 'text/html; charset=utf-8']);
    expect(body).toContain(message);
    expect(body).not.toContain('<b>');
  });

  test('but not in the API', async () => {
    const { headers } = await app.inject({ url: '/v0/pipes/nowhere.json', headers: browser });
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
  });
});
