import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { IngestResult } from '../../src/ingest/result.ts';
import { scratch, wattduck } from '../support/cli.ts';

const folder = scratch();
let made = 0;

/** A new database. */
function database() {
  const db = join(folder, `${(made += 1)}.duckdb`);
  const run = async (...args: string[]): Promise<{ status: number; stdout: string; stderr: string }> =>
    wattduck([...args, '--db', db]);
  return {
    run,
    /** Writes a file and imports it. */
    ingest: async (lines: readonly string[], ...options: string[]): Promise<IngestResult & { stderr: string }> => {
      const path = join(folder, `${(made += 1)}.csv`);
      writeFileSync(path, `${lines.join('\n')}\n`);
      const { status, stdout, stderr } = await run('ingest', path, '--json', ...options);
      if (status !== 0) throw new Error(stderr);
      return { ...(JSON.parse(stdout) as IngestResult), stderr };
    },
    rows: async (sql: string): Promise<string[]> =>
      (await run('sql', sql, '--format', 'csv')).stdout.trim().split('\n').slice(1),
  };
}

const counts = ({ read, added, updated, unchanged, superseded, quarantined, skipped }: IngestResult): number[] => {
  expect(added + updated + unchanged + superseded + quarantined + skipped).toBe(read);
  return [read, added, updated, unchanged, superseded, quarantined, skipped];
};

const header = 'session_id,station_id,start_time,end_time,energy_kwh,user_id';

