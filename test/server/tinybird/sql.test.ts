import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createTinybirdApi } from '@tinybirdco/sdk';
import type { InjectOptions } from 'fastify';
import { expect, test } from 'vitest';
import { hashToken } from '../../../src/server/access/tokens.ts';
import { DuckDb, literal } from '../../../src/warehouse/duckdb.ts';
import { scratch, wattduck } from '../../support/cli.ts';
import { startInProcessServer } from '../../support/in-process-server.ts';

const folder = scratch();
const rejected = join(folder, 'rejected.ndjson');
writeFileSync(
  rejected,
  [
    { session_id: 'r1', charge_point_id: 'A', start_time: '2024-01-01 10:00:00', kwh: 'lots', rfid: 'T1' },
    { session_id: 'r2', station_id: 'B', start_time: '2024-01-01 10:00:00', energy_kwh: -3 },
    { session_id: 'r3', start_time: '2024-01-01 10:00:00' },
    ['no', 'object'],
  ]
    .map((row) => JSON.stringify(row))
    .join('\n'),
);

const { app, context, db } = await startInProcessServer({ files: ['test/reports/data/dozen', rejected] });

const ask = async (q: string) => {
  const { statusCode, headers, body, rawPayload } = await app.inject({ method: 'GET', url: '/v0/sql', query: { q } });
  return { status: statusCode, type: headers['content-type'], body, bytes: rawPayload };
};
const dataOf = async (q: string): Promise<unknown> => {
  const { status, body } = await ask(q);
  expect(status, body).toBe(200);
  return JSON.parse(body).data;
};

const byType =
  'select charging_type, count(*) as n, sum(energy_kwh) as kwh, min(start_time) as first from charging_sessions group by 1 order by 1';

test('a select returns meta, data, rows and statistics', async () => {
  const { status, type, body } = await ask(byType);
  expect([status, type]).toEqual([200, 'application/json; charset=utf-8']);
  const { statistics, ...rest } = JSON.parse(body);
  expect(rest).toEqual({
    meta: [
      { name: 'charging_type', type: 'String' },
      { name: 'n', type: 'Int64' },
      { name: 'kwh', type: 'Float64' },
      { name: 'first', type: 'DateTime' },
    ],
    data: [
      { charging_type: 'AC', n: 8, kwh: 70, first: '2024-01-10 07:40:00' },
      { charging_type: 'DC', n: 4, kwh: 97, first: '2024-01-12 10:00:00' },
    ],
    rows: 2,
  });
  // Four columns, one of them a text: 3 × 8 + 16 bytes for each of the twelve rows of the table.
  expect(statistics).toEqual({ elapsed: expect.any(Number), rows_read: 12, bytes_read: 480 });
});

test('exact values, whatever their type', async () => {
  expect(
    await dataOf(
      "select 9007199254740993::bigint as big, 0.1::decimal(3,2) as exact, 'nan'::double as none, [1, 2] as list, '{\"a\": [1]}'::json as json, date '2024-02-29' as day",
    ),
  ).toEqual([{ big: '9007199254740993', exact: 0.1, none: null, list: [1, 2], json: { a: [1] }, day: '2024-02-29' }]);
});

test('repeated column names are numbered, in meta and data', async () => {
  const { meta, data } = JSON.parse((await ask('select 1 as a, 2 as a, 3 as A')).body);
  expect(meta.map(({ name }: { name: string }) => name)).toEqual(['a', 'a:1', 'A']);
  expect(data).toEqual([{ a: 1, 'a:1': 2, A: 3 }]);
});

test('an empty result is well-formed', async () => {
  expect(JSON.parse((await ask('select session_id from charging_sessions where false')).body)).toMatchObject({
    meta: [{ name: 'session_id', type: 'String' }],
    data: [],
    rows: 0,
  });
  expect((await ask('select session_id from charging_sessions where false format CSVWithNames')).body).toBe(
    'session_id\n',
  );
  expect((await ask('select session_id from charging_sessions where false format CSV')).body).toBe('');
});

