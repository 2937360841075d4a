import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Tinybird } from '@chronark/zod-bird';
import { TinybirdApi } from '@tinybirdco/sdk';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { hashToken } from '../../src/server/access/tokens.ts';
import { scratch } from '../support/cli.ts';
import { startInProcessServer } from '../support/in-process-server.ts';

const { app, context } = await startInProcessServer();
const { owner } = context;
const baseUrl = await app.listen({ port: 0, host: '127.0.0.1' });
const token = 'p.of-a-client';
beforeAll(() =>
  owner.write((duckdb) =>
    duckdb.run(
      `insert into tokens (name, hash, scopes, created_at) values ('client', '${hashToken(token)}', 'admin', now()::timestamp), ('reader', '${hashToken('p.reader')}', 'read', now()::timestamp)`,
    ),
  ),
);

const ids = async (begun: string): Promise<unknown[]> =>
  (
    await owner.systemConnection.rows(
      `select session_id from db.main.charging_sessions where session_id like '${begun}%' order by session_id`,
    )
  ).map((row) => row['session_id']);
const session = (id: string, more: Record<string, unknown> = {}): Record<string, unknown> => ({
  session_id: id,
  station_id: `S-${id.replace(/\d+$/, '')}`,
  user_id: 'u',
  start_time: '2024-01-26 10:00:00',
  end_time: '2024-01-26 11:00:00',
  energy_consumed: 15.5,
  amount_paid: 10,
  ...more,
});

describe('zod-bird', () => {
  const event = z.object({
    session_id: z.string(),
    station_id: z.string(),
    start_time: z.string(),
    end_time: z.string(),
    energy_consumed: z.number(),
    amount_paid: z.number(),
    user_id: z.string(),
  });
  const client = new Tinybird({ token, baseUrl });
  type Event = z.infer<typeof event>;

  test.each([[true], [false]])('sends one row or many, with wait: %s', async (wait) => {
    const send = client.buildIngestEndpoint({ datasource: 'charging_sessions', event, wait });
    const name = `zod${wait}`;
    expect(await send(session(`${name}1`) as Event)).toEqual({ successful_rows: 1, quarantined_rows: 0 });
    expect(
      await send([session(`${name}2`), session(`${name}3`, { start_time: 'soon' }), session(`${name}4`)] as Event[]),
    ).toEqual({ successful_rows: 2, quarantined_rows: 1 });
    expect(await ids(name)).toEqual([`${name}1`, `${name}2`, `${name}4`]);
  });

  test('queries a pipe', async () => {
    const pipe = client.buildPipe({
      pipe: 'user_usage',
      parameters: z.object({ user_id: z.string(), start_date: z.string(), limit: z.number().optional() }),
      data: z.object({
        user_id: z.string(),
        total_sessions: z.number(),
        total_energy_consumed: z.number(),
        first_session: z.string(),
      }),
    });
    const { meta, data } = await pipe({ user_id: 'u', start_date: '2024-01-01 00:00:00' });
    expect(data).toEqual([
      expect.objectContaining({
        user_id: 'u',
        total_sessions: 6,
        total_energy_consumed: 93,
        first_session: '2024-01-26 10:00:00',
      }),
    ]);
    expect(meta[0]).toEqual({ name: 'user_id', type: expect.any(String) });
  });

  test('gets errors in the form it expects', async () => {
    const send = (to: Tinybird, datasource: string): Promise<unknown> =>
      to.buildIngestEndpoint({ datasource, event })(session('never') as Event);
    await expect(send(new Tinybird({ token: 'p.wrong', baseUrl }), 'charging_sessions')).rejects.toThrow(
      'Unauthorized',
    );
    await expect(send(new Tinybird({ token: 'p.reader', baseUrl }), 'charging_sessions')).rejects.toThrow(
      'Unauthorized',
    );
    await expect(send(client, 'charging_session')).rejects.toThrow(
      'Data Source "charging_session" does not exist. Did you mean charging_sessions?',
    );
    await expect(client.buildPipe({ pipe: 'user_use', data: z.object({}) })({})).rejects.toThrow(
      "The pipe 'user_use' does not exist",
    );
    expect(await ids('never')).toEqual([]);
  });
});

