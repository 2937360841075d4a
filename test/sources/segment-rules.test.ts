import { DuckDBInstance } from '@duckdb/node-api';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Row } from '../../src/warehouse/values.ts';
import { runReport } from '../../src/warehouse/run-report.ts';
import { scratch, wattduck } from '../support/cli.ts';
import { openEngine } from '../support/engine.ts';
import { warehouse } from './taking-in.ts';

const { engine, catalog, lines, rows } = await warehouse();
const segment = (rule: string, at: number, name = 'S'): string => JSON.stringify({ segment_id: `${name}-${at}`, segment_name: name, segment_rules: rule });

/** Everything the database and its settings are, but for the books of what was taken in. */
const state = async (): Promise<unknown> => [
  await rows("select schema_name, table_name, sql from duckdb_tables() where database_name = 'db' order by all"),
  await rows('select * from db.main.customer_segments order by segment_id'),
  await rows('select * from db.main.customer_profiles order by customer_id'),
  await rows("select name, value from duckdb_settings() where name not in ('search_path', 'schema') order by name"),
  await rows('select database_name, path from duckdb_databases() order by all'),
  await rows("select view_name from duckdb_views() where not internal and schema_name <> 'wide' order by all"),
];

const kept = [
  'total_spent > 1000 AND session_count > 10',
  'total_spent>1000 and session_count>10',
  'Total_Spent >= 499.50',
  'session_count >= 3 AND NOT (purchase_count > 0)',
  '(total_spent > 499.50 AND purchase_count < 4) OR total_spent >= 2500',
  "((country = 'DE') or (country <> 'AT' and not not (age != 30)))",
  "country = 'Land of #AND( it''s'",
  'days_since_last_purchase <= 30 OR average_order_value = -1',
  'event_count < 5\nOR\tlifetime_value > 0\r\nor age<>1',
  "NOT(gender='x')AND(city<>'y')",
  "country='DE'and city='Berlin'or age>1",
  'age > 999999999999.999999 AND lifetime_value > -999999999999.999999 AND event_count < 999999999999 AND average_order_value > 0.000001',
  'age >= 000000000018',
  "country = ''",
  // As deep and as long as a rule may be: 1000 characters.
  `${'('.repeat(496)}age > 10${')'.repeat(496)}`,
  `${'NOT '.repeat(248)}age > 10`,
  `${'NOT('.repeat(198)}age > 2000${')'.repeat(198)}`,
  `city = '${'x'.repeat(991)}'`,
  `${'age>1 or '.repeat(110)}age > 1000`,
];

/** Texts that would be something else than text, were they not quoted. */
const quoted = [
  "'; DROP TABLE customer_profiles; --", "') or 1=1 or ('", '/* and */', '-- more', '$$dollar$$', '$1', '?', "E'x'", '\\', "\\'", '\\x00', '%', '_', '*', '"age"', 'a"b', '(((', ')))',
  'AND', 'NOT (age > 1)', 'select 1', "read_text('/etc/hostname')", "getenv('HOME')", '’', '‘DE’', 'ſ', '\u212A', '\u200Fenihcam\u200E', '\u00A0', 'ＤＥ', 'tab\tin', 'line\nin', '{"type": "FUNCTION"}',
  '"type":"SUBQUERY"', '["password"]', '💶', 'ﷺ', '0', 'null', 'true',
];

