import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createTinybirdApi } from '@tinybirdco/sdk';
import { expect, test } from 'vitest';
import { ingestFile } from '../../../src/ingest/ingest-file.ts';
import { hashToken } from '../../../src/server/access/tokens.ts';
import { scratch } from '../../support/cli.ts';
import { startInProcessServer, type InProcessServer } from '../../support/in-process-server.ts';

const dozen = 'test/reports/data/dozen/dozen.csv';
const faulty = 'test/reports/data/dozen/faulty.csv';

const post = async ({ app }: InProcessServer, path: string, form: Record<string, string> = {}) => {
  const { statusCode, body } = await app.inject({
    method: 'POST',
    url: `/v0/datasources/${path}`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams(form).toString(),
  });
  return { status: statusCode, answer: JSON.parse(body) as Record<string, unknown> };
};
const idsIn = async ({ app }: InProcessServer): Promise<string> =>
  JSON.parse(
    (await app.inject("/v0/sql?q=select string_agg(session_id, ' ' order by session_id) as ids from charging_sessions"))
      .body,
  ).data[0].ids;
const all = 's01 s02 s03 s04 s05 s06 s07 s08 s09 s10 s11 s12';

const standing = await startInProcessServer({ files: [dozen, faulty] });

test('every source has its columns and row count', async () => {
  const { datasources } = JSON.parse((await standing.app.inject('/v0/datasources')).body) as {
    datasources: Record<string, unknown>[];
  };
  expect(datasources.map(({ name }) => name)).toEqual(
    (await standing.context.owner.catalog.sources()).map(({ name }) => name),
  );
  expect(datasources.find(({ name }) => name === 'tariffs')).toMatchObject({
    statistics: { row_count: 0, bytes: 0 },
    quarantine_rows: 0,
    updated_at: null,
  });
});

test('one source by name', async () => {
  const { statusCode, body } = await standing.app.inject('/v0/datasources/charging_sessions');
  const { columns, ...rest } = JSON.parse(body);
  expect([statusCode, rest]).toEqual([
    200,
    expect.objectContaining({
      id: 'charging_sessions',
      name: 'charging_sessions',
      type: 'csv',
      statistics: { row_count: 12, bytes: expect.any(Number) },
      quarantine_rows: 3,
      duckdb: { duckdb: 'ReplacingMergeTree', sorting_key: 'session_id', ver: 'timestamp' },
    }),
  ]);
  expect(columns.slice(2, 4)).toEqual([
    {
      name: 'station_id',
      type: 'String',
      nullable: false,
      normalized_name: 'station_id',
      description: 'Charge point of the session',
    },
    {
      name: 'connector_id',
      type: 'Nullable(String)',
      nullable: true,
      normalized_name: 'connector_id',
      description: 'Connector of the charge point',
    },
  ]);
  expect(columns.find(({ name }: { name: string }) => name === 'energy_kwh')).toMatchObject({
    type: 'Nullable(Float64)',
  });
});

test.each([
  ['GET', ''],
  ['POST', '/truncate'],
  ['POST', '/delete'],
] as const)('%s of an unknown source%s', async (method, rest) => {
  const { statusCode, body } = await standing.app.inject({ method, url: `/v0/datasources/charging_sesions${rest}` });
  expect([statusCode, JSON.parse(body).error]).toEqual([
    404,
    'Data Source "charging_sesions" does not exist. Did you mean charging_sessions?',
  ]);
});

test.each([
  ["status = 'failed'", 's05'],
  ["charging_type = 'DC' and energy_kwh > 25", 's04 s06'],
  ["lower(location) like '%road' or station_id in ('D')", 's07 s08 s09 s10'],
  ["start_time between timestamp '2024-01-31' and now()", 's07 s11 s12'],
  ['user_id is null', 's06'],
  ["location = 'Quay)side' or location = '-- no comment' or location = 'Quayside'", 's10'],
  // A column that the table lacks: no values were ever imported for it.
  ["stop_reason is not null or tariff_id = 'x'", ''],
  ['true', all],
])('rows where %s', async (condition, gone) => {
  const server = await startInProcessServer({ files: [dozen] });
  const count = gone.split(' ').filter(Boolean).length;
  expect(await post(server, 'charging_sessions/delete', { delete_condition: condition, dry_run: 'true' })).toEqual({
    status: 200,
    answer: { rows_to_be_deleted: count },
  });
  expect(await idsIn(server)).toBe(all);
  const { status, answer } = await post(server, 'charging_sessions/delete', { delete_condition: condition });
  const id = answer['id'];
  expect([status, answer]).toEqual([
    200,
    expect.objectContaining({
      job_id: id,
      delete_id: id,
      status: 'done',
      job_url: `http://localhost:80/v0/jobs/${String(id)}`,
      rows_affected: count,
    }),
  ]);
  expect(await idsIn(server)).toBe(
    all
      .split(' ')
      .filter((each) => !gone.includes(each))
      .join(' ') || null,
  );
  const job = await server.app.inject(new URL(String(answer['job_url'])).pathname);
  expect([job.statusCode, JSON.parse(job.body)]).toEqual([
    200,
    expect.objectContaining({
      id,
      job_id: id,
      kind: 'delete_data',
      status: 'done',
      delete_condition: condition,
      rows_affected: count,
    }),
  ]);
});

