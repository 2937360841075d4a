import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { scratch, wattduck } from '../support/cli.ts';
import { catalogError, writeFiles } from './report-file.ts';

const folder = scratch();
const head = [
  'title: Depot log',
  'description: The log of our depot.',
  'source: charging_sessions',
  'detect_by: [Run, Pole, Plugged]',
  'null_values: { Driver: ["-"], "*": ["n/a", "1970*"] }',
  'duplicates: keep',
  'tz: Europe/Oslo',
  'date_order: dmy',
  'decimal_mark: ","',
];
const select =
  'select Run as session_id, Pole as station_id, Plugged as start_time, Unplugged as end_time, Driver as user_id, kWh as energy_kwh from input';
const mapping = (lines: readonly string[] = head, sql = select): Record<string, string> => ({
  'mappings/depot_log.sql': ['/*---', ...lines, '---*/', sql].join('\n'),
});
const own = (): string => writeFiles(mkdtempSync(join(folder, 'own-')), mapping());
const swap = (from: string, to: string): string[] => head.map((line) => line.replace(from, to));

describe('a mapping of the user', () => {
  const log = join(folder, 'log.csv');
  writeFileSync(
    log,
    'Run;Pole;Plugged;Unplugged;Driver;kWh\n1;A;28.10.2018 02:30;28.10.2018 02:10;-;1.234,5\n2;A;01.02.2018 10:00;1970-01-01 00:00;Kim;n/a\n2;A;01.02.2018 10:00;1970-01-01 00:00;Kim;n/a\n',
  );

  test.each([
    ['from --sql-dir', ['--sql-dir', own()]],
    ['by its path', ['--mapping', join(own(), 'mappings/depot_log.sql')]],
  ])('is used %s', async (_, options) => {
    const db = join(folder, `${options[0]}.duckdb`);
    const { stdout, stderr } = await wattduck(['ingest', log, '--db', db, ...options]);
    expect(stdout).toContain(
      '3 rows read = 3 new + 0 updated + 0 unchanged + 0 superseded + 0 rejected (charging_sessions by depot_log, times in Europe/Oslo, day first, decimal comma,',
    );
    expect(stderr).toContain('5 null markers (such as NA) imported as null: Unplugged 2, Driver 1, kWh 2\n');
    const rows = await wattduck([
      'sql',
      'select session_id, start_time, end_time, user_id, energy_kwh from charging_sessions order by 1',
      '--db',
      db,
      '--format',
      'csv',
    ]);
    expect(rows.stdout.trim().split('\n').slice(1)).toEqual([
      '1,2018-10-28 00:30:00,2018-10-28 01:10:00,,1234.5',
      '2,2018-02-01 09:00:00,,Kim,',
      '2#2,2018-02-01 09:00:00,,Kim,',
    ]);
  });

  test('is listed, and suggested for a misspelt name', async () => {
    const dir = own();
    expect((await wattduck(['sources', 'mappings', '--sql-dir', dir, '--format', 'csv'])).stdout).toContain(
      'depot_log,charging_sessions,Depot log,"Run, Pole, Plugged"',
    );
    expect(await wattduck(['ingest', log, '--mapping', 'depot_lag', '--sql-dir', dir])).toMatchObject({
      status: 2,
      stderr: 'error: mapping "depot_lag" not found. Did you mean depot_log?\n',
    });
  });

  test('with missing fields names them', async () => {
    const other = join(folder, 'other.csv');
    writeFileSync(other, 'Run,Pole,Weather\n1,A,fine\n');
    expect(
      await wattduck(['ingest', other, '--mapping', 'depot_log', '--sql-dir', own(), '--db', join(folder, 'x.duckdb')]),
    ).toMatchObject({
      status: 1,
      stderr: `error: ${other}: does not fit mapping depot_log: missing Plugged. Header: Run, Pole, Weather. Run \`wattduck sources mappings\` to see the known formats, or start a mapping with \`wattduck sources describe charging_sessions --template > map.sql\` and import with --mapping map.sql.\n`,
    });
  });

  test('generated as a template is valid', async () => {
    for (const source of ['charging_sessions', 'tariffs', 'customer_events']) {
      const path = join(folder, `${source}.sql`);
      writeFileSync(path, (await wattduck(['sources', 'describe', source, '--template'])).stdout);
      const file = join(folder, `${source}.csv`);
      writeFileSync(file, 'nothing\n1\n');
      expect((await wattduck(['ingest', file, '--mapping', path, '--dry-run'])).stderr).toMatch(
        /: does not fit mapping \w+: missing /,
      );
    }
  });
});