const reasons = {
  'is longer than 1000 characters': [
    `${'('.repeat(497)}age > 1${')'.repeat(497)}`,
    `${'('.repeat(50_000)}age > 1${')'.repeat(50_000)}`,
    `${'NOT '.repeat(250)}age > 1`,
    `${'NOT '.repeat(50_000)}age > 1`,
    `city = '${'x'.repeat(992)}'`,
    `city = '${"''".repeat(200_000)}'`,
    `${'age > 1 and '.repeat(50_000)}age > 1`,
    `${'a'.repeat(1001)}`,
    `age > 1${' '.repeat(993)}and age > 2`,
    `${"city = 'ü' or ".repeat(90)}age > 1; drop table customer_profiles`,
  ],
  'names something that is no metric of customers': [
    'total_spent > 0; DROP TABLE customer_profiles; --',
    'age > 1; ATTACH \'/tmp/other.duckdb\'',
    'age > 1; PRAGMA database_list',
    "age > 1; SET memory_limit = '1GB'",
    'age > 1; COPY customer_profiles TO \'/tmp/x.csv\'',
    'password > 1',
    'xtotal_spent > 1',
    'total_spent_ > 1',
    'email = \'x\'',
    'has_profile',
    'customer_id = \'c\'',
    'viewing_visits > 1',
    'customer_metrics.age > 1',
    'main.customer_metrics.age > 1',
    'age.x > 1',
    'total_spent > (select 1)',
    'total_spent > any (select 1)',
    'exists (select 1 from customer_profiles)',
    "age in (select age from read_csv('/etc/passwd'))",
    "read_text('/etc/hostname') = 'x'",
    "length(getenv('HOME')) > 1",
    'country = getenv(\'HOME\')',
    'abs(total_spent) > 1',
    'sum(total_spent) > 1',
    'coalesce(age, 1) > 1',
    'now() > 1',
    'random() > 0',
    'error(\'ran\')',
    'total_spent = 1e5',
    'total_spent = 1E+5',
    'total_spent = 0x10',
    'total_spent = 0b1',
    'total_spent = 1_000',
    'total_spent > infinity',
    'total_spent > null',
    'age is null',
    'age is not distinct from 1',
    'age between 1 and 2',
    'age in (1, 2)',
    "country in ('DE', 'AT')",
    "country like 'D%'",
    "country ilike 'd%'",
    "country similar to 'D.*'",
    "country = 'DE' collate nocase",
    'age::int > 1',
    'cast(age as bigint) > 1',
    'case when age > 1 then 1 else 0 end = 1',
    'true',
    'age > 1 or true',
    'age > 1 xor age > 2',
    'age > 1 where age > 2',
    'age > 1 from customer_profiles',
    'from customer_profiles',
    'from customer_profiles select age > 1',
    'age > 1 order by age',
    'age > 1 limit 1',
    'age > 1 union select age > 1',
    'distinct age > 1',
    'age > 1 as x',
    'x: age > 1',
    'age > 1 group by all',
    'row_number() over () > 1',
    'sum(age) over (order by age) > 1',
    'list_filter([1], lambda x: x > 1) = 1',
    'list_filter([1], x -> x > 1) = 1',
    'columns(*) > 1',
    "{'a': age}.a > 1",
    'struct_pack(a := age).a > 1',
    "[x for x in [age]] = 1",
    "map {'a': 1} = 1",
    "country = E'DE'",
    "country = e'D\\x45'",
    "country = X'44'",
    "country = U&'DE'",
    'country = $$DE$$',
    'country = $x$DE$x$',
    'age > $a',
    'age > :a',
    '"password" > 1',
    '"total spent" > 1',
    'country = "DE"',
    'total_spent > 1 -- and more',
    'total_spent > 1 /* and more */',
    "interval '1 day' > 1",
    "date '2024-01-01' > 1",
    'age > 1 AND pragma_version() = 1',
    "country = 'DE",
    "country = 'a' b'",
    "country = 'a' and password = 'b'",
    "country = 'a'' or password = ''b' or password = 'c'",
    // Letters that only look like others, or are the same but for their case in some alphabets.
    'ſeſſion_count > 1',
    'total_ſpent > 1',
    'ageſ > 1 and days_ſince_signup > 1',
    'ａｇｅ > 1 or x > 1',
    'total＿spent > 1',
    '\u0430ge > 1',
    'total\u200B_spent > 1',
    'total\u00ADspent > 1',
    'total\0_spent > 1',
    'age > 1 \u202Edna\u202C age > 2',
  ],
  'has more than comparisons of metrics with numbers or quoted texts, AND, OR, NOT and parentheses': [
    'total_spent',
    'total_spent >',
    'age age',
    '1 = 1',
    '1 > age',
    "'a' = 'a'",
    "'DE' = country",
    "'DE'",
    '1',
    'total_spent > session_count',
    'age > (age)',
    '(age) > 1',
    '(age, age) = (1, 1)',
    'age > 1, age > 2',
    'age > 1; age > 2',
    ';',
    'age > 1;',
    'age + 1 > 2',
    'age > 1 + 1',
    'age > -(1)',
    'age > - 1',
    'age > --1',
    'age > +1',
    '-age > 1',
    'age * age > 1',
    'age % 2 = 1',
    'age ** 2 = 1',
    'age ^ 2 = 1',
    'age | 1 = 1',
    'age[1] > 1',
    'age > [1]',
    'age > {}',
    "country || 'x' = 'DEx'",
    "country ~ 'D'",
    "country ~~ 'D%'",
    "country !~ 'D'",
    "country ^@ 'D'",
    'total_spent == 1',
    'total_spent => 1',
    'total_spent =< 1',
    'total_spent <=> 1',
    'total_spent > = 1',
    'total_spent > 1.2.3',
    'total_spent > 1.',
    'total_spent > .5',
    'total_spent > 1,5',
    "total_spent > 1'000",
    'total_spent > 1000000000000',
    `total_spent > ${'9'.repeat(500)}`,
    'total_spent > 0.0000001',
    `total_spent > 0.${'0'.repeat(500)}1`,
    'age > 1and age > 2',
    "country > 'DE'",
    "country <= 'DE'",
    "age = '1'",
    'country = 1',
    "country = 'a' 'b'",
    "country = 'a'\n'b'",
    'age > $1',
    'age > ?',
    'age > ?1',
    "country = 'DE'' and age > 1",
    'age > 1 AND \u212Aage > 1',
    '*',
    '(*)',
    'age > *',
    '#1 > 1',
    '#',
    '@age > 1',
    '~ total_spent > 1',
    'total_spent > 1 & age > 3',
    'total_spent > 1 && age > 3',
    'total_spent > 1 || age > 3',
    '! total_spent > 1',
    '!(total_spent > 1)',
    '"total_spent" > 1',
    '"age">1 or "AGE">1',
    'age > 1 --',
    '-- \nage > 1',
    'age > 1 /**/',
    'age/**/> 1',
    'age > 1 \\',
    '\\age > 1',
    'age \\> 1',
    "country = \\'",
    "country = '\\''",
    'country = "',
    'age > 1\0',
    'age > 1\0 or age > 2',
    '\u0001age > 1',
    'age > 1\u0008',
    'age\u000B> 1',
    'age\u000C> 1',
    'age\u001B> 1',
    'age > 1\u007F',
    'age\u0085> 1',
    'age\u00A0> 1',
    'age > 1\u00A0AND age > 2',
    'age\u2003> 1',
    'age\u2028> 1',
    'age\u3000> 1',
    'age\u200B> 1',
    'age \u200F> 1',
    '\u202Eage > 1',
    '\uFEFFage > 1 and\uFEFF age > 2',
    'ａｇｅ > 1',
    'age ＞ 1',
    'age ＝ 1',
    'age ≥ 1',
    'age > １',
    'age > ١',
    '（age > 1）',
    'country = ‘’',
    'country = ＇＇',
    'country = `` ',
    'age > 1 💶',
  ],
  'is no whole condition': [
    'AND total_spent > 1',
    'total_spent > 1 AND',
    'total_spent > 1 session_count > 1',
    'total_spent > 1 AND OR session_count > 1',
    'total_spent > 1 NOT session_count > 1',
    '(total_spent > 1',
    'total_spent > 1)',
    'total_spent > 1) or (age > 1',
    '()',
    '( )',
    '(()) age > 1',
    'AND',
    'not',
    'OR NOT',
    '(age > 1)(age > 2)',
    ')(',
    'age > 1 not',
    "country = 'a\0b'",
    "country = '\0'",
    `${'('.repeat(992)}age > 1`,
    `age > 1${')'.repeat(992)}`,
    '('.repeat(1000),
    'NOT '.repeat(250).trim(),
    `${'()'.repeat(500)}`,
  ],
} as const;

