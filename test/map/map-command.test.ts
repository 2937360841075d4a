import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { scratch, wattduck, type CliResult } from '../support/cli.ts';

const folder = scratch();

/** A folder of its own with a file, and what to do with it. */
function fileOf(content: string | Buffer, name = 'file.csv') {
  const own = mkdtempSync(join(folder, 'map-'));
  const path = join(own, name);
  writeFileSync(path, content);
  const sqlDir = ['--sql-dir', join(own, 'sql')];
  const db = ['--db', join(own, 'x.duckdb')];
  return {
    path,
    mapping: (file = basename(name).replace(/\..*/, '')) =>
      readFileSync(join(own, 'sql/mappings', `${file}.sql`), 'utf8'),
    hasMapping: () => existsSync(join(own, 'sql/mappings')),
    map: (...args: string[]): Promise<CliResult> => wattduck(['map', path, ...sqlDir, ...args]),
    ingest: (...args: string[]): Promise<CliResult> => wattduck(['ingest', path, ...sqlDir, ...db, ...args]),
    rows: async (select: string): Promise<unknown> =>
      JSON.parse((await wattduck(['sql', select, ...db, '--json', '--tz', 'UTC'])).stdout),
  };
}

const sessions = `Ladepunkt;Beginn;Ende;Energiemenge;Kunde;Betrag (EUR)
LP1;13.01.2024 10:00;13.01.2024 11:30;12,5;4711;3,75
LP2;13.01.2024 12:00;13.01.2024 12:45;22,125;4712;6,64
`;

test('two commands import an unknown layout', async () => {
  const file = fileOf(sessions);
  const mapped = await file.map('--yes', '--tz', 'Europe/Berlin');
  expect(mapped.status).toBe(0);
  expect(mapped.stdout).toContain('energy_kwh <- Energiemenge (name; kWh by plausible power (19 kW))');
  expect(mapped.stdout).toContain('2 rows = 2 new + 0 with the ID of another row + 0 rejected + 0 skipped');
  expect(mapped.stderr).toContain('next: wattduck ingest ');
  expect((await file.ingest()).stdout).toContain('2 rows read = 2 new');
  expect(
    await file.rows(
      'select station_id, user_id, start_time, end_time, energy_kwh, amount_paid, currency from charging_sessions order by start_time',
    ),
  ).toEqual([
    {
      station_id: 'LP1',
      user_id: '4711',
      start_time: '2024-01-13 09:00:00',
      end_time: '2024-01-13 10:30:00',
      energy_kwh: 12.5,
      amount_paid: 3.75,
      currency: 'EUR',
    },
    {
      station_id: 'LP2',
      user_id: '4712',
      start_time: '2024-01-13 11:00:00',
      end_time: '2024-01-13 11:45:00',
      energy_kwh: 22.125,
      amount_paid: 6.64,
      currency: 'EUR',
    },
  ]);
  expect((await file.map()).stdout).toContain('known layout (file.csv). Run `wattduck ingest ');
});

describe('without a terminal', () => {
  test('a proposal needs --yes', async () => {
    const file = fileOf(sessions);
    expect(await file.map('--tz', 'UTC')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining(
        'no mapping was written. Check the proposal above, then run again with --yes to write ',
      ),
    });
    expect(file.hasMapping()).toBe(false);
  });

  test('a question is printed with the option that answers it, and --yes answers none that matters', async () => {
    const file = fileOf('Charger,Start,End,Energy\nA,01/02/2024 10:00,01/02/2024 11:00,5\n');
    const { status, stderr } = await file.map('--yes');
    expect(status).toBe(2);
    expect(stderr).toContain('question: Do dates begin with the day or the month?');
    expect(stderr).toContain('1 question open; no mapping was written. Answer with --date-order dmy|mdy.');
    expect(file.hasMapping()).toBe(false);
    expect((await file.map('--yes', '--date-order', 'mdy')).status).toBe(0);
    await file.ingest();
    expect(await file.rows('select start_time from charging_sessions')).toEqual([
      { start_time: '2024-01-02 10:00:00' },
    ]);
  });

  test('--yes reports what it assumes', async () => {
    const { status, stderr } = await fileOf(sessions).map('--yes');
    expect(status).toBe(0);
    expect(stderr).toContain('They have no offset. Use --tz ZONE (with --yes: times are read as UTC)');
  });
});

