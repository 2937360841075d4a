import { Readable } from 'node:stream';
import { brotliCompressSync, brotliDecompressSync, gunzipSync } from 'node:zlib';
import Fastify, { type InjectOptions } from 'fastify';
import { expect, test } from 'vitest';
import { addCompression, looksCompressed } from '../../../src/server/http/compression.ts';
import { listenOnFreePort } from '../../support/http-client.ts';
import { dataSets, startInProcessServer, withoutElapsed } from '../../support/in-process-server.ts';
import { writeReports } from '../../support/report-files.ts';

const many = (column: string): string => `select n as ${column} from (select unnest(range(300000)) as n) as numbers`;
const { app, stderrText } = await startInProcessServer({
  files: dataSets('depot', 'lobby', 'dozen'),
  cors: ['https://dash.example'],
  sqlDirs: [
    writeReports({
      many: { columns: ['n'], sql: many('n') },
      // As a file of zlib would begin.
      hbox: { columns: ['hb_count'], sql: many('hb_count') },
    }),
  ],
});

const decoders = { br: brotliDecompressSync, gzip: gunzipSync } as const;
type Encoding = keyof typeof decoders;

const accept = (url: string, encoding: string, options: InjectOptions = {}): InjectOptions => ({
  ...options,
  url,
  headers: { ...options.headers, 'accept-encoding': encoding },
});

const pipes = '/v0/pipes';
const compressed = [
  '/',
  '/docs/swagger-ui.css',
  '/openapi.json',
  '/metrics',
  `${pipes}/get_sessions.json`,
  `${pipes}/get_sessions.csv`,
  `${pipes}/get_sessions.ndjson`,
  `${pipes}/get_sessions.prometheus`,
  `${pipes}/energy_trends.svg`,
  '/api/v1/analytics/energy/by-time-of-day',
  `${pipes}/many.ndjson?limit=300000`,
];

for (const encoding of ['br', 'gzip'] as const) {
  test.each(compressed)(`%s in ${encoding} is the uncompressed body`, async (url) => {
    const plain = await app.inject(accept(url, 'identity'));
    const small = await app.inject(accept(url, encoding));
    expect([plain.statusCode, plain.headers['content-encoding']]).toEqual([200, undefined]);
    expect([small.statusCode, small.headers['content-encoding']]).toEqual([200, encoding]);
    for (const name of ['vary', 'etag', 'content-type']) expect(small.headers[name]).toBe(plain.headers[name]);
    expect(small.headers['vary']).toBe('Origin, accept-encoding');
    const decoded = decoders[encoding](small.rawPayload).toString();
    if (url !== '/metrics') expect(withoutElapsed(decoded)).toBe(withoutElapsed(plain.body));
    expect(small.rawPayload.length).toBeLessThan(plain.rawPayload.length);
    const length = small.headers['content-length'];
    expect([undefined, String(small.rawPayload.length)]).toContain(length);
  });
}

test.each([
  ['gzip, deflate, br', 'br'],
  ['gzip;q=1, br;q=0.5', 'gzip'],
  ['br;q=0, gzip', 'gzip'],
  ['GZIP', 'gzip'],
  ['*', 'gzip'],
  ['deflate, zstd', undefined],
  ['gzip;q=0', undefined],
  ['identity', undefined],
  ['', undefined],
  ['zqx;;q=,', undefined],
])('Accept-Encoding "%s" is answered with %s', async (header, encoding) => {
  const { statusCode, headers } = await app.inject(accept(`${pipes}/get_sessions.json`, header));
  expect([statusCode, headers['content-encoding']]).toEqual([200, encoding]);
});

test('short bodies, Parquet and errors stay as they are', async () => {
  for (const url of ['/healthz', '/docs/nothing', `${pipes}/get_sessions.json?limit=x`, `${pipes}/many.parquet`]) {
    const { headers } = await app.inject(accept(url, 'br, gzip'));
    expect([url, headers['content-encoding']]).toEqual([url, undefined]);
  }
  const { headers } = await app.inject(accept(`${pipes}/many.parquet`, 'br'));
  expect(headers['vary']).toBe('Origin');
});