describe('a rule', () => {
  test('is kept as it is written', async () => {
    expect(await lines(...kept.map((rule, at) => segment(rule, at, `kept ${at}`)))).toMatchObject({ read: kept.length, added: kept.length, quarantined: 0 });
    expect(await rows("select segment_rules from customer_segments order by split_part(segment_id, '-', 2)::int")).toEqual(kept.map((rule) => [rule]));
  });

  test('is evaluated, however deep and long it is', async () => {
    await lines(JSON.stringify({ customer_id: 'thirty', signup_date: '2024-01-01', age: 30 }));
    // Reading finds the columns that no file had.
    await rows('from customer_segments');
    const { rows: customers } = await runReport(engine, await catalog.report('customer_segmentation_suggestions'), {}, { now: new Date('2026-01-01T00:00:00Z'), label: (name) => name });
    // Of one of 30 without country, city, gender or any event; by hand.
    const holds = ['event_count < 5', "country='DE'and", 'age >= 0', '(((', 'NOT NOT', 'age>1 or'];
    const wanted = kept.flatMap((rule, at) => (holds.some((start) => rule.startsWith(start)) ? [`kept ${at}`] : []));
    expect(wanted).toHaveLength(holds.length);
    expect(String(customers[0]!['rules_met']).split(', ').toSorted()).toEqual(wanted.toSorted());
  });

  test('that is empty is none', async () => {
    expect(await lines(segment('', 0, 'empty'), segment('  ', 1, 'empty'))).toMatchObject({ added: 2, quarantined: 0 });
    expect(await rows("select distinct segment_rules from customer_segments where segment_name = 'empty'")).toEqual([[null]]);
  });

  const hostile = Object.entries(reasons).flatMap(([reason, rules]) => rules.map((rule) => [rule, reason] as const));
  const refused = new Map<string, (string | null)[]>();

  test('that is refused leaves everything as it was', async () => {
    await lines(JSON.stringify({ customer_id: 'c1', signup_date: '2024-01-01', age: 30, email: 'c1@example.com' }));
    const before = await state();
    expect(await lines(...hostile.map(([rule], at) => segment(rule, at)))).toMatchObject({ read: hostile.length, added: 0, updated: 0, unchanged: 0, quarantined: hostile.length });
    expect(await state()).toEqual(before);
    for (const [line, ...said] of await rows("select line, column_name, reason from db.main.quarantine where source = 'customer_segments'")) refused.set(line!, said);
    expect(refused.size).toBe(hostile.length);
  });

  test.each(hostile.map(([rule, reason], at) => [JSON.stringify(rule).slice(0, 80), reason, at + 1] as const))('%s %s', (_, reason, line) => {
    expect(refused.get(String(line))).toEqual(['segment_rules', reason]);
  });
});