describe("the hosted service's own client", () => {
  const api = new TinybirdApi({ baseUrl: `${baseUrl}/`, token });
  const folder = scratch();
  const file = (name: string, content: string): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };

  test('sends one row, many, none, and maps and large numbers in its own format', async () => {
    expect(await api.ingest('charging_sessions', session('sdk1'))).toEqual({ successful_rows: 1, quarantined_rows: 0 });
    expect(
      await api.ingest(
        'charging_sessions',
        session('sdk2', {
          start_time: '2024-01-26 09:30:00.250',
          transaction_id: 2n ** 60n,
          transaction_data: new Map([['a', 1]]),
        }),
        { wait: false },
      ),
    ).toEqual({ successful_rows: 1, quarantined_rows: 0 });
    expect(
      await api.ingestBatch('charging_sessions', [session('sdk3'), session('sdk4', { energy_consumed: -1 })]),
    ).toEqual({ successful_rows: 1, quarantined_rows: 1 });
    expect(await api.ingestBatch('charging_sessions', [])).toEqual({ successful_rows: 0, quarantined_rows: 0 });
    expect(await ids('sdk')).toEqual(['sdk1', 'sdk2', 'sdk3']);
    expect(
      await owner.systemConnection.row(
        "select start_time, transaction_id, transaction_data::varchar as data from db.main.charging_sessions where session_id = 'sdk2'",
      ),
    ).toEqual({
      start_time: '2024-01-26 09:30:00.25',
      transaction_id: '1152921504606846976',
      data: '{"a":1}',
    });
  });

  test('queries a pipe', async () => {
    const { data, rows } = await api.query('get_sessions', {
      station_id: 'S-sdk',
      start_date: '2024-01-01 00:00:00',
      limit: 2,
      user_id: undefined,
    });
    expect([rows, data]).toEqual([
      2,
      [expect.objectContaining({ session_id: 'sdk1' }), expect.objectContaining({ session_id: 'sdk3' })],
    ]);
  });

  test('appends files of any format, and replaces all rows on request', async () => {
    const csv = file('rows.csv', 'session_id|station_id|start_time\nfile1|S|2024-01-01\nfile2|S|soon\n');
    expect(
      await api.appendDatasource('charging_sessions', {
        file: csv,
        csvDialect: { delimiter: '|', newLine: '\\n', escapeChar: '"' },
      }),
    ).toMatchObject({ successful_rows: 1, quarantined_rows: 1, import_id: expect.any(String) });
    expect(
      await api.appendDatasource('charging_sessions', {
        file: file('rows.ndjson', `${JSON.stringify(session('file3'))}\n`),
      }),
    ).toMatchObject({ successful_rows: 1, quarantined_rows: 0 });
    const parquet = join(owner.workDir, 'rows.parquet');
    await owner.systemConnection.run(
      `copy (select 'file4' as session_id, 'S' as station_id, timestamp '2024-01-01' as start_time) to '${parquet}' (format parquet)`,
    );
    expect(await api.appendDatasource('charging_sessions', { file: parquet })).toMatchObject({
      successful_rows: 1,
      quarantined_rows: 0,
    });
    expect(await ids('file')).toEqual(['file1', 'file3', 'file4']);
    expect(await api.appendDatasource('sites', { file: file('sites.csv', 'site_id,name\na,A\nb,B\n') })).toMatchObject({
      successful_rows: 2,
    });
    expect(
      await api.appendDatasource('sites', { file: file('sites.csv', 'site_id,name\nc,C\n') }, { mode: 'replace' }),
    ).toMatchObject({ successful_rows: 1 });
    expect(
      (await owner.systemConnection.rows('select site_id from db.main.sites')).map((row) => row['site_id']),
    ).toEqual(['c']);
  });

  test('gets clear errors', async () => {
    const fails = (status: number, message: RegExp): Record<string, unknown> =>
      expect.objectContaining({ statusCode: status, message: expect.stringMatching(message) as string }) as Record<
        string,
        unknown
      >;
    await expect(api.ingest('charging_sessions', session('never'), { token: 'p.wrong' })).rejects.toEqual(
      fails(403, /unknown or revoked token/),
    );
    await expect(api.ingest('charging_sessions', session('never'), { token: 'p.reader' })).rejects.toEqual(
      fails(403, /lacks the scope append/),
    );
    await expect(api.ingest('nothing', session('never'))).rejects.toEqual(
      fails(404, /Data Source "nothing" does not exist/),
    );
    await expect(api.appendDatasource('nothing', { file: file('rows.csv', 'a\n1\n') })).rejects.toEqual(
      fails(404, /Data Source "nothing" does not exist/),
    );
    await expect(api.appendDatasource('sites', { url: 'https://example.com/sites.csv' })).rejects.toEqual(
      fails(400, /remote files are not fetched/),
    );
    await expect(api.query('user_use')).rejects.toEqual(fails(404, /The pipe 'user_use' does not exist/));
    expect(await ids('never')).toEqual([]);
  });
});