test('a client with any encoding of a response gets 304, and HEAD has the headers of GET', async () => {
  for (const url of [`${pipes}/get_sessions.json`, '/openapi.json']) {
    const { headers } = await app.inject(accept(url, 'br'));
    const etag = String(headers['etag']);
    expect(etag).toMatch(/^W\/"/);
    for (const encoding of ['identity', 'gzip', 'br']) {
      const again = await app.inject(accept(url, encoding, { headers: { 'if-none-match': etag } }));
      expect([again.statusCode, again.body, again.headers['content-encoding']]).toEqual([304, '', undefined]);
      expect([again.headers['etag'], again.headers['vary']]).toEqual([etag, 'Origin, accept-encoding']);
    }
    const head = await app.inject(accept(url, 'br', { method: 'HEAD' }));
    expect([head.statusCode, head.body]).toEqual([200, '']);
    for (const name of ['content-type', 'etag', 'vary'])
      expect([name, head.headers[name]]).toEqual([name, headers[name]]);
    // The compressed length is unknown without compressing; another one must not be sent.
    expect(head.headers['content-length']).toBeUndefined();
    const plain = await app.inject(accept(url, 'identity'));
    const plainHead = await app.inject(accept(url, 'identity', { method: 'HEAD' }));
    expect(plainHead.headers['content-length']).toBe(String(plain.rawPayload.length));
  }
});

test('a CSV that begins like compressed data is compressed never, and whole', async () => {
  expect(['80,1\n', 'hb_count\n', 'x y', 'XG'].map(looksCompressed)).toEqual([true, true, true, true]);
  expect(['81,1\n', 'n\n', '{"a":1}', '', 'x', undefined].map(looksCompressed)).toEqual(Array(6).fill(false));
  const first = await app.inject(accept(`${pipes}/hbox.csv?limit=300000`, 'br'));
  expect([first.headers['content-encoding'], first.body.length > 1_900_000]).toEqual([undefined, true]);
  const statement = 'select 80 as n, n as m from (select unnest(range(500)) as n) format csv';
  const sql = await app.inject(accept(`/v0/sql?q=${encodeURIComponent(statement)}`, 'gzip'));
  expect([sql.headers['content-encoding'], sql.body.slice(0, 10)]).toEqual([undefined, '80,0\n80,1\n']);
});

test('a page that another site links to is not compressed', async () => {
  const site = (value: string): InjectOptions => ({
    headers: { 'sec-fetch-site': value, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' },
  });
  expect((await app.inject(accept('/', 'br', site('cross-site')))).headers['content-encoding']).toBeUndefined();
  expect((await app.inject(accept('/', 'br', site('same-origin')))).headers['content-encoding']).toBe('br');
});

test('a compressed response that fails in the middle is cut off, so that its client notices', async () => {
  async function* failing(): AsyncGenerator<string> {
    for (let n = 0; n < 200; n += 1) yield `${Math.random()},`.repeat(1000);
    throw new Error('failed in the middle');
  }
  const failingApp = Fastify();
  await addCompression(failingApp);
  failingApp.get('/', (_, reply) => reply.type('text/csv').send(Readable.from(failing())));
  const port = await listenOnFreePort(failingApp);
  for (const encoding of ['br', 'gzip', 'identity'] as (Encoding | 'identity')[]) {
    const answer = await fetch(`http://127.0.0.1:${port}/`, { headers: { 'accept-encoding': encoding } });
    expect(answer.headers.get('content-encoding')).toBe(encoding === 'identity' ? null : encoding);
    await expect(answer.text()).rejects.toThrow();
  }
  await failingApp.close();
});

test('request bodies are still decompressed by their routes alone', async () => {
  const rows = '{"site_id":"s1"}';
  const send = (encoding: string, payload: string | Buffer): InjectOptions => ({
    method: 'POST',
    url: '/v0/events?name=sites&wait=true',
    headers: { 'content-encoding': encoding, 'content-type': 'application/json' },
    payload,
  });
  expect((await app.inject(send('br', brotliCompressSync(rows)))).json()).toEqual({
    successful_rows: 1,
    quarantined_rows: 0,
  });
  for (const encoding of ['br', 'gzip'])
    expect((await app.inject(send(encoding, rows))).json()).toEqual({
      error: expect.stringContaining(`failed to decompress the request body (${encoding})`),
      documentation: '/docs',
    });
  expect(stderrText()).not.toContain('unexpected');
});