describe('rows with the same key', () => {
  test('are superseded if charge point and start differ, with an example and a warning', async () => {
    const { ingest, rows, run } = database();
    const result = await ingest([
      header,
      '1.23457E+11,cp1,2024-03-05 10:00:00,2024-03-05 11:00:00,10,',
      '1.23457E+11,cp1,2024-03-06 10:00:00,2024-03-06 11:00:00,20,',
      '1.23457E+11,cp2,2024-03-07 10:00:00,2024-03-07 11:00:00,30,',
    ]);
    expect(counts(result)).toEqual([3, 1, 0, 0, 2, 0, 0]);
    expect(result.conflicts).toEqual([
      {
        rows: 2,
        replaced: false,
        key: '1.23457E+11',
        columns: ['station_id', 'start_time'],
        kept: 'cp2, 2024-03-07 10:00:00',
        dropped: 'cp1, 2024-03-05 10:00:00',
      },
    ]);
    expect(result.stderr).toContain(
      '2 rows were superseded by a row with the same key but another station_id and start_time (for example 1.23457E+11: kept cp2, 2024-03-07 10:00:00; dropped cp1, 2024-03-05 10:00:00)',
    );
    expect(await rows('select energy_kwh from charging_sessions')).toEqual(['30']);
    const { stdout } = await run('ingests', '--format', 'csv', '--columns', 'rows_read,rows_new,rows_superseded');
    expect(stdout).toBe('rows_read,rows_new,rows_superseded\n3,1,2\n');
  });

  const cases: [title: string, lines: string[], expected: number[], columns?: string[]][] = [
    [
      'equal rows are unchanged',
      [header, 'a,cp1,2024-03-05 10:00:00,,,u1', 'a,cp1,2024-03-05 10:00:00,,,u1'],
      [2, 1, 0, 1, 0, 0, 0],
    ],
    [
      'an open session and its completed row are versions',
      [header, 'a,cp1,2024-03-05 10:00:00,,,', 'a,cp1,2024-03-05 10:00:00,2024-03-05 11:00:00,10,u1'],
      [2, 1, 0, 1, 0, 0, 0],
    ],
    [
      'another user without a version is another session',
      [header, 'a,cp1,2024-03-05 10:00:00,,,u1', 'a,cp1,2024-03-05 10:00:00,,,u2'],
      [2, 1, 0, 0, 1, 0, 0],
      ['user_id'],
    ],
    [
      'another user in a later version is a correction',
      [
        'session_id,station_id,start_time,user_id,last_updated',
        'a,cp1,2024-03-05 10:00:00,u1,2024-03-05 10:00:00',
        'a,cp1,2024-03-05 10:00:00,u2,2024-03-05 12:00:00',
      ],
      [2, 1, 0, 1, 0, 0, 0],
    ],
    [
      'another start in a later version is another session',
      [
        'session_id,station_id,start_time,user_id,last_updated',
        'a,cp1,2024-03-05 10:00:00,u1,2024-03-05 10:00:00',
        'a,cp1,2024-03-05 11:00:00,u1,2024-03-05 12:00:00',
      ],
      [2, 1, 0, 0, 1, 0, 0],
      ['start_time'],
    ],
    [
      'events of two charge points with one message number',
      [
        'message_id,charge_point_id,event_type,event_time',
        '1,cp1,boot,2024-03-05 10:00:00',
        '1,cp2,boot,2024-03-05 10:00:00',
        '2,cp2,boot,2024-03-05 10:00:00',
      ],
      [3, 2, 0, 0, 1, 0, 0],
      ['station_id'],
    ],
    [
      'disputes of two sessions with one number',
      [
        'dispute_id,session_id,created_at,disputed_amount',
        '1,s1,2024-03-05 10:00:00,1',
        '1,s2,2024-03-05 10:00:00,1',
        '1,s2,2024-03-05 10:00:00,1',
      ],
      [3, 1, 0, 1, 1, 0, 0],
      ['session_id'],
    ],
  ];
  test.each(cases)('%s', async (_, lines, expected, columns) => {
    const result = await database().ingest(lines);
    expect(counts(result)).toEqual(expected);
    expect(result.conflicts.flatMap((each) => each.columns)).toEqual(columns ?? []);
  });

  test('in a later file that names another session, replace it with a warning or are superseded', async () => {
    const { ingest, rows } = database();
    await ingest([header, '1,cp1,2024-02-01 10:00:00,,10,', '2,cp1,2024-02-02 10:00:00,,10,']);
    const march = await ingest([header, '1,cp1,2024-03-01 10:00:00,,20,', '2,cp1,2024-02-02 10:00:00,,10,']);
    expect(counts(march)).toEqual([2, 0, 1, 1, 0, 0, 0]);
    expect(march.stderr).toContain(
      '1 row replaced an imported row with the same key but another start_time (for example 1: kept cp1, 2024-03-01 10:00:00; dropped cp1, 2024-02-01 10:00:00)',
    );
    const january = await ingest([header, '1,cp1,2024-01-01 10:00:00,,30,']);
    expect(counts(january)).toEqual([1, 0, 0, 0, 1, 0, 0]);
    expect(await rows('select session_id, energy_kwh from charging_sessions order by 1')).toEqual(['1,20', '2,10']);
  });

  test('that complete an open session in a later file update it without a warning', async () => {
    const { ingest } = database();
    await ingest([header, '1,cp1,2024-02-01 10:00:00,,,']);
    const result = await ingest([header, '1,cp1,2024-02-01 10:00:00,2024-02-01 11:00:00,10,u1']);
    expect([counts(result), result.conflicts, result.stderr]).toEqual([[1, 0, 1, 0, 0, 0, 0], [], '']);
  });
});

