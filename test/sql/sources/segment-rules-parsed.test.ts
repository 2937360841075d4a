import { VARCHAR } from '@duckdb/node-api';
import { describe, expect, test } from 'vitest';
import type { Row } from '../../../src/warehouse/values.ts';
import { openEngine } from '../../support/duckdb.ts';

const { duckdb } = await openEngine();

/** Result of one part of the check on a rule. */
const says = async (part: string, rule: string): Promise<unknown> =>
  (await rowsOf(`select ${part} as said`, rule))[0]!['said'];
const rowsOf = async (sql: string, rule: string): Promise<Row[]> =>
  duckdb.rows(sql, { values: { rule }, types: { rule: VARCHAR } });

describe("the parser's output is checked on its own", () => {
  test.each([
    'age > 1',
    "not age > 1 and (age < 2 or country = 'x')",
    'AGE > 1.5',
    "not (not (gender <> 'a''b'))",
    'age <= -1 and age >= 1 and age != 3 and age <> 4',
  ])('accepted: %s', async (rule) => {
    expect(await says('is_condition(rule_tree($rule))', rule)).toBe(true);
    expect(await says('is_rule($rule)', rule)).toBe(true);
  });

  test.each([
    'age > (select 1)',
    'exists (select 1)',
    'age in (select 1)',
    '(select age > 1)',
    '(from customer_profiles)',
    'age > 1 from customer_profiles',
    "age > 1 from read_csv('/etc/passwd')",
    'abs(age) > 1',
    "read_text('/etc/hostname') = 'x'",
    "country = getenv('HOME')",
    'now() > 1',
    'age + 1 > 1',
    '-age > 1',
    'count(*) > 1',
    'row_number() over () > 1',
    "country || 'x' = 'y'",
    "country like 'x'",
    "country = 'x' collate nocase",
    'age > 1; select 1',
    'age > 1; drop table customer_profiles',
    'age > 1, age > 2',
    '(age > 1, age > 2)',
    'age > 1 union select true',
    'with x as (select 1) select 1',
    'password > 1',
    'customer_metrics.age > 1',
    'has_profile',
    'rowid > 1',
    '"age " > 1',
    'ſeſſion_count > 1',
    'ａｇｅ > 1',
    'age > 1 where age > 2',
    'age > 1) where (age > 2',
    'age > 1 group by age',
    'age > 1 group by all',
    'age > 1 having age > 2',
    'age > 1 qualify age > 2',
    'age > 1 limit 1',
    'age > 1 order by 1',
    'age > 1 using sample 1',
    'distinct age > 1',
    'age > 1 as x',
    'age > 1 x',
    'x: age > 1',
    'age::int > 1',
    'cast(age as text) = 1',
    'case when age > 1 then true end',
    'age is null',
    'age between 1 and 2',
    'age in (1, 2)',
    'age is distinct from 1',
    'true',
    "date '2024-01-01' > 1",
    'age > $1',
    'age > ?',
    '*',
    'columns(*) > 1',
    'age[1] > 1',
    '[age] = 1',
    "{'a': age} = 1",
    'list_filter([1], x -> x > 1)',
    '#1 > 1',
    'default',
    '',
    ' ',
    '()',
    'age >',
    '(age > 1',
    'age > 1 age > 2',
    "country = 'x",
    '('.repeat(1000),
    `${'not '.repeat(249)}`,
  ])('rejected: %s', async (rule) => {
    expect(await says('is_condition(rule_tree($rule))', rule)).toBe(false);
    expect(await says('is_rule($rule)', rule)).toBe(false);
  });

  test.each([
    'age > 1 --',
    'age > 1 /* x */',
    '"age" > 1',
    'age > age',
    '1 = 1',
    "'x' = country",
    'age > 1\u00A0and age > 2',
    'age > 1\0',
    'country = $$x$$',
    "country = E'x'",
    'age > 1e5',
    'age',
    'null',
    'age > 1;',
    "age = '1'",
    'country = 1',
    'age > 1e400',
  ])('rejected by its characters, though the parser reads a condition: %s', async (rule) => {
    expect([await says('is_comparisons($rule)', rule), await says('is_rule($rule)', rule)]).toEqual([false, false]);
  });

  test('the evaluated rule is the parsed one', async () => {
    expect(await says('rule_condition($rule)', "age>1\nor NOT(country='a''b') AND total_spent>=-1.50")).toBe(
      "((age > 1) OR ((country != 'a''b') AND (total_spent >= -1.50)))",
    );
  });
});