const csv = 'AC,8,70,2024-01-10 07:40:00\nDC,4,97,2024-01-12 10:00:00\n';
const ndjson =
  '{"charging_type":"AC","n":8,"kwh":70,"first":"2024-01-10 07:40:00"}\n{"charging_type":"DC","n":4,"kwh":97,"first":"2024-01-12 10:00:00"}\n';

test.each([
  ['CSV', 'text/csv; charset=utf-8', csv],
  ['CSVWithNames', 'text/csv; charset=utf-8', `charging_type,n,kwh,first\n${csv}`],
  ['JSONEachRow', 'application/x-ndjson; charset=utf-8', ndjson],
  ['NDJSON', 'application/x-ndjson; charset=utf-8', ndjson],
])('format %s, in any case, with a semicolon or without', async (format, type, body) => {
  for (const end of [` FORMAT ${format}`, `\nformat ${format.toLowerCase()} ;`, `; Format ${format.toUpperCase()};\n`])
    expect(await ask(byType + end)).toMatchObject({ status: 200, type, body });
});

test('format JSON is the default', async () => {
  const timeless = (body: string): string => body.replace(/"elapsed": [\d.e-]+/, '');
  expect(timeless((await ask(`${byType} FORMAT JSON`)).body)).toBe(timeless((await ask(`${byType};`)).body));
});

test('format Parquet', async () => {
  const { status, type, bytes } = await ask(`${byType} -- by type\n; format Parquet`);
  expect([status, type]).toEqual([200, 'application/vnd.apache.parquet']);
  const path = join(folder, 'answer.parquet');
  writeFileSync(path, bytes);
  const duckdb = await DuckDb.open();
  expect(await duckdb.rows(`from read_parquet(${literal(path)})`)).toEqual(await dataOf(byType));
  await duckdb.close();
});

test('a column named format is not a FORMAT clause', async () => {
  expect(await dataOf('select 1 as format union all select 2 order by format desc')).toEqual([
    { format: 2 },
    { format: 1 },
  ]);
});

test.each([
  ['text/plain', 'select 1 + 1 as two'],
  ['application/x-www-form-urlencoded', 'q=select%201%20%2B%201%20as%20two'],
  ['application/x-www-form-urlencoded', 'select 1 + 1 as two'],
  ['application/json', '{"q": "select 1 + 1 as two"}'],
  ['application/sql', 'select 1 + 1 as two;'],
])('a body of %s: %s', async (type, payload) => {
  const { statusCode, body } = await app.inject({
    method: 'POST',
    url: '/v0/sql',
    headers: { 'content-type': type },
    payload,
  });
  expect([statusCode, JSON.parse(body).data]).toEqual([200, [{ two: 2 }]]);
});

const invalidRequests: [why: string, request: InjectOptions, said: unknown][] = [
  ['no statement', { method: 'GET', url: '/v0/sql' }, 'no SQL statement. Pass it as q, or as the body of a POST.'],
  [
    'an empty body',
    { method: 'POST', url: '/v0/sql', payload: ' ', headers: { 'content-type': 'text/plain' } },
    'no SQL statement. Pass it as q, or as the body of a POST.',
  ],
  [
    'two places',
    { method: 'POST', url: '/v0/sql?q=select+1', payload: 'select 2', headers: { 'content-type': 'text/plain' } },
    'more than one SQL statement. Pass it as q, or as the body of a POST.',
  ],
  [
    'given twice',
    { method: 'GET', url: '/v0/sql?q=select+1&q=select+2' },
    'q must be a single string. Pass one select.',
  ],
  ['an unknown parameter', { method: 'GET', url: '/v0/sql?q=select+1&limit=1' }, 'unknown parameter limit. Known: q.'],
  [
    'no JSON',
    { method: 'POST', url: '/v0/sql', payload: 'select 1', headers: { 'content-type': 'application/json' } },
    'request body is not valid JSON. Send an object with the key q, or the statement as text/plain.',
  ],
  [
    'a misspelt table',
    { method: 'GET', url: '/v0/sql?q=from+charging_session' },
    'table charging_session not found. Did you mean charging_sessions?',
  ],
  [
    'a misspelt column',
    { method: 'GET', url: '/v0/sql?q=select+sesion_id+from+charging_sessions' },
    expect.stringMatching(/^Referenced column "sesion_id" not found in FROM clause/),
  ],
  [
    'no select',
    { method: 'GET', url: '/v0/sql?q=drop+table+charging_sessions' },
    'only select statements are allowed. SQL cannot change data or settings.',
  ],
];

