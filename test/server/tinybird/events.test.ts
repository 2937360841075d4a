import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { maxDecompressedBytes } from '../../../src/server/tinybird/json-lines.ts';
import { startInProcessServer, type InProcessServer } from '../../support/in-process-server.ts';

const server = await startInProcessServer();
const { app, context } = server;

interface Sent {
  body?: string | Buffer;
  query?: string;
  headers?: Record<string, string>;
  to?: InProcessServer;
}

/** Posts a body without a type; returns status and body. */
async function post({
  body = '',
  query = 'name=charging_sessions&wait=true',
  headers = {},
  to = server,
}: Sent): Promise<[number, Record<string, unknown>]> {
  const answer = await to.app.inject({ method: 'POST', url: `/v0/events?${query}`, payload: body, headers });
  return [answer.statusCode, answer.json()];
}

const rows = async (sql: string, { context: { owner } } = server): Promise<unknown[][]> =>
  (await owner.systemConnection.rows(sql)).map((row) =>
    Object.values(row).map((value) => (value === null ? null : String(value))),
  );
const inTable = (ids: string): Promise<unknown[][]> =>
  rows(
    `select session_id, start_time from db.main.charging_sessions where session_id like '${ids}' order by session_id`,
  );
const session = (id: string, more: Record<string, unknown> = {}): string =>
  JSON.stringify({ session_id: id, station_id: 'S', start_time: '2024-01-01 10:00:00', ...more });
const good = (n: number): [number, unknown] => [200, { successful_rows: n, quarantined_rows: 0 }];
const refused = (start: string): Record<string, unknown> => ({
  error: expect.stringMatching(new RegExp(`^${start.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}`)) as string,
  documentation: '/docs',
});

describe('a body', () => {
  const both = (name: string): string => `${session(`${name}1`)}\n${session(`${name}2`)}`;
  test.each<[string, string | Buffer, Record<string, string>?]>([
    ['lines', both('lines')],
    ['ended', `${both('ended')}\n`],
    ['crlf', both('crlf').replace('\n', '\r\n')],
    ['cr', both('cr').replace('\n', '\r')],
    ['blank', `\n \n${both('blank').replace('\n', '\n\n\t\n')}\n\n`],
    ['marked', `\uFEFF${both('marked')}`],
    ['array', `[${both('array').replace('\n', ',')}]`],
    [
      'pretty',
      JSON.stringify(
        both('pretty')
          .split('\n')
          .map((line) => JSON.parse(line) as unknown),
        null,
        2,
      ),
    ],
    ['gzip', gzipSync(both('gzip')), { 'content-encoding': 'gzip' }],
    ['untold', gzipSync(both('untold'))],
    ['deflate', deflateSync(both('deflate')), { 'content-encoding': 'deflate' }],
    ['brotli', brotliCompressSync(both('brotli')), { 'content-encoding': 'br' }],
    ['form', both('form'), { 'content-type': 'application/x-www-form-urlencoded' }],
    ['json', both('json'), { 'content-type': 'application/json' }],
    ['ndjson', both('ndjson'), { 'content-type': 'application/x-ndjson; charset=utf-8' }],
    ['text', both('text'), { 'content-type': 'text/plain' }],
    ['odd', both('odd'), { 'content-type': 'no type' }],
  ])('of two rows is imported as %s', async (name, body, headers = {}) => {
    expect(await post({ body, headers })).toEqual(good(2));
    expect(await inTable(`${name}_`)).toEqual([
      [`${name}1`, '2024-01-01 10:00:00'],
      [`${name}2`, '2024-01-01 10:00:00'],
    ]);
  });

  test('may be one object over many lines', async () => {
    expect(await post({ body: JSON.stringify(JSON.parse(session('one')), null, 4) })).toEqual(good(1));
    expect(await inTable('one')).toEqual([['one', '2024-01-01 10:00:00']]);
  });

  test('keeps the exact text of array elements: numbers, JSON syntax inside strings, nested lists and objects', async () => {
    const odd =
      '{"session_id": "letter", "station_id": "a,]\\"}[{\\\\", "start_time": "2024-01-01",\n "energy_kwh": 1e1, "amount_paid": 0.100000, "transaction_data": [{"a": [1, {"b": 2}]}, []]}';
    expect(await post({ body: `[ ${odd} ,\n${session('letter2')}]` })).toEqual(good(2));
    expect(
      await rows(
        "select station_id, energy_kwh, amount_paid::varchar, transaction_data::varchar from db.main.charging_sessions where session_id = 'letter'",
      ),
    ).toEqual([['a,]"}[{\\', '10', '0.100000', '[{"a":[1,{"b":2}]},[]]']]);
  });

  test('without rows writes nothing', async () => {
    expect(await post({ body: '[]' })).toEqual(good(0));
  });

  test('has the given format: json is one value, ndjson is lines', async () => {
    const query = (format: string): string => `name=charging_sessions&wait=true&format=${format}`;
    expect(await post({ query: query('json'), body: `[${session('told1')},\n${session('told2')}]` })).toEqual(good(2));
    expect(await post({ query: query('ndjson'), body: session('told3') })).toEqual(good(1));
    expect(await post({ query: query('json'), body: `${session('told4')}\n${session('told5')}` })).toEqual([
      400,
      refused('request body has no JSON object: Unexpected'),
    ]);
    expect(await post({ query: query('ndjson'), body: `[\n${session('told6')}\n]` })).toEqual(
      good(1).map((each, at) => (at === 0 ? each : { successful_rows: 1, quarantined_rows: 2 })),
    );
    expect(await post({ query: query('ndjson'), body: '[\n1\n]' })).toEqual([
      400,
      refused('request body has no JSON object. Send'),
    ]);
    expect((await inTable('told_')).map(([id]) => id)).toEqual(['told1', 'told2', 'told3', 'told6']);
  });

  test('of many rows has its counts, too', async () => {
    const body = Array.from({ length: 15_000 }, (_, at) =>
      session(`many${at}`, at % 1000 === 7 ? { start_time: 'soon' } : {}),
    ).join('\n');
    expect(body.length).toBeGreaterThan(1_048_576);
    expect(await post({ body })).toEqual([200, { successful_rows: 14_985, quarantined_rows: 15 }]);
  });
});

