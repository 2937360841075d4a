import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { protocolOf } from '../../../src/server/http/error-responses.ts';
import { listenOnFreePort, sendRaw } from '../../support/http-client.ts';
import { dataSets, startInProcessServer } from '../../support/in-process-server.ts';

const server = await startInProcessServer({ files: dataSets('dozen', 'depot') });
const { app, routes, context } = server;
const port = await listenOnFreePort(app);
const own = `http://localhost:${port}`;
const host = `localhost:${port}`;

const evil = 'http://evil.example';
/** Headers browsers send for a page of another site. */
const foreign: [name: string, headers: Record<string, string>][] = [
  ['another Origin', { origin: evil }],
  ['the Origin of a sandboxed frame', { origin: 'null' }],
  ['an empty Origin', { origin: '' }],
  [
    'no Origin, as an image has it',
    { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' },
  ],
  ['another port of the same host', { origin: `http://localhost:${port + 1}`, 'sec-fetch-site': 'same-site' }],
  ['no Origin, from another port', { 'sec-fetch-site': 'same-site' }],
  ['a site no browser knows', { 'sec-fetch-site': 'odd' }],
  ['our Origin, after a redirect through another site', { origin: own, 'sec-fetch-site': 'cross-site' }],
];

/** A request to every route and method, and to unknown ones. */
const requests = [
  ...Array.from(routes, ([url, methods]) =>
    [...methods, 'OPTIONS', 'PUT'].map((method) => ({ method, url: url.replaceAll(/:\w+/g, 'x') })),
  ).flat(),
  { method: 'GET', url: '/nowhere' },
  { method: 'POST', url: '/v0/nowhere' },
  { method: 'OPTIONS', url: '/nowhere' },
  { method: 'GET', url: '/%zz' },
  { method: 'GET', url: `/v0/datasources/${'x'.repeat(1001)}` },
  { method: 'TRACE', url: '/' },
] as { method: 'GET'; url: string }[];

/** True if an error has the form of its route's protocol. */
function isError(url: string, body: string): boolean {
  const { error, message } = JSON.parse(body) as { error?: string | { code: string }; message?: string[] };
  switch (protocolOf(url)) {
    case 'tinybird':
      return typeof error === 'string' && error.startsWith('the request comes from another site');
    case 'charging_events':
      return message![0]!.startsWith('the request comes from another site');
    case 'analytics':
      return (error as { code: string }).code === 'cross_site_request';
  }
}

test.each(foreign)('every route and method is closed to a page of another site: %s', async (name, headers) => {
  // The rarer kinds differ only in their headers.
  const tried = foreign.findIndex(([each]) => each === name) < 4 ? requests : requests.filter((_, at) => at % 40 === 0);
  expect(tried.length).toBeGreaterThan(10);
  const { dataVersion } = context.owner;
  const wrong: unknown[] = [];
  for (const { method, url } of tried) {
    const answer = await app.inject({ method, url, headers: { host, ...headers } });
    const isRefused = answer.statusCode === 403 && ((method as string) === 'HEAD' || isError(url, answer.body));
    const isReadable = Object.keys(answer.headers).some(
      (name) => name.startsWith('access-control-') || name === 'etag',
    );
    if (!isRefused || isReadable || answer.headers['cross-origin-resource-policy'] !== 'same-origin')
      wrong.push([method, url, answer.statusCode, answer.body]);
  }
  expect(wrong).toEqual([]);
  expect(context.owner.dataVersion).toBe(dataVersion);
});

test('the error gives the reason', async () => {
  expect((await app.inject({ url: '/v0/sql?q=select+1', headers: { host, origin: evil } })).json()).toEqual({
    error:
      'the request comes from another site (Origin: http://evil.example). To allow a site, start the server with --cors ORIGIN.',
    documentation: '/docs',
  });
});

describe("a request from the server's own origin", () => {
  const other = startInProcessServer({ host: '0.0.0.0' });
  test.each([
    // [Host, Origin, accepted by a local server, accepted by a public server]
    ['localhost:8787', 'http://localhost:8787', 200, 200],
    ['LocalHost:8787', 'http://localhost:8787', 200, 200],
    ['127.0.0.1:8787', 'http://127.0.0.1:8787', 200, 200],
    ['[::1]:8787', 'http://[::1]:8787', 200, 200],
    ['localhost', 'http://localhost', 200, 200],
    ['localhost:80', 'http://localhost', 200, 200],
    ['localhost', 'http://localhost:80', 200, 200],
    ['localhost:8787', 'http://127.0.0.1:8787', 403, 403],
    ['127.0.0.1:8787', 'http://localhost:8787', 403, 403],
    ['localhost:8787', 'http://localhost:8788', 403, 403],
    ['localhost:8787', 'http://localhost', 403, 403],
    ['localhost', 'http://localhost:8787', 403, 403],
    ['localhost:8787', 'http://localhost:8787.evil.example', 403, 403],
    ['localhost:8787', 'http://localhost:8787@evil.example', 403, 403],
    ['localhost:8787', 'http://x@localhost:8787', 403, 403],
    ['localhost:8787', 'http://localhost:8787/', 403, 403],
    ['localhost:8787', 'http://localhost:8787, http://evil.example', 403, 403],
    ['localhost:8787', 'ftp://localhost:8787', 403, 403],
    ['localhost:8787', 'localhost:8787', 403, 403],
    ['localhost:8787', 'file://', 403, 403],
    ['[::1]:8787', 'http://[::1]:8788', 403, 403],
    ['[::1]:8787', 'http://[::2]:8787', 403, 403],
    // Behind a TLS proxy, which a local server is not.
    ['localhost', 'https://localhost', 403, 200],
    ['localhost:443', 'https://localhost', 403, 200],
    ['localhost:8787', 'https://localhost:8787', 403, 200],
    ['localhost', 'https://localhost:8787', 403, 403],
    ['wattduck.example', 'https://wattduck.example', 403, 200],
    ['wattduck.example', 'http://wattduck.example', 403, 200],
    ['wattduck.example', 'https://evil.example', 403, 403],
    ['wattduck.example', 'https://wattduck.example.', 403, 403],
    ['10.0.0.1:8787', 'http://10.0.0.1:8787', 403, 200],
  ])('for %s, from %s', async (meant, origin, local, open) => {
    const status = async ({ app: asked }: { app: typeof app }): Promise<number> =>
      (await asked.inject({ url: '/healthz', headers: { host: meant, origin } })).statusCode;
    expect([await status(server), await status(await other)]).toEqual([local, open]);
  });

  test.each([
    [{}],
    [{ 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }],
    [{ 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }],
    [{ 'sec-fetch-site': 'same-origin', origin: own }],
    [{ origin: own }],
    // As Node's fetch sends it.
    [{ 'sec-fetch-mode': 'cors' }],
    [{ referer: `${evil}/page` }],
  ])('is answered with %j', async (headers) => {
    for (const url of ['/', '/healthz', '/v0/sql?q=select+1'])
      expect((await app.inject({ url, headers: { host, ...headers } })).statusCode).toBe(200);
    expect(
      (
        await app.inject({
          method: 'POST',
          url: '/v0/events?name=sites',
          headers: { host, ...headers },
          payload: '{"site_id":"s","site_name":"S"}',
        })
      ).statusCode,
    ).toBe(202);
  });

  test('with a repeated header must have valid values in both', async () => {
    const status = async (...lines: string[]): Promise<string> =>
      (
        await sendRaw(
          port,
          ['GET /healthz HTTP/1.1', `Host: ${host}`, 'Connection: close', ...lines, '', ''].join('\r\n'),
        )
      ).split('\r\n')[0]!;
    expect(await status(`Origin: ${own}`)).toBe('HTTP/1.1 200 OK');
    expect(await status(`Origin: ${own}`, `Origin: ${evil}`)).toBe('HTTP/1.1 403 Forbidden');
    expect(await status(`Origin: ${evil}`, `Origin: ${own}`)).toBe('HTTP/1.1 403 Forbidden');
    expect(await status('Sec-Fetch-Site: none', 'Sec-Fetch-Site: cross-site')).toBe('HTTP/1.1 403 Forbidden');
  });
});

describe('a link of another site', () => {
  const visit = {
    'sec-fetch-site': 'cross-site',
    'sec-fetch-mode': 'navigate',
    'sec-fetch-dest': 'document',
    'sec-fetch-user': '?1',
  };
  const status = async (
    url: string,
    headers: Record<string, string>,
    method: 'GET' | 'POST' = 'GET',
  ): Promise<number> => (await app.inject({ method, url, headers: { host, ...headers } })).statusCode;

  test('leads to pages only', async () => {
    for (const url of ['/', '/docs', '/docs/', '/?utm_source=x'])
      expect([url, await status(url, visit)]).toEqual([url, 200]);
    for (const url of [
      '/healthz',
      '/readyz',
      '/metrics',
      '/openapi.json',
      '/docs/init.js',
      '/docs/swagger-ui.css',
      '/v0/sql?q=select+1',
      '/v0/pipes/get_sessions.json',
      '/nowhere',
    ])
      expect([url, await status(url, visit)]).toEqual([url, 403]);
  });

  test.each([
    ['in a frame', { ...visit, 'sec-fetch-dest': 'iframe' }],
    ['as an object', { ...visit, 'sec-fetch-dest': 'object' }],
    ['by a script', { ...visit, 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'empty' }],
    ['with an Origin', { ...visit, origin: evil }],
  ])('does not lead there %s', async (_, headers) => expect(await status('/', headers)).toBe(403));

  test('does not send a form there', async () => expect(await status('/', visit, 'POST')).toBe(403));
});

describe('the body of a rejected request', () => {
  const head = (length: string): string =>
    [
      `POST /v0/events?name=sites HTTP/1.1`,
      `Host: ${host}`,
      `Origin: ${evil}`,
      'Content-Type: text/plain',
      length,
      '',
      '',
    ].join('\r\n');
  const tenMegabytes = 10_000_000;

  test.each([
    ['with its length', `Content-Length: ${tenMegabytes}`],
    ['in chunks', 'Transfer-Encoding: chunked'],
  ])('is not waited for, and the connection is closed: %s', async (_, length) => {
    const answer = await sendRaw(port, head(length));
    expect(answer.split('\r\n')[0]).toBe('HTTP/1.1 403 Forbidden');
    expect(answer).toMatch(/^connection: close\r$/im);
  });

  test('is not read', async () => {
    const accepted = once(app.server, 'connection') as Promise<[Socket]>;
    const socket = connect({ port, host: '127.0.0.1' });
    // The rest is sent to a closed connection.
    socket.on('error', () => undefined).resume();
    const [theirs] = await accepted;
    socket.write(head(`Content-Length: ${tenMegabytes}`) + 'x'.repeat(tenMegabytes));
    await once(theirs, 'close');
    socket.destroy();
    expect(theirs.bytesRead).toBeLessThan(tenMegabytes / 4);
  });
});

test("only requests from this server's origin were written", async () => {
  const rows = await context.owner.systemConnection.rows(
    "select count(*)::integer as all_sites, count(*) filter (site_id = 's')::integer as ours from db.main.sites",
  );
  expect(rows).toEqual([{ all_sites: 3, ours: 1 }]);
  expect(server.stderrText()).toBe('');
});