test.each(invalidRequests)('rejected: %s', async (_, request, said) => {
  const { statusCode, body } = await app.inject(request);
  expect([statusCode, JSON.parse(body)]).toEqual([400, { error: said, documentation: '/docs' }]);
});

test('parameters that clients add are ignored', async () => {
  const { statusCode } = await app.inject('/v0/sql?q=select+1&from=ts-sdk&token=x&utm_source=y');
  expect(statusCode).toBe(200);
});

test('rejected rows, with the columns of their source as text', async () => {
  expect(
    await dataOf(
      `select session_id, station_id, energy_kwh, rfid, c__error_column, c__error from charging_sessions_quarantine where session_id like 'r%' or station_id is null and c__error_column = [] order by session_id`,
    ),
  ).toEqual([
    {
      session_id: 'r1',
      station_id: 'A',
      energy_kwh: 'lots',
      rfid: 'T1',
      c__error_column: ['energy_kwh'],
      c__error: ["value 'lots' on column 'energy_kwh' is not a valid number"],
    },
    {
      session_id: 'r2',
      station_id: 'B',
      energy_kwh: '-3',
      rfid: null,
      c__error_column: ['energy_kwh'],
      c__error: ["value '-3' on column 'energy_kwh' is negative"],
    },
    {
      session_id: 'r3',
      station_id: null,
      energy_kwh: null,
      rfid: null,
      c__error_column: ['station_id'],
      c__error: ["column 'station_id' is missing"],
    },
    {
      session_id: null,
      station_id: null,
      energy_kwh: null,
      rfid: null,
      c__error_column: [],
      c__error: ['the row is not a JSON object'],
    },
  ]);
});

test('of a CSV file, only the invalid value, with its import ID', async () => {
  const { meta, data } = JSON.parse(
    (
      await ask(
        "select start_time, station_id, c__error, c__import_id, insertion_date from charging_sessions_quarantine where start_time in ('yesterday', 'tomorrow') order by start_time",
      )
    ).body,
  );
  expect(meta.slice(2)).toEqual([
    { name: 'c__error', type: 'Array(String)' },
    { name: 'c__import_id', type: 'String' },
    { name: 'insertion_date', type: 'DateTime' },
  ]);
  expect(data.map(({ start_time: start, station_id: station }: Record<string, unknown>) => [start, station])).toEqual([
    ['tomorrow', null],
    ['yesterday', null],
  ]);
  const [{ file }] = (await context.owner.systemConnection.rows(
    `select file from ingests where ingest_id::varchar = ${literal(data[0].c__import_id)}`,
  )) as [{ file: string }];
  expect(file).toContain('faulty.csv');
  expect(data[0].insertion_date).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/);
});

test('wattduck sql reads the same', async () => {
  const statement = 'select c__error from charging_sessions_quarantine order by 1';
  const { stdout, stderr } = await wattduck(['sql', statement, '--json', '--db', db]);
  expect(JSON.parse(stdout), stderr).toEqual(await dataOf(statement));
});

test('many rows are streamed as they are computed', async () => {
  const { status, body } = await ask("select range as n, repeat('x', 100) as x from range(200000)");
  expect(status).toBe(200);
  const { data, rows } = JSON.parse(body);
  expect([rows, data.length, data[199_999].n]).toEqual([200_000, 200_000, 199_999]);
});