describe('rows that are no data', () => {
  const good = 'a,cp1,2024-03-05 10:00:00,2024-03-05 11:00:00,10,u1';
  test.each([
    ['empty fields', ',,,,,'],
    ['blanks', ' , ,\t, ,,'],
    ['quoted blanks', '"","","","","",""'],
    ['spreadsheet errors', '#N/A,#N/A,#N/A,#N/A,#N/A,#N/A'],
    ['a mix of empty words', 'null,NA,-,–,,NaN'],
    ['fewer fields than the header', ',,'],
    ['a total', 'Total,,,,10,'],
    ['a total in words', 'Grand Total:,1 session,,,10,'],
    ['a total in another column', ',,Summe,,10,'],
    ['a total in every key column', 'Total,Total,Total,,10,'],
    ['a total with valid times', 'TOTAL,total,2024-03-05 10:00:00,2024-03-05 11:00:00,10,'],
    ['a German total', 'Gesamt;,,,10,'],
  ])('%s are skipped', async (_, line) => {
    const { ingest, run } = database();
    const result = await ingest([header, good, line.replace(';', ',')]);
    expect(counts(result)).toEqual([2, 1, 0, 0, 0, 0, 1]);
    expect(result.stderr).toMatch(/1 row skipped: (every field is empty|is a totals row) \(first on line 3\)\n/);
    expect((await run('quarantine', 'list', '--format', 'csv')).stdout.split('\n')).toHaveLength(2);
  });

  test.each([
    ['one filled field', 'b,,,,,', 'is missing'],
    ['a value after a brand named Total', 'Total,cp1,soon,,,', 'not a valid timestamp'],
  ])('%s is not filler', async (_, line, reason) => {
    const result = await database().ingest([header, good, line]);
    expect([counts(result), result.rejected.map((each) => each.reason)]).toEqual([[2, 1, 0, 0, 0, 1, 0], [reason]]);
  });

  test('a session or charge point may be named Total', async () => {
    expect(counts(await database().ingest([header, 'Total,cp1,2024-03-05 10:00:00,,,']))[1]).toBe(1);
    const sites = ['site_id,site_name,timezone', 'Total,Total Energies,Europe/Paris'];
    expect(counts(await database().ingest(sites, '--source', 'sites'))[1]).toBe(1);
  });

  test('skipped rows do not fail --strict, and a mixed file accounts for each row', async () => {
    const result = await database().ingest([header, good, ',,,,,', 'Total,,,,10,', good, ',,,,,'], '--strict');
    expect(counts(result)).toEqual([5, 1, 0, 1, 0, 0, 3]);
    expect(result.skips.map(({ rows, reason }) => [rows, reason])).toEqual([
      [2, 'every field is empty'],
      [1, 'is a totals row'],
    ]);
  });

  test('empty JSON records are skipped', async () => {
    const { ingest } = database();
    const result = await ingest([
      '{"session_id":"a","station_id":"cp1","start_time":"2024-03-05T10:00:00Z"}',
      '{}',
      '{"session_id":null,"station_id":"","start_time":"#N/A"}',
      '{"session_id":"b","station_id":"","start_time":null}',
    ]);
    expect(counts(result)).toEqual([4, 1, 0, 0, 0, 1, 2]);
  });
});

describe('a file imported again in another way', () => {
  test('replaces the rows it rejected before', async () => {
    const { run, rows } = database();
    const path = join(folder, `${(made += 1)}.csv`);
    writeFileSync(path, 'session_id,station_id,start_time\na,cp1,13/03/2024 10:00\nb,cp1,soon\n');
    await run('ingest', path, '--date-order', 'mdy');
    expect(await rows('select line, reason from quarantine order by 1')).toEqual([
      '2,not a valid timestamp',
      '3,not a valid timestamp',
    ]);
    await run('ingest', path, '--date-order', 'dmy');
    expect(await rows('select line, reason from quarantine order by 1')).toEqual(['3,not a valid timestamp']);
    expect(await rows('select session_id from charging_sessions')).toEqual(['a']);
  });

  test('keeps rejected rows of other files', async () => {
    const { run, rows } = database();
    const [one, other] = [join(folder, `${(made += 1)}.csv`), join(folder, `${(made += 1)}.csv`)];
    writeFileSync(one, 'session_id,station_id,start_time\na,cp1,soon\n');
    writeFileSync(other, 'session_id,station_id,start_time\nb,cp1,soon\n');
    await run('ingest', one, other);
    await run('ingest', one, '--date-order', 'dmy');
    expect(await rows('select raw from quarantine order by 1')).toEqual(['"a,cp1,soon"', '"b,cp1,soon"']);
  });
});