describe('values', () => {
  const importOf = async (content: string, ...options: string[]): Promise<unknown> => {
    const file = fileOf(content);
    const mapped = await file.map('--yes', '--tz', 'UTC', ...options);
    expect(mapped.stderr).not.toContain('error');
    expect((await file.ingest()).status).toBe(0);
    return file.rows('select start_time, end_time, energy_kwh from charging_sessions order by start_time');
  };
  const row = (start: string, end: string, energy: number): object => ({
    start_time: start,
    end_time: end,
    energy_kwh: energy,
  });

  test('energy without a unit is in Wh if its power says so', async () => {
    expect(await importOf('Charger,Start,End,Energy\nA,2024-01-13 10:00,2024-01-13 11:30,12500\n')).toEqual([
      row('2024-01-13 10:00:00', '2024-01-13 11:30:00', 12.5),
    ]);
  });

  test('meter readings give the energy', async () => {
    const content = 'Charger,Start,End,Meter start,Meter stop\nA,2024-01-13 10:00,2024-01-13 11:30,1000.5,1013.0\n';
    expect(await importOf(content)).toEqual([row('2024-01-13 10:00:00', '2024-01-13 11:30:00', 12.5)]);
  });

  test('a date with a start and an end clock', async () => {
    const content = 'Station;Datum;Beginn;Ende;kWh\nA;13.01.2024;22:30;01:15;20,5\nA;14.01.2024;08:00;09:30;9,25\n';
    expect(await importOf(content)).toEqual([
      row('2024-01-13 22:30:00', '2024-01-14 01:15:00', 20.5),
      row('2024-01-14 08:00:00', '2024-01-14 09:30:00', 9.25),
    ]);
  });

  test('a duration in minutes', async () => {
    const content = 'Station;Start;Dauer (min);Energie (kWh)\nA;2024-01-13 10:00;90;12,5\n';
    expect(await importOf(content)).toEqual([row('2024-01-13 10:00:00', '2024-01-13 11:30:00', 12.5)]);
  });

  test('totals, blank rows, #N/A and repeated headers are skipped and counted', async () => {
    const header = 'Charger,Start,End,Energy (kWh)';
    const file = fileOf(
      `${header}\nA,2024-01-13 10:00,2024-01-13 11:30,12.5\n,,,\n#N/A,#N/A,#N/A,#N/A\n${header}\nB,2024-01-14 10:00,2024-01-14 11:30,10\nTotal,,,22.5\n`,
    );
    const { stdout } = await file.map('--yes');
    expect(stdout).toContain('6 rows = 2 new + 0 with the ID of another row + 0 rejected + 4 skipped');
    const ingested = await file.ingest();
    expect(ingested.stdout).toContain(
      '6 rows read = 2 new + 0 updated + 0 unchanged + 0 superseded + 0 rejected + 4 skipped',
    );
    expect(ingested.stderr).toContain('1 row skipped: repeats the header (first on line 5)');
  });
});

test('rows that would have the same ID are counted with their lines, and kept apart if they differ', async () => {
  const file = fileOf(
    'Charger,Start,End,Energy (kWh)\nA,2024-01-13 10:00,2024-01-13 11:30,12.5\nB,2024-01-13 10:00,2024-01-13 11:30,10\nA,2024-01-13 10:00,2024-01-13 12:30,14\n',
  );
  const { stderr } = await file.map('--yes', '--tz', 'UTC');
  expect(stderr).toContain(
    '1 row with the ID of another row, such as A/2024-01-13T10:00:00Z (2 rows) (lines 4): 1 are kept apart',
  );
  await file.ingest();
  expect(await file.rows('select count(*)::int as n, sum(energy_kwh) as kwh from charging_sessions')).toEqual([
    { n: 3, kwh: 36.5 },
  ]);
});

test('JSON with nested objects in a list', async () => {
  const record = (id: string, station: string): object => ({
    id,
    charger: { id: station, name: 'North' },
    started: '2024-01-13T10:00:00Z',
    stopped: '2024-01-13T11:00:00Z',
    energy: { kwh: 7.5 },
  });
  const file = fileOf(JSON.stringify({ page: 1, charges: [record('a1', 'CP1'), record('a2', 'CP2')] }), 'page.json');
  expect((await file.map('--yes')).status).toBe(0);
  await file.ingest();
  expect(await file.rows('select session_id, station_id, energy_kwh from charging_sessions order by 1')).toEqual([
    { session_id: 'a1', station_id: 'CP1', energy_kwh: 7.5 },
    { session_id: 'a2', station_id: 'CP2', energy_kwh: 7.5 },
  ]);
});