test.each([
  [
    'a row too large to be held',
    'select list(range) as a from range(5000000)',
    'a row of the result is too large. Select fewer columns, or turn lists into rows with unnest(…).',
  ],
  [
    'a text too large to be held',
    "select string_agg(repeat('x', 100), '') as a from range(500000)",
    'a row of the result is too large. Select fewer columns, or turn lists into rows with unnest(…).',
  ],
])(
  '%s is rejected',
  async (_, statement, error) => {
    const { status, body } = await ask(statement);
    expect([status, JSON.parse(body).error]).toEqual([422, error]);
  },
  60_000,
);

test('a query that takes too long is cancelled, and its connection can be reused', async () => {
  const { app: hasty } = await startInProcessServer({ seconds: 0.2 });
  const { statusCode, body } = await hasty.inject({
    url: '/v0/sql',
    query: { q: 'select count(*) from range(10000000) a, range(10000000) b where a.range * b.range % 7 = 3' },
  });
  expect([statusCode, JSON.parse(body).error]).toEqual([
    408,
    'query took longer than 0.2 seconds. Choose a shorter period, or start the server with a longer --timeout.',
  ]);
  expect(JSON.parse((await hasty.inject('/v0/sql?q=select 1 as a')).body).data).toEqual([{ a: 1 }]);
});

test('redaction applies here, too', async () => {
  const people = join(folder, 'profiles.ndjson');
  writeFileSync(
    people,
    [
      { customer_id: 'c1', email: 'ada@example.com', signup_date: '2025-01-01' },
      { customer_id: 'c2', email: 'zoe@example.com', signup_date: 'never' },
    ]
      .map((row) => JSON.stringify(row))
      .join('\n'),
  );
  const open = await startInProcessServer({ files: [people] });
  expect((await open.app.inject('/v0/sql?q=select email from customer_profiles_quarantine')).body).toContain(
    'zoe@example.com',
  );
  const { app: discreet } = await startInProcessServer({ files: [people], redact: true });
  const answers = await Promise.all(
    ['customer_profiles', 'CUSTOMER_PROFILES', 'customer_profiles_quarantine'].map((table) =>
      discreet.inject(`/v0/sql?q=from ${table}`),
    ),
  );
  for (const { statusCode, body } of answers) {
    expect([statusCode, JSON.parse(body).rows]).toEqual([200, 1]);
    expect(body).not.toMatch(/@example/);
    expect(body).toContain('[redacted]');
  }
});

test('the SDK of the hosted service reads the response', async () => {
  const { app: listening } = await startInProcessServer({ files: ['test/reports/data/dozen/dozen.csv'] });
  const api = createTinybirdApi({ baseUrl: await listening.listen({ port: 0, host: '127.0.0.1' }), token: 'none' });
  const { data, rows, meta } = await api.sql<{ n: number }>('select count(*) as n from charging_sessions FORMAT JSON');
  expect({ data, rows, meta }).toEqual({ data: [{ n: 12 }], rows: 1, meta: [{ name: 'n', type: 'Int64' }] });
  await expect(api.sql('from tokens')).rejects.toMatchObject({
    statusCode: 400,
    response: { error: expect.stringMatching(/^table tokens not found/) },
  });
});

test('a token with the scope sql is required once tokens exist', async () => {
  const { app: closed, context: of } = await startInProcessServer();
  await of.owner.write((duckdb) =>
    duckdb.run(
      `insert into tokens values ('reader', '${hashToken('r')}', 'read', null, timestamp '2025-01-01', null), ('analyst', '${hashToken('s')}', 'sql', null, timestamp '2025-01-01', null)`,
    ),
  );
  expect((await closed.inject('/v0/sql?q=select 1')).statusCode).toBe(403);
  expect((await closed.inject('/v0/sql?q=select 1&token=r')).statusCode).toBe(403);
  expect((await closed.inject('/v0/sql?q=select 1&token=s')).statusCode).toBe(200);
});
