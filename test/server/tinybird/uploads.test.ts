import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { gzipSync } from 'node:zlib';
import { describe, expect, test, vi } from 'vitest';
import { hashToken } from '../../../src/server/access/tokens.ts';
import { startInProcessServer } from '../../support/in-process-server.ts';

const server = await startInProcessServer();
const { app, context } = server;
const { owner } = context;
const url = await app.listen({ port: 0, host: '127.0.0.1' });

const uploading = (): string[] => readdirSync(owner.workDir);

type Answer = [number, Record<string, unknown>];
async function send(
  query: string,
  body: string | Buffer | FormData,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const answer = await fetch(`${url}/v0/datasources?${query}`, { method: 'POST', body: body as string, headers });
  return [answer.status, (await answer.json()) as Record<string, unknown>];
}
const form = (content: string | Buffer, name = 'rows.csv', field = 'csv'): FormData => {
  const data = new FormData();
  data.append(field, new Blob([content as string]), name);
  return data;
};
const rows = async (sql: string): Promise<unknown[][]> =>
  (await owner.systemConnection.rows(sql)).map((row) => Object.values(row));
const inTable = async (begun: string): Promise<unknown[]> =>
  (
    await rows(`select session_id from db.main.charging_sessions where session_id like '${begun}%' order by session_id`)
  ).flat();
const counted = (successful: number, quarantine = 0, invalid = 0): Answer => [
  200,
  {
    successful_rows: successful,
    quarantined_rows: quarantine + invalid,
    quarantine_rows: quarantine,
    invalid_lines: invalid,
    import_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    datasource: { id: 'charging_sessions', name: 'charging_sessions' },
    error: false,
  },
];
const to = 'name=charging_sessions';
const csv = (name: string): string =>
  `session_id,station_id,start_time\n${name}1,S,2024-01-01\n${name}2,S,2024-01-02\n`;
const ndjson = (name: string): string =>
  [1, 2]
    .map((n) => `${JSON.stringify({ session_id: `${name}${n}`, station_id: 'S', start_time: '2024-01-01' })}\n`)
    .join('');

async function parquet(name: string): Promise<Buffer> {
  const path = `${owner.workDir}/made.parquet`;
  await owner.systemConnection.run(
    `copy (select '${name}' || i as session_id, 'S' as station_id, timestamp '2024-01-01' as start_time from range(1, 3) as t(i)) to '${path}' (format parquet)`,
  );
  const file = readFileSync(path);
  rmSync(path);
  return file;
}

describe('a file of two rows', () => {
  test.each<
    [
      string,
      string,
      (name: string) => string | Buffer | FormData | Promise<string | Buffer | FormData>,
      Record<string, string>?,
    ]
  >([
    ['form', '&mode=append&format=csv', (name) => form(csv(name))],
    ['anyfield', '', (name) => form(csv(name), 'x', 'whatever')],
    ['formgz', '&format=csv', (name) => form(gzipSync(csv(name)), 'rows.csv.gz')],
    ['formnd', '&format=ndjson', (name) => form(ndjson(name))],
    ['formpq', '&format=parquet', async (name) => form(await parquet(name), 'rows.parquet')],
    ['raw', '', (name) => csv(name), { 'content-type': 'text/csv' }],
    ['rawgz', '', (name) => gzipSync(csv(name))],
    ['rawencoded', '', (name) => gzipSync(csv(name)), { 'content-encoding': 'gzip' }],
    ['rawform', '', (name) => csv(name), { 'content-type': 'application/x-www-form-urlencoded' }],
    ['rawodd', '', (name) => csv(name), { 'content-type': 'no type' }],
    ['rawnd', '&format=ndjson', (name) => ndjson(name), { 'content-type': 'application/x-ndjson' }],
    [
      'rawarray',
      '&format=ndjson',
      (name) => `[${ndjson(name).trim().replace('\n', ',')}]`,
      { 'content-type': 'application/json' },
    ],
    ['rawpq', '', (name) => parquet(name)],
    ['bar', '&dialect_delimiter=|', (name) => form(csv(name).replaceAll(',', '|'))],
    [
      'caret',
      '&dialect_delimiter=%5E&dialect_new_line=%5Cr%5Cn',
      (name) => form(csv(name).replaceAll(',', '^').replaceAll('\n', '\r\n')),
    ],
    ['tab', '&dialect_delimiter=%5Ct', (name) => form(csv(name).replaceAll(',', '\t'))],
    ['tagged', '&from=ts-sdk&utm_source=x&cli_version=1&type_guessing=false', (name) => form(csv(name))],
  ])('is imported: %s', async (name, query, body, headers = {}) => {
    expect(await send(`${to}${query}`, await body(name), headers)).toEqual(counted(2));
    expect(await inTable(name)).toEqual([`${name}1`, `${name}2`]);
  });

  test('that is sent again counts all its rows as successful', async () => {
    expect(await send(to, form(csv('raw')))).toEqual(counted(2));
  });

  test('is in the ingest log with its name and a unique ID', async () => {
    const [, { import_id: id }] = await send(to, form(csv('ledger'), '../\u001b[31m séance.csv'));
    expect(await rows('select file, rows_read, rows_new from ingests order by ingest_id desc limit 1')).toEqual([
      [`__31m séance.csv (upload ${String(id)})`, 2, 2],
    ]);
  });
});