test('SQL in a quoted text is text: it holds for who has just that country', async () => {
  const { engine: own, catalog: ours } = await openEngine();
  const report = await ours.report('segment_customers');
  const text = (value: string): string => `'${value.replaceAll("'", "''")}'`;
  await own.run(`insert into customer_profiles (customer_id, signup_date, country, last_updated) values ${quoted.map((country, at) => `('c${at}', date '2024-01-01', ${text(country)}, timestamp '2024-01-01')`).join(', ')}`);
  await own.run(`insert into customer_segments (segment_id, segment_name, segment_rules, last_updated) values ${quoted.map((country, at) => `('s${at}', 'S${at}', ${text(`country = ${text(country)}`)}, timestamp '2024-01-01')`).join(', ')}`);
  for (const at of quoted.keys()) {
    const { rows: members } = await runReport(own, report, { segment_name: `S${at}` }, { now: new Date('2026-01-01T00:00:00Z'), label: (name) => name });
    expect(members.map(({ customer_id, membership, country }) => [customer_id, membership, country])).toEqual([[`c${at}`, 'rule', quoted[at]]]);
  }
  // And the way into the table is open to them.
  expect(await lines(...quoted.map((country, at) => segment(`country = ${text(country)}`, at, 'quoted')))).toMatchObject({ added: quoted.length, quarantined: 0 });
});

/** What a part of the check says of a rule by itself. */
const says = async (part: string, rule: string): Promise<unknown> => (await rowsOf(`select ${part} as said`, rule))[0]!['said'];
const rowsOf = async (sql: string, rule: string): Promise<Row[]> => (await engine.connection.runAndReadAll(sql, { rule })).getRowObjectsJS() as Row[];

