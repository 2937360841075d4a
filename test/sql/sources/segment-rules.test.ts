import { describe, expect, test } from 'vitest';
import { runReport } from '../../../src/reports/run-report.ts';
import { openEngine } from '../../support/duckdb.ts';
import { engineDatabase } from '../../support/engine-database.ts';
import { kept, quoted, rejected } from './rule-corpus.ts';

const { duckdb, catalog, lines, rows } = await engineDatabase();
const segment = (rule: string, at: number, name = 'S'): string =>
  JSON.stringify({ segment_id: `${name}-${at}`, segment_name: name, segment_rules: rule });

/** The whole database and its settings, without the ingest log. */
const state = async (): Promise<unknown> => [
  await rows("select schema_name, table_name, sql from duckdb_tables() where database_name = 'db' order by all"),
  await rows('select * from db.main.customer_segments order by segment_id'),
  await rows('select * from db.main.customer_profiles order by customer_id'),
  await rows("select name, value from duckdb_settings() where name not in ('search_path', 'schema') order by name"),
  await rows('select database_name, path from duckdb_databases() order by all'),
  await rows("select view_name from duckdb_views() where not internal and schema_name <> 'wide' order by all"),
];

describe('a rule', () => {
  test('is stored as written', async () => {
    expect(await lines(...kept.map((rule, at) => segment(rule, at, `kept ${at}`)))).toMatchObject({
      read: kept.length,
      added: kept.length,
      quarantined: 0,
    });
    expect(
      await rows("select segment_rules from customer_segments order by split_part(segment_id, '-', 2)::int"),
    ).toEqual(kept.map((rule) => [rule]));
  });

  test('is evaluated at any depth and length', async () => {
    await lines(JSON.stringify({ customer_id: 'thirty', signup_date: '2024-01-01', age: 30 }));
    // Reading the view adds columns that no file had.
    await rows('from customer_segments');
    const { rows: customers } = await runReport(
      duckdb,
      await catalog.report('customer_segmentation_suggestions'),
      {},
      { now: new Date('2026-01-01T00:00:00Z'), label: (name) => name },
    );
    // A customer of 30 without country, city, gender or any event; by hand.
    const holds = ['event_count < 5', "country='DE'and", 'age >= 0', '(((', 'NOT NOT', 'age>1 or'];
    const wanted = kept.flatMap((rule, at) => (holds.some((start) => rule.startsWith(start)) ? [`kept ${at}`] : []));
    expect(wanted).toHaveLength(holds.length);
    expect(String(customers[0]!['rules_met']).split(', ').toSorted()).toEqual(wanted.toSorted());
  });

  test('that is empty is none', async () => {
    expect(await lines(segment('', 0, 'empty'), segment('  ', 1, 'empty'))).toMatchObject({ added: 2, quarantined: 0 });
    expect(await rows("select distinct segment_rules from customer_segments where segment_name = 'empty'")).toEqual([
      [null],
    ]);
  });

  const hostile = Object.entries(rejected).flatMap(([reason, rules]) => rules.map((rule) => [rule, reason] as const));
  const reasons = new Map<string, (string | null)[]>();

  test('that is rejected leaves everything unchanged', async () => {
    await lines(JSON.stringify({ customer_id: 'c1', signup_date: '2024-01-01', age: 30, email: 'c1@example.com' }));
    const before = await state();
    expect(await lines(...hostile.map(([rule], at) => segment(rule, at)))).toMatchObject({
      read: hostile.length,
      added: 0,
      updated: 0,
      unchanged: 0,
      quarantined: hostile.length,
    });
    expect(await state()).toEqual(before);
    for (const [line, ...said] of await rows(
      "select line, column_name, reason from db.main.quarantine where source = 'customer_segments'",
    ))
      reasons.set(line!, said);
    expect(reasons.size).toBe(hostile.length);
  });

  test.each(hostile.map(([rule, reason], at) => [JSON.stringify(rule).slice(0, 80), reason, at + 1] as const))(
    '%s %s',
    (_, reason, line) => {
      expect(reasons.get(String(line))).toEqual(['segment_rules', reason]);
    },
  );
});

test('SQL in a quoted text is text: it matches customers with exactly that country', async () => {
  const { duckdb: own, catalog: ours } = await openEngine();
  const report = await ours.report('segment_customers');
  const text = (value: string): string => `'${value.replaceAll("'", "''")}'`;
  await own.run(
    `insert into customer_profiles (customer_id, signup_date, country, last_updated) values ${quoted.map((country, at) => `('c${at}', date '2024-01-01', ${text(country)}, timestamp '2024-01-01')`).join(', ')}`,
  );
  await own.run(
    `insert into customer_segments (segment_id, segment_name, segment_rules, last_updated) values ${quoted.map((country, at) => `('s${at}', 'S${at}', ${text(`country = ${text(country)}`)}, timestamp '2024-01-01')`).join(', ')}`,
  );
  for (const at of quoted.keys()) {
    const { rows: members } = await runReport(
      own,
      report,
      { segment_name: `S${at}` },
      { now: new Date('2026-01-01T00:00:00Z'), label: (name) => name },
    );
    expect(members.map(({ customer_id, membership, country }) => [customer_id, membership, country])).toEqual([
      [`c${at}`, 'rule', quoted[at]],
    ]);
  }
  // The table itself is writable for them.
  expect(
    await lines(...quoted.map((country, at) => segment(`country = ${text(country)}`, at, 'quoted'))),
  ).toMatchObject({ added: quoted.length, quarantined: 0 });
});