describe('the given dialect', () => {
  test('overrides the detected delimiter', async () => {
    const text = 'session_id;location,station_id;start_time\nd1;a,S;2024-01-01\n';
    expect(await send(`${to}&dialect_delimiter=;`, form(text))).toEqual(counted(0, 1));
    const other = 'session_id,station_id,start_time,"location;with;semicolons"\nd2,S,2024-01-01,x\n';
    expect(await send(`${to}&dialect_delimiter=,`, form(other))).toEqual(counted(1));
    expect(await inTable('d')).toEqual(['d2']);
  });

  test('can have a backslash before quotes', async () => {
    const location = ['say "hi"', 'C:\\dir\\', 'two\nlines, \\"both"'];
    const written = location.map(
      (value, at) => `e${at},S,2024-01-01,"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`,
    );
    const text = `session_id,station_id,start_time,location\n${written.join('\n')}\ne3,S,2024-01-01,5\\" tall\n`;
    for (const body of [form(text), form(gzipSync(text))]) {
      expect(await send(`${to}&format=csv&dialect_escapechar=%5C`, body)).toEqual(counted(4));
      expect(
        await rows("select location from db.main.charging_sessions where session_id like 'e_' order by session_id"),
      ).toEqual([...location, '5" tall'].map((value) => [value]));
    }
  });
});

test('backslash escapes are found across chunk boundaries', async () => {
  const lines = Array.from({ length: 9000 }, (_, at) => `f${at},S,2024-01-01,"${'x'.repeat(at % 7)}\\\\ \\"${at}\\""`);
  expect(
    await send(`${to}&dialect_escapechar=%5C`, `session_id,station_id,start_time,location\n${lines.join('\n')}\n`),
  ).toEqual(counted(9000));
  expect(
    await rows(`select count(*)::int from db.main.charging_sessions where location = repeat('x', session_id[2:]::int % 7) || '\\ "' || session_id[2:] || '"' and session_id like 'f%'
    and session_id not like 'form%'`),
  ).toEqual([[9000]]);
});

test.each([
  ['a backslash before another character', '"C:\\temp"', 'C:\\temp'],
  ['doubled quotes as well', '"say ""hi"""', 'say "hi"'],
  ['an escaped quote', '"say \\"hi\\""', 'say "hi"'],
  ['an escaped backslash in quotes', '"back\\\\slash"', 'back\\slash'],
  ['an escaped backslash without quotes', 'back\\\\slash', 'back\\slash'],
])('with backslash escapes, a value keeps %s', async (_, written, value) => {
  const text = `session_id,station_id,start_time,location\nesc,S,2024-01-01,${written}\n`;
  expect(await send(`${to}&dialect_escapechar=%5C`, text)).toEqual(counted(1));
  expect(await rows("select location from db.main.charging_sessions where session_id = 'esc'")).toEqual([[value]]);
});

