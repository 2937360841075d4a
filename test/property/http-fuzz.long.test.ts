import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import { expect, test } from 'vitest';
import { pathParameters } from '../../src/catalog/routes.ts';
import { protocolOf } from '../../src/server/http/error-responses.ts';
import { mediaTypes, type ResponseFormat } from '../../src/server/reports/formats.ts';
import { pipePath } from '../../src/server/reports/routes.ts';
import { assertReadersFree, listenOnFreePort, sendRaw } from '../support/http-client.ts';
import { dataSets, startInProcessServer, withoutElapsed } from '../support/in-process-server.ts';
import { query, requiredParams } from '../support/report-params.ts';
import { minCount, runs } from '../support/runs.ts';

const { app, context, routes, stderrText } = await startInProcessServer({
  files: dataSets('depot', 'lobby', 'members'),
  seconds: 20,
});
const port = await listenOnFreePort(app);
const seed = 20260101;

/** Every route of the server. */
const paths = [...routes.keys()];
const parameters = [...new Set(context.reports.flatMap((report) => report.parameters.map(({ name }) => name)))].concat(
  'name',
  'format',
  'mode',
  'q',
  'token',
  'from',
  'wait',
  'dialect_delimiter',
  'delete_condition',
  'dry_run',
);
const sources = ['charging_sessions', 'sites', 'customer_events', 'issues'];

const nasty = [
  '',
  ' ',
  '0',
  '-1',
  '1',
  '10',
  '1e400',
  '9223372036854775807',
  '9223372036854775808',
  '-9223372036854775809',
  '1.5',
  'NaN',
  'Infinity',
  '-0',
  '0x10',
  '1_000',
  'true',
  'null',
  'undefined',
  '2025-12-01',
  '2025-02-30',
  '0000-01-01',
  '9999-12-31',
  '2025-12-01T00:00:00+15:59',
  '2025-12-01 24:00:00',
  '-290308-12-22',
  '294247-01-10',
  'infinity',
  '2025-03-30 02:30:00',
  'epoch',
  'now',
  'today',
  'Europe/Berlin',
  'UTC',
  'GMT+1',
  'EUR',
  'day',
  'hour',
  'week',
  'month',
  'start',
  'spread',
  'nevi',
  'uk2023',
  'period',
  'desc',
  '-start_time',
  'start_time',
  'lobby',
  'annex',
  'C1',
  'dep_open',
  'ana',
  'VIP',
  "'",
  '"',
  "' or 1=1 --",
  '; drop table sites',
  '$1',
  '$x',
  '%',
  '_',
  '\\',
  '\0',
  'a\0b',
  '\u0001',
  '\r\nX: y',
  '\u{1f50c}',
  '\ufffe',
  'ä'.repeat(101),
  'x'.repeat(3000),
  '../../etc/passwd',
  '{}',
  '[]',
  '[1]',
  '{"a":1}',
  '__proto__',
  'constructor',
  'select 1',
  'select * from sites',
  'select * from range(10)',
  "from read_csv('/etc/passwd')",
  "attach 'x'",
  'csv',
  'ndjson',
  'json',
  'parquet',
  'append',
  'replace',
  ...sources,
];
const value = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...nasty) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 40 }) },
  { weight: 1, arbitrary: fc.integer().map(String) },
);
const name = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...parameters) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '__proto__',
      'constructor',
      'amp;limit',
      'utm_source',
      'x',
      '',
      'Limit',
      'limit[]',
      'limit[a]',
    ),
  },
  { weight: 1, arbitrary: fc.string({ maxLength: 10 }) },
);
const anyQuery = fc
  .array(fc.tuple(name, value), { maxLength: 4 })
  .map((pairs) => pairs.map(([key, text]) => `${encodeURIComponent(key)}=${encodeURIComponent(text)}`).join('&'));