describe('what the parser read is checked by itself', () => {
  test.each([
    'age > 1', 'not age > 1 and (age < 2 or country = \'x\')', 'AGE > 1.5', "not (not (gender <> 'a''b'))", 'age <= -1 and age >= 1 and age != 3 and age <> 4',
  ])('accepted: %s', async (rule) => {
    expect(await says('is_condition(rule_tree($rule))', rule)).toBe(true);
    expect(await says('is_rule($rule)', rule)).toBe(true);
  });

  test.each([
    'age > (select 1)', 'exists (select 1)', 'age in (select 1)', '(select age > 1)', '(from customer_profiles)', 'age > 1 from customer_profiles', "age > 1 from read_csv('/etc/passwd')",
    'abs(age) > 1', "read_text('/etc/hostname') = 'x'", "country = getenv('HOME')", 'now() > 1', 'age + 1 > 1', '-age > 1', 'count(*) > 1', 'row_number() over () > 1', "country || 'x' = 'y'", "country like 'x'", "country = 'x' collate nocase",
    'age > 1; select 1', 'age > 1; drop table customer_profiles', 'age > 1, age > 2', '(age > 1, age > 2)', 'age > 1 union select true', 'with x as (select 1) select 1',
    'password > 1', 'customer_metrics.age > 1', 'has_profile', 'rowid > 1', '"age " > 1', 'ſeſſion_count > 1', 'ａｇｅ > 1',
    'age > 1 where age > 2', 'age > 1) where (age > 2', 'age > 1 group by age', 'age > 1 group by all', 'age > 1 having age > 2', 'age > 1 qualify age > 2', 'age > 1 limit 1', 'age > 1 order by 1', 'age > 1 using sample 1', 'distinct age > 1', 'age > 1 as x', 'age > 1 x', 'x: age > 1',
    'age::int > 1', 'cast(age as text) = 1', 'case when age > 1 then true end', 'age is null', 'age between 1 and 2', 'age in (1, 2)', 'age is distinct from 1', 'true', "date '2024-01-01' > 1",
    'age > $1', 'age > ?', '*', 'columns(*) > 1', 'age[1] > 1', '[age] = 1', "{'a': age} = 1", 'list_filter([1], x -> x > 1)', '#1 > 1', 'default',
    '', ' ', '()', 'age >', '(age > 1', 'age > 1 age > 2', "country = 'x", '('.repeat(1000), `${'not '.repeat(249)}`,
  ])('refused: %s', async (rule) => {
    expect(await says('is_condition(rule_tree($rule))', rule)).toBe(false);
    expect(await says('is_rule($rule)', rule)).toBe(false);
  });

  test.each([
    'age > 1 --', 'age > 1 /* x */', '"age" > 1', 'age > age', '1 = 1', "'x' = country", 'age > 1\u00A0and age > 2', 'age > 1\0', "country = $$x$$", "country = E'x'", 'age > 1e5', 'age', 'null', 'age > 1;',
    "age = '1'", 'country = 1', 'age > 1e400',
  ])('refused by its letters, though the parser reads a condition: %s', async (rule) => {
    expect([await says('is_comparisons($rule)', rule), await says('is_rule($rule)', rule)]).toEqual([false, false]);
  });

  test('what is evaluated is what the parser read', async () => {
    expect(await says('rule_condition($rule)', "age>1\nor NOT(country='a''b') AND total_spent>=-1.50")).toBe("((age > 1) OR ((country != 'a''b') AND (total_spent >= -1.50)))");
  });
});

describe('a rule that came into the table by another way', () => {
  const folder = scratch();
  let made = 0;
  async function smuggled(rule: string): Promise<string> {
    const path = join(folder, `${(made += 1)}`);
    writeFileSync(`${path}.ndjson`, `${segment('age > 1', 1)}\n`);
    writeFileSync(`${path}.csv`, 'customer_id,signup_date,age\nc1,2024-01-01,30\n');
    expect((await wattduck(['ingest', `${path}.ndjson`, `${path}.csv`, '--db', `${path}.duckdb`])).status).toBe(0);
    const instance = await DuckDBInstance.create(`${path}.duckdb`);
    const connection = await instance.connect();
    await connection.run("insert into customer_segments (segment_id, segment_name, segment_rules, last_updated) values ('bad', 'Bad', $rule, now()::timestamp)", { rule });
    connection.closeSync();
    instance.closeSync();
    return `${path}.duckdb`;
  }

  const asked = [['segment_customers', '--segment-name', 'S'], ['segment_metrics'], ['customer_segmentation_suggestions']];
  test.each([
    "(select count(*) from read_text('/etc/hostname')) > 0",
    'error(\'it ran\') = \'x\'',
    'false end, false); drop table customer_profiles; --',
    'age > 1) end, false) or coalesce(case when (true',
    'age > 1 where age > 2',
    'age > age',
    'age >',
    `${'('.repeat(500)}age > 1${')'.repeat(500)}`,
    `age > 1${' '.repeat(1000)}`,
    '',
  ])('ends the reports with an error, and is not run: %s', async (rule) => {
    const db = await smuggled(rule);
    for (const args of asked) {
      const { status, stdout, stderr } = await wattduck(['report', ...args, '--db', db]);
      expect([status, stdout, stderr.includes('the rule of segment "bad" is none that may be evaluated'), stderr.includes('it ran')]).toEqual([1, '', true, rule.includes('it ran')]);
      expect(stderr).toContain('Correct it in the file of customer_segments and ingest that again.');
    }
    expect((await wattduck(['sql', 'select age from customer_profiles', '--db', db, '--format', 'csv'])).stdout.trim()).toBe('age\n30');
  });

  test('is told of before any other segment is asked about, and reports that need no segments go on', async () => {
    const db = await smuggled('password > 1');
    expect((await wattduck(['report', 'customer_activity', '--customer-id', 'c1', '--db', db])).status).toBe(0);
    expect((await wattduck(['sql', 'select segment_rules from customer_segments order by 1', '--db', db, '--format', 'csv'])).stdout).toContain('password > 1');
  });
});