test.each([
  ['', 'invalid delete_condition: empty.'],
  ['   ', 'invalid delete_condition: empty.'],
  ['1=1) or (1=1', 'syntax error at or near ")"'],
  ['1=1) union all select 1 from charging_sessions where (1=1', 'syntax error at or near ")"'],
  ['1=1 or 1=1); delete from charging_sessions; select (1', 'syntax error at or near ")"'],
  ['1=1; delete from charging_sessions', 'only select statements are allowed'],
  ['1=1; select 1', 'expected one statement, found 2'],
  ['1=1;', 'invalid delete_condition: expected a single condition.'],
  ['1=1 -- and status is null', 'invalid delete_condition: comments are not allowed.'],
  ['1=1 /* x */', 'invalid delete_condition: comments are not allowed.'],
  ["energy_kwh > 1 --'", 'invalid delete_condition: comments are not allowed.'],
  ['1=1 group by energy_kwh', 'invalid delete_condition: expected a single condition.'],
  ['1=1 order by energy_kwh', 'invalid delete_condition: expected a single condition.'],
  ['1=1 limit 1', 'invalid delete_condition: expected a single condition.'],
  ['1=1 returning *', 'syntax error at or near "returning"'],
  ['1=1 union select 1', 'invalid delete_condition: expected a single condition.'],
  ['session_id in (select session_id from charging_sessions)', 'invalid delete_condition: a select is not allowed.'],
  ['exists (from charging_sessions)', 'invalid delete_condition: a select is not allowed.'],
  ['exists (from tokens)', 'table tokens not found'],
  ["(select count(*) from read_blob('/etc/passwd')) > 0", 'function read_blob() is not allowed in from'],
  ["current_setting('temp_directory') <> ''", 'function current_setting() is not allowed'],
  ['sites.site_id = site_id', 'Referenced table "sites" not found'],
  ['count(*) > 1', 'WHERE clause cannot contain aggregates'],
  ['row_number() over () = 1', 'WHERE clause cannot contain window functions'],
  ['nothing = 1', 'Referenced column "nothing" not found'],
  ['rowid = 1', 'invalid delete_condition: rowid is not a column.'],
  ['charging_sessions.RowId = 1', 'invalid delete_condition: rowid is not a column.'],
  ["energy_kwh = 'much'", 'Could not convert string "much"'],
  ['energy_kwh = $1', 'the statement has a parameter'],
  ['location', 'Could not convert'],
  ["status = 'failed", 'unterminated quoted string'],
])('an invalid condition: %s', async (condition, error) => {
  for (const dry of ['true', 'false']) {
    const { status, answer } = await post(standing, 'charging_sessions/delete', {
      delete_condition: condition,
      dry_run: dry,
    });
    expect([status, answer['error']]).toEqual([400, expect.stringContaining(error)]);
  }
  expect(await idsIn(standing)).toBe(all);
  expect(standing.stderrText()).toBe('');
});

test.each([
  [{ delete_condition: 'true', dry_run: 'yes' }, 'invalid value "yes" for dry_run. Accepted: true, false.'],
  [{ delete_condition: 'true', dryrun: 'true' }, 'unknown field dryrun. Known: delete_condition, dry_run.'],
])('an invalid form: %j', async (form, error) => {
  expect(await post(standing, 'charging_sessions/delete', form as Record<string, string>)).toEqual({
    status: 400,
    answer: { error, documentation: '/docs' },
  });
  expect(await idsIn(standing)).toBe(all);
});

test('a condition cannot reveal redacted values', async () => {
  const people = join(scratch(), 'profiles.csv');
  writeFileSync(people, 'customer_id,email,signup_date\nc1,ada@example.com,2025-01-01\n');
  const counted = async (redact: boolean): Promise<unknown> =>
    (
      await post(await startInProcessServer({ files: [people], redact }), 'customer_profiles/delete', {
        delete_condition: "email like 'ada%'",
        dry_run: 'true',
      })
    ).answer;
  expect(await counted(false)).toEqual({ rows_to_be_deleted: 1 });
  expect(await counted(true)).toEqual({ rows_to_be_deleted: 0 });
});

