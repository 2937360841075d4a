import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { previewFile } from '../../src/ingest/ingest-file.ts';
import type { FileReadPlan } from '../../src/ingest/read-plan.ts';
import { describeIssue } from '../../src/ingest/row-issues.ts';
import { scratch, wattduck } from '../support/cli.ts';
import { openEngine } from '../support/duckdb.ts';

const folder = scratch();
const { duckdb, catalog } = await openEngine();
let made = 0;

function mappingFile(select: string, extra: readonly string[] = []): string {
  const path = join(folder, `map_${(made += 1)}.sql`);
  const head = ['title: T', 'description: D.', 'source: charging_sessions', 'detect_by: [Run, Pole]', ...extra];
  writeFileSync(path, ['/*---', ...head, '---*/', select].join('\n'));
  return path;
}
const base = '"Run" as session_id, "Pole" as station_id, "Plugged" as start_time';

/** Rows of a file by a mapping, and the reasons of rejected rows. */
async function take(
  select: string,
  text: string,
  extra: readonly string[] = [],
): Promise<{ rows: unknown[][]; rejected: string[]; notes: string[]; skipped: unknown[] }> {
  const path = join(folder, 'file.csv');
  writeFileSync(path, text);
  const [found] = await previewFile(
    duckdb,
    catalog,
    path,
    { stdin: Readable.from([]), defaultTimeZone: 'UTC', mapping: mappingFile(select, extra) },
    async (summary, plan, { columnNames }) => ({
      rows: (
        await duckdb.rows(
          `select session_id, ${columnNames.includes('energy_kwh') ? 'energy_kwh' : 'null'} as e from staged order by 1`,
        )
      ).map((row) => Object.values(row)),
      rejected: summary.rejected.map((each) => `${each.rows}: ${describeIssue(each)}`),
      notes: (plan as FileReadPlan).notes,
      skipped: plan.mapping?.skipWhen === undefined ? [] : [plan.mapping.skipWhen],
    }),
  );
  return found!;
}
const file = (...rows: string[]): string => ['Run,Pole,Plugged,kWh,Fee', ...rows, ''].join('\n');
const lines = file(
  'a,P,2024-03-05 10:00:00,12,1',
  'b,P,2024-03-05 10:00:00,many,1',
  'c,P,2024-03-05 10:00:00,,1',
  'd,P,2024-03-05 10:00:00,"{""k"": 7}",1',
);

describe('a conversion that fails rejects the row and names the field', () => {
  test.each([
    ['a cast', '"kWh"::int as energy_kwh'],
    ['two casts of one field', '"kWh"::int * "kWh"::int as energy_kwh, ("kWh"::int)::varchar as location'],
    ['a cast in a case', `case when "Fee" = '1' then "kWh"::double else 0 end as energy_kwh`],
    ['a field of input', 'input."kWh"::decimal(9, 3) as energy_kwh'],
  ])('%s', async (_, expression) => {
    const { rows, rejected } = await take(`select ${base}, ${expression} from input`, lines);
    expect(rows.map(([id]) => id)).toEqual(['a', 'c']);
    const reason = expression.includes('Fee')
      ? '"1, many" cannot be computed from Fee, kWh'
      : '"many" cannot be computed from kWh';
    expect(rejected).toEqual([`2: energy_kwh ${reason}`]);
  });

  test('a time in a format', async () => {
    const { rows, rejected } = await take(
      `select "Run" as session_id, "Pole" as station_id, strptime("Plugged", '%d|%m|%Y %H:%M') as start_time from input`,
      file('a,P,05|03|2024 10:00,1,', 'b,P,2024-03-05,1,'),
    );
    expect(rows.map(([id]) => id)).toEqual(['a']);
    expect(rejected).toEqual(['1: start_time "2024-03-05" cannot be computed from Plugged']);
  });

  test('JSON that is not valid', async () => {
    const { rows, rejected } = await take(
      `select ${base}, json_extract_string("kWh", '$.k') as energy_kwh from input`,
      lines,
    );
    expect(rows).toEqual([
      ['a', null],
      ['c', null],
      ['d', 7],
    ]);
    expect(rejected).toEqual(['1: energy_kwh "many" cannot be computed from kWh']);
  });

  test('rows that are imported have the values of the plain select', async () => {
    const plain = await take(`select ${base}, times("kWh", 2) as energy_kwh from input`, file('a,P,2024-03-05,1.5,'));
    const tried = await take(`select ${base}, "kWh"::double * 2 as energy_kwh from input`, file('a,P,2024-03-05,1.5,'));
    expect(tried.rows).toEqual(plain.rows);
  });

  test('on the command line, nothing speaks of SQL', async () => {
    const path = join(folder, 'cli.csv');
    writeFileSync(path, lines);
    const result = await wattduck([
      'ingest',
      path,
      '--db',
      join(folder, 'cli.duckdb'),
      '--mapping',
      mappingFile(`select ${base}, "kWh"::int as energy_kwh from input`),
    ]);
    expect(result.stdout).toContain('4 rows read = 2 new');
    expect(result.stderr).toContain('2 rows rejected: energy_kwh "many" cannot be computed from kWh (first on line 3)');
    expect(result.status).toBe(0);
  });
});