describe('a row', () => {
  test('that exists already counts as successful; a newer one replaces it', async () => {
    const twice = session('again', { energy_kwh: 1 });
    expect(await post({ body: `${twice}\n${twice}` })).toEqual(good(2));
    expect(await post({ body: twice })).toEqual(good(1));
    expect(await post({ body: session('again', { energy_kwh: 2 }) })).toEqual(good(1));
    expect(await rows("select energy_kwh from db.main.charging_sessions where session_id = 'again'")).toEqual([['2']]);
  });

  test('that is invalid goes to quarantine with its reason; the valid ones are imported', async () => {
    const bad = [
      '{"session_id": "torn',
      '5',
      '{"station_id":"S","start_time":"2024-01-01"}',
      session('bad1', { start_time: 'soon' }),
      session('bad2', { energy_kwh: -1 }),
      '{"session_id":"a\0b"}',
    ];
    expect(await post({ body: [bad[0], session('beside1'), ...bad.slice(1), session('beside2')].join('\n') })).toEqual([
      200,
      { successful_rows: 2, quarantined_rows: 6 },
    ]);
    expect(
      await rows(
        'select column_name, reason, raw from quarantine where ingest_id = (select max(ingest_id) from ingests) order by line',
      ),
    ).toEqual([
      [null, 'not a JSON object', bad[0]],
      [null, 'not a JSON object', bad[1]],
      ['session_id', 'is missing', bad[2]],
      ['start_time', 'not a valid timestamp', bad[3]],
      ['energy_kwh', 'is negative', bad[4]],
      [null, 'not a JSON object', bad[5]],
    ]);
    expect((await inTable('beside_')).map(([id]) => id)).toEqual(['beside1', 'beside2']);
  });

  test('without a required column is rejected with that reason, even if all rows lack it', async () => {
    expect(
      await post({
        body: '{"session_id":"x1","start_time":"2024-01-01"}\n{"session_id":"x2","start_time":"2024-01-01"}',
      }),
    ).toEqual([200, { successful_rows: 0, quarantined_rows: 2 }]);
    expect(await post({ body: '{"rain": 3}' })).toEqual([200, { successful_rows: 0, quarantined_rows: 1 }]);
    expect(await rows('select column_name, reason, raw from quarantine order by quarantine_id desc limit 3')).toEqual([
      ['session_id', 'is missing', '{"rain": 3}'],
      ['station_id', 'is missing', '{"session_id":"x2","start_time":"2024-01-01"}'],
      ['station_id', 'is missing', '{"session_id":"x1","start_time":"2024-01-01"}'],
    ]);
  });

  test('can have values in any format that files can, next to rows in the simplest one', async () => {
    const forms = [
      { start_time: '2024-01-26T10:00:00+02:00', energy_kwh: '17000 Wh', amount_paid: '€ 1.50' },
      { start_time: '2024-01-26T08:00:00.000Z', energy_kwh: 17, amount_paid: 1.5 },
      { start_time: 1706256000, energy_kwh: '17', amount_paid: '1.50' },
      { start_time: 'Jan 26, 2024 8:00 AM', energy_kwh: ' 17 kWh ', amount_paid: '1.5' },
    ];
    expect(await post({ body: forms.map((more, at) => session(`forms${at}`, more)).join('\n') })).toEqual(good(4));
    expect(
      await rows(
        "select start_time, energy_kwh, amount_paid::varchar, count(*) from db.main.charging_sessions where session_id like 'forms_' group by all",
      ),
    ).toEqual([['2024-01-26 08:00:00', '17', '1.500000', '4']]);
  });

  test('does not decide the date order of another', async () => {
    const body = [
      session('slash1', { start_time: '13/02/2024' }),
      session('slash2', { start_time: '01/02/2024' }),
      session('dash', { start_time: '2024-02-01' }),
    ].join('\n');
    expect(await post({ body })).toEqual([200, { successful_rows: 1, quarantined_rows: 2 }]);
    expect(await rows("select distinct reason from quarantine where raw like '%slash_%'")).toEqual([
      ['may be day first or month first'],
    ]);
  });

  test('of a format with lists is unnested, as in a file', async () => {
    expect(await post({ body: `{"page": 1, "data": [${session('page1')}, ${session('page2')}]}` })).toEqual(good(2));
  });

  test('is in the ingest log, each request or batch under a unique name', async () => {
    const before = await rows('select count(*) from ingests');
    await post({ body: session('ledger1') });
    await post({ body: session('ledger1') });
    const [[count] = [], ...files] = [
      ...(await rows('select count(*) from ingests')),
      ...(await rows('select file, rows_read, rows_new, rows_unchanged from ingests order by ingest_id desc limit 2')),
    ] as [string[], ...string[][]];
    expect(Number(count)).toBe(Number((before[0] as string[])[0]) + 2);
    expect(files.map(([, ...figures]) => figures)).toEqual([
      ['1', '0', '1'],
      ['1', '1', '0'],
    ]);
    expect(files[0]![0]).toMatch(/^POST \/v0\/events [0-9a-f-]{36}$/);
    expect(files[0]![0]).not.toBe(files[1]![0]);
  });
});

