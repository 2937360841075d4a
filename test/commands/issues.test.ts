import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { beforeAll, describe, expect, test } from 'vitest';
import { scratch, wattduckInUtc as wattduck } from '../support/cli.ts';

const folder = scratch();
const at = (name: string): string => join(folder, name);
const data = 'test/reports/data/depot';
const files = readdirSync(data).map((name) => join(data, name));
const db = at('depot.duckdb');
// IDs of the issues of off_1 that began on 10 June at 06:15 and at 18:00: MD5 of "offline|off_1|||1749536100" and "…1749578400".
const [first, second] = ['iss_436b022e62d293e3', 'iss_629064aa2a4bf0af'];
const morning = '2025-06-10 10:15:00';

const ingest = async (into: string, ...paths: string[]): Promise<void> => {
  const { status, stderr } = await wattduck(['ingest', ...paths, '--db', into]);
  expect(status, stderr).toBe(0);
};
const issues = (...args: string[]) => wattduck(['issues', ...args, '--db', db]);
/** Acknowledges at a time of day on 11 June. */
const ack = (into: string, time: string, id: string, ...note: string[]) =>
  wattduck(['issues', 'ack', id, ...(note.length > 0 ? ['--note', ...note] : []), '--json', '--db', into], {
    now: new Date(`2025-06-11T${time}Z`),
  });
