import { expect, test } from 'vitest';
import type { WattduckError } from '../../src/errors/wattduck-error.ts';
import { runReport } from '../../src/reports/run-report.ts';
import { openEngine } from '../support/duckdb.ts';

const { duckdb, catalog } = await openEngine();
const report = await catalog.report('segment_metrics');
const context = { now: new Date('2026-01-01T00:00:00Z'), label: (name: string) => name };

const membersOf = async (): Promise<unknown> =>
  (await runReport(duckdb, report, {}, context)).rows.map((row) => [row['segment_name'], row['customers']]);
const rule = (text: string | null, id = 'seg'): Promise<void> =>
  duckdb.run(`delete from customer_segments; insert into customer_segments (segment_id, segment_name, segment_rules, last_updated)
    values (${id === 'seg' ? "'seg'" : "'s' || chr(0) || 'eg'"}, 'S', ${text === null ? 'null' : `'${text}'`}, now()::timestamp)`);

test('an open connection sees every change of the rules', async () => {
  await duckdb.run(
    "insert into customer_profiles (customer_id, signup_date, age, last_updated) values ('c', '2025-01-01', 30, now()::timestamp)",
  );
  await rule('age > 20');
  expect(await membersOf()).toEqual([['S', 1]]);
  await rule('age > 40');
  expect(await membersOf()).toEqual([['S', 0]]);
  await rule('age = 30');
  expect(await membersOf()).toEqual([['S', 1]]);
  await rule(null);
  expect(await membersOf()).toEqual([['S', 0]]);
});

test('an ID may contain NUL', async () => {
  await rule('age > 20', 'with a NUL');
  expect(await membersOf()).toEqual([['S', 1]]);
});

test('an invalid rule is reported in one short line without control characters', async () => {
  await rule(`age > 1 \u001b[31m\n${'x'.repeat(500)}`);
  const { fullMessage: line } = (await membersOf().catch((error: unknown) => error)) as WattduckError;
  expect(line).toBe(
    `segment "seg" has an invalid rule: "age > 1 \\u001b[31m\\n${'x'.repeat(78)}…. Correct it in the file of customer_segments and import the file again.`,
  );
});