describe('is answered', () => {
  test('with 200 if the client waits and 202 otherwise; the rows are written in both cases', async () => {
    for (const [query, status] of [
      ['&wait=true', 200],
      ['&wait=1', 200],
      ['&wait=false', 202],
      ['', 202],
    ] as const) {
      const name = `status${status}${query.replaceAll(/\W/g, '')}`;
      expect(await post({ query: `name=charging_sessions${query}`, body: session(name) })).toEqual([
        status,
        { successful_rows: 1, quarantined_rows: 0 },
      ]);
      expect(await inTable(name)).toHaveLength(1);
    }
  });

  test('with any parameters that clients add', async () => {
    expect(
      await post({
        query: 'name=charging_sessions&wait=true&from=ts-sdk&utm_source=x&__tb__semver=1&cli_version=2&token=abc',
        body: session('tags'),
      }),
    ).toEqual(good(1));
    expect(await post({ query: 'name=charging_sessions&amp;wait=true', body: session('amp') })).toEqual(good(1));
  });

  const broken = gzipSync(session('never'));
  test.each<[string, Sent, number, string]>([
    ['no name', { query: '', body: session('never') }, 400, 'name is required. Known: billing_disputes, '],
    [
      'an unknown name',
      { query: 'name=charging_session', body: session('never') },
      404,
      'Data Source "charging_session" does not exist. Did you mean charging_sessions?',
    ],
    [
      'an unknown parameter',
      { query: 'name=charging_sessions&wiat=true', body: session('never') },
      400,
      'unknown parameter wiat. Did you mean wait?',
    ],
    [
      'a parameter given twice',
      { query: 'name=charging_sessions&name=sites', body: session('never') },
      400,
      'parameter name is repeated',
    ],
    [
      'a wait that is none',
      { query: 'name=charging_sessions&wait=maybe', body: session('never') },
      400,
      'invalid value "maybe" for wait. Accepted: true, false, 1, 0.',
    ],
    [
      'a format that is none',
      { query: 'name=charging_sessions&format=csv', body: session('never') },
      400,
      'invalid value "csv" for format. Accepted: json, ndjson.',
    ],
    ['no body', {}, 400, 'request body is empty'],
    ['a blank body', { body: ' \n\r\n' }, 400, 'request body is empty'],
    ['no JSON', { body: 'session_id=never&station_id=S' }, 400, 'request body has no JSON object: Unexpected token'],
    [
      'half an object',
      { body: '{"session_id": "never",\n "station_id": ' },
      400,
      'request body has no JSON object: Unexpected end of JSON input',
    ],
    ['a value that is no object', { body: '"never"' }, 400, 'request body has no JSON object'],
    [
      'another encoding of text',
      { body: Buffer.from('{"session_id":"n\xe9ver"}', 'latin1') },
      400,
      'request body is not UTF-8',
    ],
    [
      'half of a packed body',
      { body: broken.subarray(0, -9), headers: { 'content-encoding': 'gzip' } },
      400,
      'failed to decompress the request body (gzip): unexpected end of file',
    ],
    [
      'a body that is not packed as told',
      { body: session('never'), headers: { 'content-encoding': 'gzip' } },
      400,
      'failed to decompress the request body (gzip): incorrect header check',
    ],
    [
      'a packing not known',
      { body: session('never'), headers: { 'content-encoding': 'compress' } },
      415,
      'unsupported content encoding compress. Supported: gzip, x-gzip, deflate, br, identity.',
    ],
    ['too large a body', { body: Buffer.alloc(10_485_761, 32) }, 413, 'request body is too large'],
    [
      'a body that unpacks to more than there may be',
      { body: gzipSync(Buffer.alloc(maxDecompressedBytes + 1, 32)), headers: { 'content-encoding': 'gzip' } },
      413,
      'decompressed request body is larger than 100 MB',
    ],
    [
      'a row too long',
      { body: gzipSync(session('never', { location: 'x'.repeat(16_777_216) })) },
      413,
      'a row is longer than 16 MB',
    ],
  ])('%s: a clear error, and nothing is written', async (_, sent, status, start) => {
    const before = await rows('select count(*), max(ingest_id) from ingests');
    expect(await post(sent)).toEqual([status, refused(start)]);
    expect(await rows('select count(*), max(ingest_id) from ingests')).toEqual(before);
    expect(await inTable('n%ver')).toEqual([]);
  });

  test('another method: the allowed ones', async () => {
    const { statusCode, headers } = await app.inject('/v0/events?name=charging_sessions');
    expect([statusCode, headers.allow]).toEqual([405, 'POST, OPTIONS']);
  });

  test('no unexpected errors occurred', () => {
    expect(server.stderrText()).toBe('');
    expect(context.owner.workDir).toBeTruthy();
  });
});

test('keys in any case, and keys that an object repeats', async () => {
  const upper = session('case1').replace('session_id', 'Session_ID');
  expect(await post({ body: `${upper}\n${session('case2')}` })).toEqual(good(2));
  expect(await inTable('case%')).toEqual([
    ['case1', '2024-01-01 10:00:00'],
    ['case2', '2024-01-01 10:00:00'],
  ]);
  const repeated = `${session('twice1').slice(0, -1)},"kwh":1,"kwh":2}`;
  const conflict = `${session('twice2').slice(0, -1)},"Station_ID":"T"}`;
  expect(await post({ body: `${repeated}\n${conflict}\n${session('twice3')}` })).toEqual([
    200,
    { successful_rows: 1, quarantined_rows: 2 },
  ]);
});