const json = async <T = Record<string, unknown>>(...args: string[]): Promise<T> => {
  const { status, stdout, stderr } = await issues(...args, '--json');
  expect([status, stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as T;
};
const noHistory = 'issue_id,acknowledged_at,note\n';
const history = async (into: string): Promise<string> =>
  (await wattduck(['issues', 'history', '--db', into, '--format', 'csv'])).stdout;

/** Runs SQL on a file as another program would. */
async function change(path: string, sql: string): Promise<void> {
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  await connection.run(sql);
  connection.closeSync();
  instance.closeSync();
}

beforeAll(() => ingest(db, ...files));

describe('issues', () => {
  const chosen = ['--charge-point-id', 'off_1', '--as-of', morning, '--status', 'open'];

  test.each([[[]], [['list']]])('%j lists, as a table', async (words: string[]) => {
    const { status, stdout, stderr } = await issues(
      ...words,
      ...chosen,
      '--columns',
      'type,charge_point_id,description,severity,status',
    );
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout.split('\n').map((line) => line.trimEnd())).toEqual([
      'type          charge point id  description                                severity  status',
      '────────────  ───────────────  ─────────────────────────────────────────  ────────  ──────',
      'connectivity  off_1            Charge point has been offline for 4 hours  high      open',
      '',
    ]);
  });

  test('list fits a terminal, with the most important columns first', async () => {
    const { stdout, stderr } = await wattduck(
      ['issues', '--charge-point-id', 'hand_1', '--as-of', '2025-06-05', '--db', db],
      { terminal: 80, env: { NO_COLOR: '1' } },
    );
    const lines = stdout.trimEnd().split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(stdout).toMatch(/^dep_whole +hand_1 +critical +Update failed +open +2025-06-04 08:00:00$/m);
    expect(stderr).toMatch(/^\d+ columns hidden: .*found_by/);
  });

  test('a truncated text gets the remaining width', async () => {
    const { stdout } = await wattduck(
      ['issues', '--charge-point-id', 'off_1', '--as-of', '2025-06-10 18:45:00', '--db', db],
      { terminal: 80, env: { NO_COLOR: '1' } },
    );
    // ID, charge point, severity and status (resolved) take 20, 6, 8 and 8 columns, the gaps between five columns 8: 30 of 80 are left.
    expect(stdout).toContain(
      `\n${second}  off_1   low       ${'Charge point has been offline for 45 minutes'.slice(0, 29)}…  open\n`,
    );
  });

  test('--json is the API document: its seven keys first, then ours', async () => {
    const document = await json('list', ...chosen);
    expect(Object.keys(document)).toEqual(['data', 'total', 'tz']);
    expect(JSON.stringify(document)).toBe(
      JSON.stringify({
        data: [
          {
            issue_id: first,
            type: 'connectivity',
            charge_point_id: 'off_1',
            description: 'Charge point has been offline for 4 hours',
            severity: 'high',
            status: 'open',
            created_at: '2025-06-10T06:15:00Z',
            acknowledged_at: null,
            resolved_at: null,
            note: null,
            connector_id: null,
            session_id: null,
            found_by: 'offline',
          },
        ],
        total: 1,
        tz: 'UTC',
      }),
    );
  });

  test('summary has every type and severity, also those without issues', async () => {
    expect(JSON.stringify(await json('summary', '--charge-point-id', 'off_1', '--as-of', morning))).toBe(
      '{"open_count":1,"acknowledged_count":0,"by_type":{"connectivity":1,"faulted":0,"billing":0,"firmware":0},"by_severity":{"critical":0,"high":1,"medium":0,"low":0}}',
    );
    const { stdout } = await issues('summary', '--charge-point-id', 'off_1', '--as-of', morning, '--format', 'csv');
    expect(stdout).toBe(
      'open_count,acknowledged_count,connectivity,faulted,billing,firmware,critical,high,medium,low\n1,0,1,0,0,0,0,1,0,0\n',
    );
  });

  test.each([
    [['--statsu', 'open'], "error: unknown option '--statsu' (Did you mean --status?)"],
    [['list', '--statsu', 'open'], "error: unknown option '--statsu' (Did you mean --status?)"],
    [['--status', 'opn'], 'error: invalid value "opn" for --status. Did you mean open?'],
    [['summary', '--as-off', 'x'], "error: unknown option '--as-off' (Did you mean --as-of?)"],
    [['history', '--issue', 'x'], "error: unknown option '--issue' (Did you mean --issue-id?)"],
    [
      ['--offline-after-minutes', '-1'],
      'error: invalid value "-1" for --offline-after-minutes: must be between 0 and 5256000',
    ],
    [['--failed-in-a-row', '1'], 'error: invalid value "1" for --failed-in-a-row: must be 2 or more'],
    [['ack'], "error: missing required argument 'id'"],
    [['ack', 'dep_open', '--noet', 'x'], "error: unknown option '--noet' (Did you mean --note?)"],
    [['lst'], 'error: issues: unknown command "lst". Did you mean list?'],
    [['ack', 'dep_open', 'dep_seen'], "error: too many arguments for 'ack'. Expected 1 argument but got 2."],
    [['ack', 'dep_open', '--format', 'jsn'], 'error: invalid value "jsn" for --format. Did you mean json?'],
    [
      ['ack', 'dep_open', '--columns', 'isue_id'],
      'error: --columns: column "isue_id" not found. Did you mean issue_id?',
    ],
  ])('%j is rejected', async (args, line) => {
    const { status, stdout, stderr } = await issues(...args);
    expect([status, stdout, stderr]).toEqual([2, '', `${line}\n`]);
  });

  test('nothing was recorded', async () => {
    expect(await history(db)).toBe(noHistory);
  });
});

describe('acknowledging', () => {
  const into = at('acknowledged.duckdb');
  beforeAll(() => ingest(into, ...files));
  const one = async (id: string, ...options: string[]): Promise<Record<string, unknown>> =>
    JSON.parse((await wattduck(['report', 'issue', id, '--json', '--db', into, ...options])).stdout) as Record<
      string,
      unknown
    >;

  test('prints the acknowledged issue; a repeat keeps the first time, the newest note and the whole history', async () => {
    const before = await one(second, '--as-of', '2025-06-11 08:00:00');
    const { status, stdout, stderr } = await ack(into, '08:00:00', second, 'Field engineer dispatched, ETA 2 hours.');
    expect([status, stderr]).toEqual([0, '']);
    const answer = JSON.parse(stdout) as Record<string, unknown>;
    expect(JSON.stringify(answer)).toBe(
      JSON.stringify({
        ...before,
        status: 'acknowledged',
        acknowledged_at: '2025-06-11T08:00:00Z',
        note: 'Field engineer dispatched, ETA 2 hours.',
      }),
    );

    const again = JSON.parse((await ack(into, '09:30:00', second, 'It\'s the router; "eth0" down')).stdout) as Record<
      string,
      unknown
    >;
    // 18:00 to 09:30 the next day.
    expect(again).toEqual({
      ...answer,
      description: 'Charge point has been offline for 15 hours 30 minutes',
      note: 'It\'s the router; "eth0" down',
    });
    // Without a note the last one stays.
    expect(JSON.parse((await ack(into, '09:45:00', second)).stdout)).toEqual({
      ...again,
      description: 'Charge point has been offline for 15 hours 45 minutes',
    });
    expect(await history(into)).toBe(
      `${noHistory}${second},2025-06-11 09:45:00,\n${second},2025-06-11 09:30:00,"It's the router; ""eth0"" down"\n${second},2025-06-11 08:00:00,"Field engineer dispatched, ETA 2 hours."\n`,
    );
  });

  test('works for an imported issue, and overrides the status of its file', async () => {
    expect(JSON.parse((await ack(into, '10:00:00', 'dep_seen', 'Plug replaced')).stdout)).toMatchObject({
      issue_id: 'dep_seen',
      status: 'acknowledged',
      acknowledged_at: '2025-06-11T10:00:00Z',
      note: 'Plug replaced',
    });
  });

  test('applies from its time on: before it the issue is open', async () => {
    expect(await one(second, '--as-of', '2025-06-11 07:59:59')).toMatchObject({
      status: 'open',
      acknowledged_at: null,
      note: null,
    });
    expect(await one(second, '--as-of', '2025-06-11 09:00:00')).toMatchObject({
      status: 'acknowledged',
      acknowledged_at: '2025-06-11T08:00:00Z',
      note: 'Field engineer dispatched, ETA 2 hours.',
    });
  });

  test('is counted in the summary', async () => {
    const { stdout } = await wattduck([
      'issues',
      'summary',
      '--charge-point-id',
      'off_1',
      '--as-of',
      '2025-06-11 12:00:00',
      '--json',
      '--db',
      into,
    ]);
    expect(JSON.parse(stdout)).toMatchObject({ open_count: 0, acknowledged_count: 1, by_type: { connectivity: 1 } });
  });

  test('survives imports of the same and other files, and the end of the issue', async () => {
    const [kept, noted] = [await one(second, '--as-of', '2025-06-11 12:00:00'), await history(into)];
    expect((await wattduck(['ingest', '--force', ...files, '--db', into])).status).toBe(0);
    await ingest(into, 'test/reports/data/dozen/dozen.csv');
    expect(await one(second, '--as-of', '2025-06-11 12:00:00')).toEqual(kept);
    // With --replace, the file supplies all its issues again.
    expect(
      (await wattduck(['ingest', '--force', '--replace', join(data, 'charge_point_events.csv'), '--db', into])).status,
    ).toBe(0);
    expect(await one(second, '--as-of', '2025-06-11 12:00:00')).toEqual(kept);
    expect(await history(into)).toBe(noted);

    const back = at('back.csv');
    writeFileSync(back, 'event_id,charge_point_id,event_type,event_time\no99,off_1,connect,2025-06-11 13:00:00\n');
    await ingest(into, back);
    expect(await one(second, '--as-of', '2025-06-11 13:00:00')).toEqual({
      ...kept,
      status: 'resolved',
      description: 'Charge point was offline for 19 hours',
      resolved_at: '2025-06-11T13:00:00Z',
    });
    expect(await ack(into, '14:00:00', second, 'Late')).toEqual({
      status: 1,
      stdout: '',
      stderr: `error: issue "${second}" is resolved. Only open and acknowledged issues can be acknowledged.\n`,
    });
    expect(await history(into)).toBe(noted);
  });

  test.each([
    ['an unknown one', 'iss_none', 'error: issue "iss_none" not found. IDs and names are case-sensitive.\n'],
    ['one in other letters', 'DEP_OPEN', 'error: issue "DEP_OPEN" not found. IDs and names are case-sensitive.\n'],
    [
      'a text of SQL',
      "x'; drop table issues; --",
      'error: issue "x\'; drop table issues; --" not found. IDs and names are case-sensitive.\n',
    ],
    [
      'a found one that is over',
      first,
      `error: issue "${first}" is resolved. Only open and acknowledged issues can be acknowledged.\n`,
    ],
    [
      'one a file calls resolved',
      'dep_done',
      'error: issue "dep_done" is resolved. Only open and acknowledged issues can be acknowledged.\n',
    ],
  ])('%s is rejected, and nothing is recorded', async (_, id, stderr) => {
    const before = await history(into);
    expect(await ack(into, '20:00:00', id, 'x')).toEqual({ status: 1, stdout: '', stderr });
    expect(await history(into)).toBe(before);
  });

  test('prints a table by default', async () => {
    const { stdout } = await wattduck(
      ['issues', 'ack', 'dep_open', '--note', 'Refunded', '--columns', 'issue_id,status,note', '--db', into],
      { now: new Date('2025-06-12T00:00:00Z') },
    );
    expect(stdout.split('\n').map((line) => line.trimEnd())).toEqual([
      'issue id  status        note',
      '────────  ────────────  ────────',
      'dep_open  acknowledged  Refunded',
      '',
    ]);
  });
});

describe('other kinds of databases', () => {
  const failed = (id: number): string =>
    `('f${id}', 'S', timestamp '2025-12-31 1${id}:00:00', timestamp '2025-12-31 1${id}:01:00', 0, 'failed', timestamp '2025-12-31')`;
  const sessions = `insert into charging_sessions (session_id, station_id, start_time, end_time, energy_kwh, status, "timestamp") values ${[1, 2, 3].map(failed).join(', ')}`;
  // Three failures in a row, the first ended on 31 December at 11:01: MD5 of "repeated_failures|S|||1767178860".
  const found = 'iss_702eb49b5f945aa8';

  test('a missing one is the usual error, and none is created', async () => {
    const none = at('none.duckdb');
    for (const args of [['issues'], ['issues', 'summary'], ['issues', 'ack', 'x']]) {
      const { status, stderr } = await wattduck([...args, '--db', none]);
      expect([status, stderr]).toEqual([
        1,
        `error: database ${none} not found. Create it with \`wattduck ingest FILE\`, or choose another with --db.\n`,
      ]);
    }
    expect(existsSync(none)).toBe(false);
  });

  test('one with only sessions', async () => {
    const [path, csv] = [at('sessions.duckdb'), at('three.csv')];
    writeFileSync(
      csv,
      [
        'session_id,station_id,start_time,end_time,energy_kwh',
        ...[1, 2, 3].map((id) => `f${id},S,2025-12-31 1${id}:00:00,2025-12-31 1${id}:01:00,0`),
      ].join('\n'),
    );
    await ingest(path, csv);
    expect((await wattduck(['issues', '--db', path, '--format', 'csv', '--columns', 'issue_id,found_by'])).stdout).toBe(
      `issue_id,found_by\n${found},repeated_failures\n`,
    );
    expect((await wattduck(['issues', 'ack', 'iss_none', '--db', path])).status).toBe(1);
    expect(JSON.parse((await wattduck(['issues', 'ack', found, '--json', '--db', path])).stdout)).toMatchObject({
      issue_id: found,
      status: 'acknowledged',
      acknowledged_at: '2026-01-01T00:00:00Z',
    });
  });

  test.each([
    [
      'of the first schema version',
      async (path: string) => change(path, `${readFileSync('test/warehouse/schema-1.sql', 'utf8')}; ${sessions}`),
    ],
    [
      'made before anything was acknowledged',
      async (path: string) => {
        await ingest(path, 'test/reports/data/dozen/dozen.csv');
        await change(
          path,
          `drop table issue_acknowledgements; delete from charging_sessions; ${sessions.replace('status,', 'location,')}`,
        );
      },
    ],
  ])('one %s', async (name, make) => {
    const path = at(`${name.length}.duckdb`);
    await make(path);
    expect((await wattduck(['issues', 'history', '--db', path])).stderr).toBe('no rows: no issue was acknowledged\n');
    expect((await wattduck(['issues', '--db', path, '--format', 'csv', '--columns', 'issue_id,status'])).stdout).toBe(
      `issue_id,status\n${found},open\n`,
    );
    expect(
      JSON.parse((await wattduck(['issues', 'ack', found, '--note', 'Seen', '--json', '--db', path])).stdout),
    ).toMatchObject({ status: 'acknowledged', note: 'Seen' });
    expect(await history(path)).toBe(`${noHistory}${found},2026-01-01 00:00:00,Seen\n`);
  });
});