describe('implausible times', () => {
  test('a session without length has no power, and a warning', async () => {
    const { ingest, run } = database();
    const { doubtful } = await ingest([
      header,
      'zl1,cpZ,2024-06-10 10:00:00,2024-06-10 10:00:00,50,',
      'zl2,cpY,2024-06-10 12:00:00,2024-06-10 13:00:00,20,',
      // 50 kWh in one second
      'zl3,cpY,2024-06-10 14:00:00,2024-06-10 14:00:01,50,',
    ]);
    expect(doubtful.map(({ reason, rows, first }) => [reason, rows, first])).toEqual([
      ['implies more than 500 kW', 1, 'zl3'],
      ['is energy of a session that ends when it starts', 1, 'zl1'],
    ]);
    const { stdout } = await run('report', 'peak-load', '--format', 'csv', '--columns', 'peak_power_kw,peak_power_at');
    expect(stdout).toBe('peak_power_kw,peak_power_at\n20,2024-06-10 12:00:00\n');
  });

  test('events of a clock that was not set create no issue and do not affect uptime', async () => {
    const { ingest, run } = database();
    const { doubtful } = await ingest([
      'event_id,station_id,event_type,event_time,connector_id,status',
      'a,cpU,status,1970-01-01 00:00:12,1,Faulted',
      'b,cpU,status,2024-03-01 00:00:00,1,Available',
      'c,cpU,heartbeat,2024-03-05 23:59:00,,',
      'd,cpV,status,0001-01-01 00:00:00,1,Faulted',
    ]);
    expect(doubtful.map(({ column, rows }) => [column, rows])).toEqual([['event_time', 2]]);
    const issues = await run('issues', '--as-of', '2024-03-06', '--format', 'csv');
    expect(issues.stdout.trim().split('\n')).toHaveLength(1);
    const uptime = [
      '--as-of',
      '2024-03-06',
      '--format',
      'csv',
      '--columns',
      'charge_point_id,uptime_percent,counted_from',
    ];
    expect((await run('report', 'uptime-report', ...uptime)).stdout).toBe(
      'charge_point_id,uptime_percent,counted_from\ncpU,100,2024-03-01 00:00:00\n',
    );
  });

  test('an event of a clock that was not set gets the time it was logged', async () => {
    const { ingest, rows } = database();
    const { doubtful } = await ingest([
      'station_id,event_type,event_time,received_at',
      'cp1,status,1970-01-01 00:00:12,2024-03-01 10:00:00',
      'cp1,status,2024-03-01 11:00:00,2024-03-01 11:00:01',
      'cp1,status,1970-01-01 00:00:13,1970-01-01 00:00:13',
      'cp1,status,1970-01-01 00:00:14,',
    ]);
    expect(doubtful.map(({ reason, rows: n }) => [reason, n])).toEqual([
      ['is before 2008; last_updated is used', 1],
      ['is before 2008, so reports ignore the event', 2],
    ]);
    expect(await rows('select event_time from charge_point_events order by 1')).toEqual([
      '1970-01-01 00:00:13',
      '1970-01-01 00:00:14',
      '2024-03-01 10:00:00',
      '2024-03-01 11:00:00',
    ]);
  });
});

test('--replace accepts a file with new columns', async () => {
  const { ingest, rows } = database();
  await ingest(['session_id,station_id,start_time', 'a,cp1,2024-03-05 10:00:00']);
  const result = await ingest(
    ['session_id,station_id,start_time,Energy (Wh)', 'b,cp1,2024-03-05 10:00:00,700'],
    '--replace',
  );
  expect(counts(result)).toEqual([1, 1, 0, 0, 0, 0, 0]);
  expect(await rows('select session_id, energy_kwh from charging_sessions')).toEqual(['b,0.7']);
});

test.each([' ', '\t', '\u00a0', '\u2009'])(
  'a space %j after a time with an offset does not change it',
  async (space) => {
    const { ingest, rows } = database();
    const result = await ingest(
      ['session_id,station_id,start_time,energy_kwh', `a,cp1,2024-03-05 10:00:00+02:00${space},12.5${space}`],
      '--tz',
      'America/Denver',
    );
    expect(counts(result)).toEqual([1, 1, 0, 0, 0, 0, 0]);
    expect(await rows('select start_time, energy_kwh from charging_sessions')).toEqual(['2024-03-05 08:00:00,12.5']);
  },
);