/** A known path with a random value for its parameters, a similar path, or none. */
const path = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(fc.constantFrom(...paths), fc.array(value, { minLength: 3, maxLength: 3 }))
      .map(([url, [a, b, c]]) => {
        const values = [a!, b!, c!];
        return url.replaceAll(/:\w+|\*/g, () => encodeURIComponent(values.shift() ?? 'x'));
      }),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(
        fc.constantFrom(...paths),
        fc.constantFrom('/', '//', '/x', '.json', '%2F', '%zz', '%00', '?', '??', ';a=b'),
      )
      .map((both) => both.join('')),
  },
  { weight: 1, arbitrary: fc.webPath() },
);
const anywhere = fc
  .tuple(path, anyQuery, fc.constantFrom('', '', '', '&%zz', '&%', '&amp;limit=1', '#x'))
  .map(([at, asked, end]) => `${at.startsWith('/') ? at : `/${at}`}${at.includes('?') ? '&' : '?'}${asked}${end}`);

/** A report at one of its routes with its required parameters, some of them random. */
const report = fc.constantFrom(...context.reports).chain((each) => {
  const names = each.parameters.map((parameter) => parameter.name);
  const fitting = fc.oneof(
    { weight: 3, arbitrary: value },
    {
      weight: 2,
      arbitrary: fc.constantFrom(
        ...each.parameters.flatMap(({ choices, example, default: preset }) => [
          ...(choices ?? []),
          example ?? '',
          preset ?? '',
        ]),
        '',
      ),
    },
  );
  const at = fc.constantFrom(
    ...each.http,
    ...Object.keys(mediaTypes).map((ending) => pipePath(each, ending as ResponseFormat)),
  );
  return fc
    .tuple(at, fc.array(fc.tuple(fc.constantFrom(...names, 'x'), fitting), { maxLength: 3 }))
    .map(([route, changed]) => {
      const values = { ...requiredParams(each), ...Object.fromEntries(changed.filter(([key]) => names.includes(key))) };
      const inPath = pathParameters(route);
      const asked = Object.fromEntries(Object.entries(values).filter(([key]) => !inPath.includes(key)));
      return `${route.replaceAll(/\{(\w+)\}/g, (_, key: string) => encodeURIComponent(values[key] || 'x'))}?${query(asked)}`;
    });
});
const url = fc.oneof(anywhere, report);

const row = fc.dictionary(
  fc.constantFrom(
    'session_id',
    'station_id',
    'start_time',
    'energy_kwh',
    'timestamp',
    'site_id',
    'site_name',
    'event_id',
    'customer_id',
    'event_type',
    'event_timestamp',
    'issue_id',
    'type',
    'note',
    'x',
  ),
  fc.oneof(value, fc.double(), fc.constant(null), fc.jsonValue({ maxDepth: 2 })),
  { maxKeys: 6 },
);
const body = fc.oneof(
  fc.constant(''),
  anyQuery,
  fc.jsonValue().map((json) => JSON.stringify(json)),
  row.map((each) => JSON.stringify(each)),
  row.map((each) => JSON.stringify(each, null, 2)),
  fc.array(row, { maxLength: 4 }).map((rows) => rows.map((each) => JSON.stringify(each)).join('\n')),
  fc.array(row, { maxLength: 3 }).map((rows) => JSON.stringify(rows)),
  value,
  fc.constant('site_id,site_name\nF1,Fuzz\n'),
  fc.constant('{"note": "\ud800"}'),
  fc.constant('{"note": 1'),
  fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
  fc.constant(
    '--b\r\nContent-Disposition: form-data; name="csv"; filename="x.csv"\r\n\r\nsite_id,site_name\nF1,Fuzz\n\r\n--b--\r\n',
  ),
  fc.constant('--b\r\nnonsense'),
);
const type = fc.constantFrom(
  undefined,
  'application/json',
  'application/json; charset=utf-16',
  'application/x-www-form-urlencoded',
  'application/x-ndjson',
  'text/plain',
  'text/csv',
  'multipart/form-data; boundary=b',
  'multipart/form-data',
  'application/octet-stream',
  'text/odd',
  '',
  ';',
  'a/b; c="',
);
const header = fc
  .record({
    'content-type': type,
    'content-encoding': fc.constantFrom(undefined, undefined, undefined, 'gzip', 'odd'),
    'if-none-match': fc.constantFrom(undefined, undefined, '*', '"x"', 'W/"', ',,,'),
    authorization: fc.constantFrom(undefined, undefined, 'Bearer', 'Bearer x', 'Basic eA=='),
    'x-api-key': fc.constantFrom(undefined, undefined, 'x'),
    host: fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom(undefined, 'localhost:1', '[::1]:8787') },
      { weight: 1, arbitrary: fc.constantFrom('evil.example', '') },
    ),
    origin: fc.oneof(
      { weight: 29, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: fc.constantFrom('http://localhost:1', 'http://evil.example', 'null', '') },
    ),
    'sec-fetch-site': fc.oneof(
      { weight: 29, arbitrary: fc.constantFrom(undefined, 'none', 'same-origin') },
      { weight: 1, arbitrary: fc.constantFrom('cross-site', 'same-site', 'odd') },
    ),
    'accept-encoding': fc.constantFrom(undefined, 'gzip', 'odd'),
    range: fc.constantFrom(undefined, undefined, 'bytes=0-1', 'odd'),
  })
  .map(
    (headers) =>
      Object.fromEntries(Object.entries(headers).filter(([, given]) => given !== undefined)) as Record<string, string>,
  );