test.each([
  ['detect_by: [', 'recognise: [', `5: key "recognise" was renamed. Use detect_by.`],
  ['null_values:', 'sentinels:', `6: key "sentinels" was renamed. Use null_values.`],
  ['duplicates: keep', 'twins: counted', `7: key "twins" was renamed. Use duplicates.`],
  ['keep', 'counted', `7: value "counted" of "duplicates" was renamed. Use keep.`],
  ['keep', 'one', `7: value "one" of "duplicates" was renamed. Use merge.`],
  ['tz: Europe/Oslo', 'alone: true', `8: key "alone" was renamed. Use exact_fields.`],
  ['tz: Europe/Oslo', 'each: [runs]', `8: key "each" was renamed. Use unnest.`],
])('a mapping with %s written as %s is rejected with the new name', async (now, before, expected) => {
  expect(await catalogError(mapping(swap(now, before)))).toBe(`mappings/depot_log.sql:${expected}`);
});

describe('an invalid mapping is rejected', () => {
  const at = 'mappings/depot_log.sql';
  test.each<[string, Record<string, string>, string]>([
    [
      'for an unknown source',
      mapping(swap('charging_sessions', 'charging_session')),
      `${at}:4: source "charging_session" not found. Did you mean charging_sessions?`,
    ],
    [
      'with an unknown value of duplicates',
      mapping(swap('keep', 'many')),
      `${at}:7: invalid value "many" for "duplicates". Known: merge, keep.`,
    ],
    [
      'without fields to detect it by',
      mapping(swap('[Run, Pole, Plugged]', '[]')),
      `${at}:5: detect_by is empty. Name the fields that identify the format.`,
    ],
    [
      'with null values that are not a list',
      mapping(swap('["-"]', '"-"')),
      `${at}:6: "null_values.Driver" must be a list of strings, not "-"`,
    ],
    [
      'with where',
      mapping(head, `${select} where kWh > 0`),
      `${at}:11: a mapping cannot use where, group by, order by, limit, distinct or with. The select must return one row for each row of the file.`,
    ],
    [
      'with limit',
      mapping(head, `${select} limit 5`),
      `${at}:11: a mapping cannot use where, group by, order by, limit, distinct or with. The select must return one row for each row of the file.`,
    ],
    [
      'with aggregates',
      mapping(head, 'select min(Run) as session_id, min(Pole) as station_id, min(Plugged) as start_time from input'),
      `${at}:11: the select does not return one row for each row of the file. Do not use aggregates or unnest.`,
    ],
    [
      'with unnest',
      mapping(head, select.replace('Run as', "unnest([Run, '2']) as")),
      `${at}:11: the select does not return one row for each row of the file. Do not use aggregates or unnest.`,
    ],
    [
      'with a subquery',
      mapping(head, select.replace('kWh', '(select max(kWh) from input)')),
      `${at}:11: a mapping cannot use subqueries or window functions. The select must read one row at a time.`,
    ],
    [
      'that reads a table',
      mapping(head, select.replace('from input', 'from charging_sessions')),
      `${at}:11: a mapping must select from input. Other tables, files and joins are not allowed.`,
    ],
    [
      'that reads a file',
      mapping(head, select.replace('from input', "from read_csv('x.csv')")),
      `${at}:11: a mapping must select from input. Other tables, files and joins are not allowed.`,
    ],
    [
      'with a star',
      mapping(head, 'select * from input'),
      `${at}:11: a mapping cannot use *. Select the columns by name.`,
    ],
    [
      'of two statements',
      mapping(head, `${select}; select 1`),
      `${at}:11: a mapping must be one plain select. Write one select from input.`,
    ],
    [
      'that is not SQL',
      mapping(head, 'selekt'),
      `${at}:11: invalid select: syntax error at or near "selekt". Write one select from input.`,
    ],
    [
      'with a column the source lacks',
      mapping(head, select.replace('energy_kwh', 'energy')),
      `${at}:11: column "energy" not found in charging_sessions. Did you mean energy_kwh?`,
    ],
    [
      'without a column the source needs',
      mapping(head, select.replace('Pole as station_id, ', '')),
      `${at}:11: required column "station_id" of charging_sessions is missing. Add … as station_id to the select.`,
    ],
  ])('%s', async (_, files, line) => {
    expect(await catalogError(files)).toContain(line);
  });
});