describe('options', () => {
  test('--field and --value choose columns', async () => {
    const file = fileOf('Charger,Start,End,Energy (kWh),Kunde,Karte\nA,2024-01-13 10:00,2024-01-13 11:30,12.5,7,8\n');
    await file.map('--yes', '--field', 'user_id=karte', '--field', 'rfid=', '--value', 'currency=CHF');
    await file.ingest();
    expect(await file.rows('select user_id, rfid, currency from charging_sessions')).toEqual([
      { user_id: '8', rfid: null, currency: 'CHF' },
    ]);
  });

  test.each([
    [
      ['--field', 'user=Kunde'],
      'invalid --field "user=Kunde": charging_sessions has no column user. Did you mean user_id?',
    ],
    [['--field', 'user_id=Kundin'], 'invalid --field "user_id=Kundin": '],
    [['--field', 'user_id'], 'invalid --field "user_id": expected COLUMN=TEXT. For example --field user_id=Customer.'],
    [['--source', 'sessions'], 'source "sessions" not found'],
    [['--source', 'issues'], 'cannot propose a mapping to issues'],
    [['--date-order', 'ymd'], "option '--date-order <order>' argument 'ymd' is invalid"],
    [['--tz', 'Berlin'], 'Europe/Berlin'],
  ])('%s', async (options, message) => {
    const { status, stderr } = await fileOf(sessions).map('--yes', ...options);
    expect(status).toBe(2);
    expect(stderr).toContain(message);
  });

  test('-o names the file; an existing one is replaced only with --force', async () => {
    const file = fileOf(sessions);
    expect((await file.map('--yes', '-o', 'Stadtwerke 2024.sql')).status).toBe(0);
    expect(file.mapping('stadtwerke_2024')).toContain('source: charging_sessions');
    writeFileSync(
      join(file.path, '../sql/mappings/stadtwerke_2024.sql'),
      file.mapping('stadtwerke_2024').replace('Kunde', 'Anna'),
    );
    expect(await file.map('--yes', '-o', 'stadtwerke_2024')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('already exists. Choose another name with -o, or replace it with --force.'),
    });
    expect((await file.map('--yes', '-o', 'stadtwerke_2024', '--force')).status).toBe(0);
    expect(file.mapping('stadtwerke_2024')).toContain('"Kunde" as user_id');
  });

  test('--json has the proposal, the mapping and the counts', async () => {
    const { stdout } = await fileOf(sessions).map('--yes', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      source: 'charging_sessions',
      rows: 2,
      counts: { read: 2, new: 2, same_id: 0, rejected: 0, skipped: 0 },
      mapping: expect.stringContaining('date_order: dmy'),
    });
  });

  test('--redact hides the values', async () => {
    const { stdout } = await fileOf(sessions).map('--yes', '--redact');
    expect(stdout).not.toContain('4711');
  });
});

test.each([
  ['Charger,Start,End,Energy (kWh)\n', 'no rows below the header'],
  ['foo,bar\n1,2\n', 'What does each row describe?'],
])('%j has nothing to propose', async (content, message) => {
  const { status, stderr } = await fileOf(content).map('--yes');
  expect([1, 2]).toContain(status);
  expect(stderr).toContain(message);
});

test('standard input can be read only once', async () => {
  expect(await wattduck(['map', '-'], { stdin: sessions })).toMatchObject({
    status: 2,
    stderr: 'error: cannot map standard input, which can be read only once. Save it to a file first.\n',
  });
});

test('names and values of a hostile file neither leave the mapping nor reach the terminal', async () => {
  const hostile = [
    '---*/',
    '*/ select 1 --',
    'a"b',
    `o'clock`,
    'x\\ny',
    '\u001b[31mred',
    '${1}',
    '"); drop table t; --',
  ];
  const cells = hostile.map((name) => `"${name.replaceAll('"', '""')}"`);
  const file = fileOf(
    `Charger,Start,End,Energy (kWh),"user ---*/",${cells.join(',')}\nA,2024-01-13 10:00,2024-01-13 11:30,12.5,Kim,${cells.join(',')}\nB,2024-01-13 10:00,2024-01-13 11:30,12.5,Lee,${cells.join(',')}\n`,
  );
  const mapped = await file.map('--yes', '--tz', 'UTC', '--field', 'user_id=user ---*/');
  expect(mapped).toMatchObject({ status: 0 });
  // oxlint-disable-next-line no-control-regex
  expect(mapped.stdout + mapped.stderr).not.toMatch(/\u001b/);
  expect((await file.ingest()).stdout).toContain('2 rows read = 2 new');
  expect(await file.rows('select user_id from charging_sessions order by 1')).toEqual([
    { user_id: 'Kim' },
    { user_id: 'Lee' },
  ]);
});