test('a failure that cannot be tried is an error of the mapping', async () => {
  await expect(
    take(`select ${base}, list_transform(["kWh"], lambda x: x::int)[1] as energy_kwh from input`, lines),
  ).rejects.toThrow(/: mapping map_\d+ failed: Could not convert string 'many' to INT32.*; nothing was imported/);
});

describe('a misspelt field', () => {
  test('that is optional is noted with the nearest name', async () => {
    const { notes } = await take(`select ${base}, "kwhs" as energy_kwh, "Fees" as amount_paid from input`, lines);
    expect(notes).toEqual([
      expect.stringMatching(/^field "kwhs" of mapping map_\d+ not found; did you mean "kWh"\?$/),
      expect.stringMatching(/^field "Fees" of mapping map_\d+ not found; did you mean "Fee"\?$/),
    ]);
  });

  test('is not noted if the similar field is read, or none is similar', async () => {
    const { notes } = await take(
      `select ${base}, coalesce("kWh", "kWhs") as energy_kwh, "Weather" as location from input`,
      lines,
    );
    expect(notes).toEqual([]);
  });

  test('that is required is an error with the nearest name', async () => {
    await expect(take(`select ${base} from input`, 'Run,Poles,Plugged\n1,2,3\n')).rejects.toThrow(
      'missing Pole (did you mean Poles?)',
    );
  });
});

describe('times()', () => {
  test.each([
    ['2', '1000', '2×1000'],
    ['12500', '0.001', '12500×0.001'],
    ['1.5', '1000000', '1.5×1000000'],
    ['many', '1000', 'many'],
  ])('of %s and %s is %s', async (text, factor, product) => {
    expect((await duckdb.row(`select times('${text}', ${factor}) as x`))['x']).toBe(product);
  });
});

describe('skip_when', () => {
  const skip = (condition: string): string[] => [`skip_when: ${JSON.stringify(condition)}`];
  test.each([
    [`"Run" = 'Total'`, [false, true, false]],
    [`"kWh"::int > 5`, [true, false, false]],
    [`"Run" like 'T%' or "kWh" = 'x'`, [false, true, true]],
  ])('%s', async (condition, expected) => {
    const { skipped } = await take(`select ${base} from input`, lines, skip(condition));
    const rows = await duckdb.rows(
      `with input as (select unnest(['1', 'Total', '2']) as "Run", unnest(['9', null, 'x']) as "kWh") select ${String(skipped[0])} as s from input`,
    );
    expect(rows.map(({ s }) => s)).toEqual(expected);
  });

  test.each([
    [`"Run"`, 'skip_when must be a condition, not VARCHAR'],
    [`"Run" =`, 'invalid select'],
    [`true) , ("Run"`, 'skip_when must be a condition'],
    [`exists (select 1)`, 'a mapping cannot use subqueries'],
    [`nonsense("Run")`, 'nonsense'],
  ])('%s is rejected', async (condition, message) => {
    await expect(take(`select ${base} from input`, lines, skip(condition))).rejects.toThrow(message);
  });
});

test.each([
  [['key_from: [station_id, start_tim]'], 'column "start_tim" of key_from is not selected'],
  [['key_from: [station_id, start_time]'], 'the select returns session_id, and key_from makes it too'],
  [['separate_by: [start_time]'], 'key_from'],
])('%s is rejected', async (extra, message) => {
  const sqlDir = mkdtempSync(join(folder, 'dir-'));
  mkdirSync(join(sqlDir, 'mappings'));
  await expect(take(`select ${base} from input`, lines, extra)).rejects.toThrow(message);
});