const method = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('GET', 'GET', 'POST') },
  { weight: 2, arbitrary: fc.constantFrom('HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE') },
);

const requests = fc.record({ method, url, headers: header, body });

/** Whether a response is an error in the format of its route. */
function isError(asked: string, status: number, text: string): boolean {
  const { error, documentation, statusCode, message, ...others } = JSON.parse(text) as Record<string, unknown>;
  if (Object.keys(others).length > 0) return false;
  switch (protocolOf(asked)) {
    case 'tinybird':
      return typeof error === 'string' && error !== '' && documentation === '/docs' && statusCode === undefined;
    case 'charging_events':
      return (
        statusCode === status && Array.isArray(message) && typeof message[0] === 'string' && typeof error === 'string'
      );
    case 'analytics':
      return (
        typeof error === 'object' &&
        typeof (error as { code: unknown }).code === 'string' &&
        typeof (error as { message: unknown }).message === 'string'
      );
  }
}

/** The body, as a client that asked for compression reads it. */
function decoded({ headers, rawPayload }: LightMyRequestResponse): string {
  if (rawPayload.length === 0) return '';
  const decode = { gzip: gunzipSync, br: brotliDecompressSync }[String(headers['content-encoding'])];
  return (decode ? decode(rawPayload) : rawPayload).toString();
}

test(
  'requests of every kind: no server error, and every rejection has the format of its protocol',
  { timeout: 600_000 },
  async () => {
    const statuses = new Map<number, number>();
    await fc.assert(
      fc.asyncProperty(requests, async ({ method: verb, url: asked, headers, body: payload }) => {
        const takesBody = verb === 'POST' || verb === 'PUT' || verb === 'PATCH';
        const answer = await app.inject({
          method: verb as 'GET',
          url: asked,
          headers,
          ...(takesBody ? { payload } : {}),
        } satisfies InjectOptions);
        const { statusCode: status } = answer;
        const text = decoded(answer);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        if (status >= 500) throw new Error(`${status}: ${text}`);
        if (answer.headers['x-content-type-options'] !== 'nosniff') throw new Error('headers are missing');
        if (status >= 400 && verb !== 'HEAD') {
          const isPageError =
            answer.headers['content-type'] === 'text/html; charset=utf-8' &&
            /role="alert"|class="note error"/.test(text);
          if (
            !isPageError &&
            (answer.headers['content-type'] !== 'application/json; charset=utf-8' || !isError(asked, status, text))
          )
            throw new Error(`${status}, no error of the protocol: ${text.slice(0, 500)}`);
          if (/node_modules|\.ts:\d+|\n {4}at /.test(text)) throw new Error(`a trace: ${text}`);
        }
        if (stderrText() !== '') throw new Error(`on the terminal: ${stderrText()}`);
      }),
      { seed, numRuns: runs(2000), endOnFailure: true },
    );
    // If nearly every request were rejected early, nothing would be tested.
    expect(statuses.get(200)).toBeGreaterThan(minCount(120));
    expect(statuses.get(400)).toBeGreaterThan(minCount(150));
    expect(statuses.get(404)).toBeGreaterThan(minCount(15));
    expect(statuses.get(405)).toBeGreaterThan(minCount(15));
  },
);