const takenIn = async ({ context: { owner } }: InProcessServer, path: string): Promise<unknown> =>
  owner.write(async (duckdb) => {
    const [outcome] = await ingestFile(duckdb, owner.catalog, owner.path, path, {
      stdin: Readable.from([]),
      defaultTimeZone: 'UTC',
    });
    return 'alreadyIn' in outcome! ? 'already in' : outcome?.added;
  });

test('a file whose rows were deleted still counts as imported', async () => {
  const server = await startInProcessServer({ files: [dozen] });
  await post(server, 'charging_sessions/delete', { delete_condition: "status = 'failed'" });
  expect(await takenIn(server, dozen)).toBe('already in');
});

test('emptying deletes rows and rejected rows, and lets the files be imported again', async () => {
  const server = await startInProcessServer({ files: [dozen, faulty] });
  expect(await post(server, 'charging_sessions/truncate')).toEqual({ status: 200, answer: { status: 'done' } });
  expect(JSON.parse((await server.app.inject('/v0/datasources/charging_sessions')).body)).toMatchObject({
    statistics: { row_count: 0, bytes: 0 },
    quarantine_rows: 0,
  });
  expect(await takenIn(server, dozen)).toBe(12);
  expect(await idsIn(server)).toBe(all);
});

test('a source without imports is empty before and after', async () => {
  const server = await startInProcessServer();
  expect((await post(server, 'tariffs/delete', { delete_condition: 'true' })).answer).toMatchObject({
    status: 'done',
    rows_affected: 0,
  });
  expect((await post(server, 'tariffs/truncate')).status).toBe(200);
});

test('cached responses are outdated after a deletion', async () => {
  const server = await startInProcessServer({ files: [dozen] });
  const sessions = async (): Promise<unknown> =>
    JSON.parse((await server.app.inject('/v0/pipes/user_usage.json?user_id=cat')).body).data;
  expect(await sessions()).toMatchObject([{ total_sessions: expect.any(Number) }]);
  await post(server, 'charging_sessions/delete', { delete_condition: "user_id = 'cat'" });
  expect(await sessions()).toEqual([]);
});

test('an unknown job', async () => {
  const { statusCode, body } = await standing.app.inject('/v0/jobs/none');
  expect([statusCode, JSON.parse(body).error]).toEqual([
    404,
    'job none not found. Jobs are forgotten when the server stops.',
  ]);
});

test('the SDK of the hosted service deletes and empties', async () => {
  const server = await startInProcessServer({ files: [dozen] });
  const baseUrl = await server.app.listen({ port: 0, host: '127.0.0.1' });
  const api = createTinybirdApi({ baseUrl, token: 'none' });
  expect(
    await api.deleteDatasource('charging_sessions', { deleteCondition: "station_id = 'D'", dryRun: true }),
  ).toEqual({ rows_to_be_deleted: 1 });
  const { status, job_url: url } = await api.deleteDatasource('charging_sessions', {
    deleteCondition: "station_id = 'D'",
  });
  expect(status).toBe('done');
  expect(await (await fetch(url!)).json()).toMatchObject({ status: 'done', rows_affected: 1 });
  expect((await api.sql('select count(*) as n from charging_sessions')).data).toEqual([{ n: 11 }]);
  expect(await api.truncateDatasource('charging_sessions')).toEqual({ status: 'done' });
  expect((await api.sql('select count(*) as n from charging_sessions')).data).toEqual([{ n: 0 }]);
});

test('only a token with the scope admin deletes', async () => {
  const server = await startInProcessServer({ files: [dozen] });
  const values = (['read', 'append', 'admin'] as const).map(
    (scope) => `('${scope}', '${hashToken(scope)}', '${scope}', null, timestamp '2025-01-01', null)`,
  );
  await server.context.owner.write((duckdb) => duckdb.run(`insert into tokens values ${values.join(', ')}`));
  const status = async (method: 'GET' | 'POST', url: string, token: string): Promise<number> =>
    (await server.app.inject({ method, url, headers: { authorization: `Bearer ${token}` } })).statusCode;
  for (const token of ['read', 'append']) {
    expect(await status('GET', '/v0/datasources', token)).toBe(token === 'read' ? 200 : 403);
    expect(await status('POST', '/v0/datasources/charging_sessions/truncate', token)).toBe(403);
    expect(await status('POST', '/v0/datasources/charging_sessions/delete?delete_condition=true', token)).toBe(403);
    expect(await status('GET', '/v0/jobs/none', token)).toBe(403);
  }
  expect(await status('GET', '/v0/datasources', 'nobody')).toBe(403);
  expect(await status('POST', '/v0/datasources/charging_sessions/delete?delete_condition=true', 'admin')).toBe(200);
});