describe('bad rows', () => {
  test('are counted: in quarantine, and lines that are not rows at all', async () => {
    const text =
      'session_id,station_id,start_time\nb1,S,2024-01-01\nb2,S,soon\nb3,S\nb4,S,2024-01-01,x\nb5,,2024-01-01\n';
    expect(await send(to, form(text))).toEqual(counted(1, 2, 2));
    expect(
      await rows(
        "select reason from quarantine where file like 'rows.csv (upload %' and raw like 'b_,%' order by line",
      ),
    ).toEqual([
      ['not a valid timestamp'],
      ['has 2 fields, fewer than the 3 of the header'],
      ['has 4 fields, more than the 3 of the header'],
      ['is missing'],
    ]);
    expect(await send(to, `${ndjson('b6')}nonsense\n`)).toEqual(counted(2, 0, 1));
  });

  test('can be all rows, if a required column is missing', async () => {
    expect(await send(to, form('session_id,start_time\nm1,2024-01-01\nm2,2024-01-01\n'))).toEqual(counted(0, 2));
    expect(await send(to, '{"session_id":"m3"}\n')).toEqual(counted(0, 1));
    expect(await inTable('m')).toEqual([]);
  });
});

describe('mode', () => {
  test('replace replaces all rows, or keeps them if it fails', async () => {
    const sites = (query: string, body: string): Promise<Answer> => send(`name=sites&${query}`, form(body));
    await sites('', 'site_id,name\na,A\nb,B\n');
    expect((await sites('mode=replace', 'site_id,name\nc,C\n'))[1]).toMatchObject({ successful_rows: 1 });
    expect(await rows('select site_id from db.main.sites')).toEqual([['c']]);
    expect((await sites('mode=replace', 'weather\nfine\n'))[0]).toBe(422);
    expect(await rows('select site_id from db.main.sites')).toEqual([['c']]);
    expect((await sites('mode=append', 'site_id,name\nd,D\n'))[1]).toMatchObject({ successful_rows: 1 });
    expect(await rows('select site_id from db.main.sites order by 1')).toEqual([['c'], ['d']]);
  });

  test('replace requires the scope admin, append the scope append', async () => {
    const guarded = await startInProcessServer();
    await guarded.context.owner.write((duckdb) =>
      duckdb.run(
        `insert into tokens (name, hash, scopes, created_at) values ('rows', '${hashToken('rows')}', 'append', now()::timestamp)`,
      ),
    );
    const ask = async (mode: string): Promise<number> =>
      (
        await guarded.app.inject({
          method: 'POST',
          url: `/v0/datasources?name=sites&mode=${mode}`,
          payload: 'site_id,name\na,A\n',
          headers: { authorization: 'Bearer rows' },
        })
      ).statusCode;
    expect([await ask('append'), await ask('replace')]).toEqual([200, 403]);
  });
});