test(
  'bytes of every kind on a raw socket: every response is HTTP, and none is a server error',
  { timeout: 120_000 },
  async () => {
    const line = fc.oneof(
      fc
        .record({ method, url })
        .map(({ method: verb, url: asked }) => `${verb} ${asked.replaceAll(/[^\x21-\x7e]/g, '')} HTTP/1.1`),
      fc.constantFrom(
        'GET / HTTP/1.0',
        'GET  / HTTP/1.1',
        'get / HTTP/1.1',
        'GET /',
        'GET / HTTP/2.0',
        '\0',
        'CONNECT x:1 HTTP/1.1',
        'OPTIONS * HTTP/1.1',
        'POST /v0/pipes/get_sessions.json HTTP/1.1',
      ),
    );
    const lines = fc.array(
      fc.constantFrom(
        'Host: localhost',
        'Host: localhost',
        'Content-Length: 5',
        'Content-Length: -5',
        'Content-Length: 5, 6',
        'Transfer-Encoding: chunked',
        'Transfer-Encoding: x',
        'Content-Type: application/json',
        'Expect: 100-continue',
        'Expect: x',
        'Upgrade: h2c',
        'Connection: upgrade',
        ': x',
        'X',
        'X: \x01',
        `X: ${'x'.repeat(20_000)}`,
        'Content-Encoding: gzip',
      ),
      { maxLength: 5 },
    );
    const rest = fc.constantFrom('', '12345', '{"a":', '5\r\n12345\r\n0\r\n\r\n', 'zz\r\n', 'GET / HTTP/1.1\r\n\r\n');
    let rejected = 0;
    await fc.assert(
      fc.asyncProperty(line, lines, rest, async (first, headers, end) => {
        // Bytes that no parser accepts close a connection that would wait for more.
        const text = await sendRaw(
          port,
          Buffer.from(
            [first, ...headers, 'Connection: close', '', end].join('\r\n') + '\r\n\r\n\x01\r\n\r\n'.repeat(3),
            'latin1',
          ),
        );
        const status = Number(/^HTTP\/1\.1 (?:100 Continue\r\n\r\nHTTP\/1\.1 )?(\d{3}) /.exec(text)?.[1] ?? 0);
        if (status >= 400) rejected += 1;
        if (status >= 500 || (status === 0 && text !== '')) throw new Error(text.slice(0, 500));
        if (stderrText() !== '') throw new Error(`on the terminal: ${stderrText()}`);
      }),
      { seed, numRuns: runs(500), endOnFailure: true },
    );
    expect(rejected).toBeGreaterThan(minCount(250));
  },
);

test('after all that the server still answers, every reader is free and nothing is left behind', async () => {
  const fresh = await startInProcessServer({ files: dataSets('depot', 'lobby', 'members') });
  const known = '/api/v1/analytics/energy/by-charge-point?from=2025-06-01&to=2025-06-30';
  expect(withoutElapsed((await app.inject(known)).body)).toBe(withoutElapsed((await fresh.app.inject(known)).body));
  await assertReadersFree(context);
  expect(readdirSync(context.owner.workDir)).toEqual([]);
});
