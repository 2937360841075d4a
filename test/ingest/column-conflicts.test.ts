import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { columnConflicts } from '../../src/ingest/column-conflicts.ts';
import { previewFile } from '../../src/ingest/ingest-file.ts';
import { describeIssue } from '../../src/ingest/row-issues.ts';
import { scratch } from '../support/cli.ts';
import { openEngine } from '../support/duckdb.ts';
import { runs } from '../support/runs.ts';
import { Readable } from 'node:stream';

const folder = scratch();
const { duckdb, catalog } = await openEngine();

/** Conflicts of a file, as `rows: issue (key)`. */
async function conflictsIn(text: string, options: Record<string, unknown> = {}): Promise<string[]> {
  const path = join(folder, 'file.csv');
  writeFileSync(path, text);
  const [found] = await previewFile(
    duckdb,
    catalog,
    path,
    { stdin: Readable.from([]), defaultTimeZone: 'UTC', ...options },
    (_, plan) => columnConflicts(duckdb, plan),
  );
  return found!.map((issue) => `${issue.rows}: ${describeIssue(issue)} (${issue.first})`);
}

const header = 'session_id,station_id,start_time';

test.each([
  [
    'two amounts',
    `${header},cost,total_cost,energy_kwh\nac1,cp1,2024-03-05 10:00:00,4.00,4.76,11\n`,
    ['1: amount_paid "4.00" in cost differs from "4.76" in total_cost; cost is used (ac1)'],
  ],
  ['equal amounts', `${header},cost,total_cost\na,c,2024-03-05 10:00:00,4.00,4\nb,c,2024-03-05 11:00:00,,5\n`, []],
  [
    'two stations',
    `session_id,station_id,charger,start_time\na,X,Y,2024-03-05 10:00:00\nb,X,X,2024-03-05 10:00:00\nc,,Y,2024-03-05 10:00:00\n`,
    ['1: station_id "X" in station_id differs from "Y" in charger; station_id is used (a)'],
  ],
  [
    'a repeated header',
    `${header},energy_kwh,energy_kwh\na,c,2024-03-05 10:00:00,1,2\nb,c,2024-03-05 10:00:00,3,4\n`,
    [],
  ],
  [
    'times in two forms',
    `${header},start\na,c,2024-03-05 10:00:00,2024-03-05T10:00:00Z\nb,c,2024-03-05 10:00:00,2024-03-05T11:00:00Z\n`,
    [
      '1: start_time "2024-03-05 10:00:00" in start_time differs from "2024-03-05T11:00:00Z" in start; start_time is used (b)',
    ],
  ],
  [
    'energy in two units',
    `${header},Energy (Wh),energy_kwh\na,c,2024-03-05 10:00:00,12500,12.5\nb,c,2024-03-05 11:00:00,12500,12500\n`,
    ['1: energy_kwh "12500" in energy_kwh differs from "12500 Wh" in Energy (Wh); energy_kwh is used (b)'],
  ],
  [
    'three fields',
    `${header},cost,total_cost,amount\na,c,2024-03-05 10:00:00,,5,6\nb,c,2024-03-05 11:00:00,4,5,4.0\n`,
    [
      '1: amount_paid "4" in cost differs from "5" in total_cost; cost is used (b)',
      '1: amount_paid "5" in total_cost differs from "6" in amount; total_cost is used (a)',
    ],
  ],
])('%s', async (_, text, expected) => {
  expect(await conflictsIn(text)).toEqual(expected);
});

test('values that may name a person are hidden', async () => {
  const text = `${header},cost,total_cost\nac1,cp1,2024-03-05 10:00:00,4.00,4.76\n`;
  expect(await conflictsIn(text, { redact: true })).toEqual([
    '1: amount_paid in cost differs from total_cost; cost is used (ac1)',
  ]);
});

test('every row with two different amounts is counted', async () => {
  const amount = fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(amount, amount), { minLength: 1, maxLength: 8 }), async (rows) => {
      const text = rows
        .map(([a, b], at) => `s${at},c,2024-03-05 10:00:00,${a === undefined ? '' : a.toFixed(2)},${b ?? ''}\n`)
        .join('');
      const expected = rows.filter(([a, b]) => a !== undefined && b !== undefined && a !== b).length;
      const found = await conflictsIn(`${header},cost,total_cost\n${text}`);
      expect(found.map((each) => each.split(':')[0])).toEqual(expected === 0 ? [] : [String(expected)]);
    }),
    { numRuns: runs(30), seed: 20260105 },
  );
});