describe('rejected uploads', () => {
  const two = form(csv('never'));
  two.append('other', new Blob(['x']), 'other.csv');
  const field = new FormData();
  field.append('csv', csv('never'));
  const far = new FormData();
  far.append('url', 'https://example.com/x.csv');
  const cut =
    '--b\r\ncontent-disposition: form-data; name="csv"; filename="x.csv"\r\n\r\nsession_id,station_id,start_time\nnever1,S,2024-01-01\n';
  test.each<[string, string, string | Buffer | FormData, Record<string, string>, number, string]>([
    ['no name', '', form(csv('never')), {}, 400, 'name is required. Known: '],
    [
      'an unknown name',
      'name=charging_session',
      form(csv('never')),
      {},
      404,
      'Data Source "charging_session" does not exist. Did you mean charging_sessions?',
    ],
    [
      'an unknown parameter',
      `${to}&formt=csv`,
      form(csv('never')),
      {},
      400,
      'unknown parameter formt. Did you mean format?',
    ],
    ['making a source', `${to}&mode=create`, form(csv('never')), {}, 400, 'mode=create is not supported. '],
    [
      'an unknown mode',
      `${to}&mode=upsert`,
      form(csv('never')),
      {},
      400,
      'invalid value "upsert" for mode. Accepted: append, replace, create.',
    ],
    [
      'an unknown format',
      `${to}&format=xml`,
      form(csv('never')),
      {},
      400,
      'invalid value "xml" for format. Accepted: csv, ndjson, parquet.',
    ],
    ['another format than told', `${to}&format=ndjson`, form(csv('never')), {}, 400, 'rows.csv (upload '],
    [
      'a delimiter that is none',
      `${to}&dialect_delimiter=ab`,
      form(csv('never')),
      {},
      400,
      'invalid dialect_delimiter "ab". ',
    ],
    [
      'an escape that is none',
      `${to}&dialect_escapechar=/`,
      form(csv('never')),
      {},
      400,
      'invalid dialect_escapechar "/". Expected a double quote or a backslash.',
    ],
    [
      'an escape for JSON',
      `${to}&format=ndjson&dialect_escapechar=%5C`,
      form(ndjson('never')),
      {},
      400,
      'dialect_escapechar applies to CSV only',
    ],
    [
      'an end of lines that is none',
      `${to}&dialect_new_line=x`,
      form(csv('never')),
      {},
      400,
      'invalid value "x" for dialect_new_line',
    ],
    [
      'a file elsewhere, by its URL',
      `${to}&url=https://example.com/x.csv`,
      '',
      {},
      400,
      'url is not supported: remote files are not fetched. ',
    ],
    [
      'a file elsewhere, in the body',
      to,
      'url=https%3A%2F%2Fexample.com%2Fx.csv',
      { 'content-type': 'application/x-www-form-urlencoded' },
      400,
      'url is not supported: remote files are not fetched. ',
    ],
    ['a file elsewhere, in a form', to, far, {}, 400, 'url is not supported: remote files are not fetched. '],
    ['nothing', to, '', {}, 400, 'the file is empty'],
    ['an empty file', to, form(''), {}, 400, 'the file is empty'],
    ['a form without a file', to, field, {}, 400, 'form field csv is not a file'],
    ['two files', to, two, {}, 400, 'the form has more than one file'],
    ['an empty form', to, new FormData(), {}, 400, 'the form has no file'],
    ['half a form', to, cut, { 'content-type': 'multipart/form-data; boundary=b' }, 400, 'upload failed: '],
    ['a form without a boundary', to, cut, { 'content-type': 'multipart/form-data' }, 400, 'upload failed: '],
    [
      'a packed form',
      to,
      gzipSync(cut),
      { 'content-type': 'multipart/form-data; boundary=b', 'content-encoding': 'gzip' },
      415,
      'unsupported content encoding gzip',
    ],
    ['a packing not known', to, csv('never'), { 'content-encoding': 'br' }, 415, 'unsupported content encoding br'],
    ['a broken gzip file', to, gzipSync(csv('never')).subarray(0, -9), {}, 422, 'body (upload '],
    ['a broken Parquet file', to, 'PAR1 and so on', {}, 422, 'body (upload '],
    ['a spreadsheet', to, 'PK\u0003\u0004 and so on', {}, 422, 'body (upload '],
    [
      'a header of which nothing is known',
      to,
      form('never1,S,2024-01-01\nnever2,S,2024-01-01\n'),
      {},
      422,
      'rows.csv (upload ',
    ],
  ])('%s', async (_, query, body, headers, status, start) => {
    const before = await rows('select count(*), max(ingest_id) from ingests');
    expect(await send(query, body, headers)).toEqual([
      status,
      {
        error: expect.stringMatching(new RegExp(`^${start.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}`)),
        documentation: '/docs',
      },
    ]);
    expect(await rows('select count(*), max(ingest_id) from ingests')).toEqual(before);
    expect(await inTable('never')).toEqual([]);
  });

  test('a file larger than the maximum, before it is sent', async () => {
    const answer = await app.inject({
      method: 'POST',
      url: `/v0/datasources?${to}`,
      payload: csv('never'),
      headers: { 'content-length': '3000000000' },
    });
    expect([answer.statusCode, answer.json()]).toEqual([
      413,
      {
        error: 'the file is larger than 2 GB. Send it in parts, or run wattduck ingest on the machine of the database.',
        documentation: '/docs',
      },
    ]);
  });

  test('an interrupted upload: nothing of it is kept', async () => {
    const before = await rows('select count(*) from ingests');
    await new Promise<void>((closed) => {
      const asked = httpRequest(`${url}/v0/datasources?${to}`, {
        method: 'POST',
        headers: { 'content-type': 'text/csv', 'content-length': 1_000_000 },
      });
      asked.on('error', () => closed());
      asked.write(csv('never'));
      void vi.waitFor(() => expect(uploading()).toHaveLength(1)).then(() => asked.destroy());
    });
    await vi.waitFor(() => expect(uploading()).toEqual([]));
    expect(await rows('select count(*) from ingests')).toEqual(before);
  });

  test('temporary files are deleted, and no unexpected errors occurred', async () => {
    expect(uploading()).toEqual([]);
    expect(server.stderrText()).toBe('');
  });
});
