import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openEngine } from '../support/duckdb.ts';

const { duckdb, catalog } = await openEngine();
const view = (await catalog.views()).find(({ name }) => name === 'customer_metrics')!;
const { numbers, texts, metrics } = (await duckdb.row(
  'select rule_numbers() as numbers, rule_texts() as texts, rule_metrics() as metrics',
)) as Record<string, string[]>;

test('rule metrics are described columns of the view customer_metrics, in its order', () => {
  const described = view.columns.map(({ name }) => name);
  expect(described.filter((name) => metrics!.includes(name))).toEqual(metrics);
  expect(described.filter((name) => !metrics!.includes(name))).toEqual([
    'customer_id',
    'viewing_visits',
    'buying_visits',
  ]);
  expect(metrics).toEqual([...numbers!, ...texts!]);
});

test('the source of the rules lists exactly these metrics', async () => {
  const { description } = (await catalog.source('customer_segments')).columns.find(
    ({ name }) => name === 'segment_rules',
  )!;
  const [, ofNumbers, ofTexts] = /Compared with numbers: (.*); compared with quoted strings by = and <>: (.*)$/.exec(
    description,
  )!;
  expect([ofNumbers!.split(', '), ofTexts!.split(', ')]).toEqual([numbers, texts]);
});

test('metrics compared with numbers are numbers, the others are strings', () => {
  const typeOf = (name: string): string => view.columns.find((column) => column.name === name)!.type;
  expect(numbers!.filter((name) => !/^(BIGINT|HUGEINT|INTEGER|DOUBLE|DECIMAL\(.*\))$/.test(typeOf(name)))).toEqual([]);
  expect(texts!.filter((name) => typeOf(name) !== 'VARCHAR')).toEqual([]);
});

test('meets_rule takes a segment and all metrics in this order', async () => {
  const { parameters } = await duckdb.row(
    "select parameters from duckdb_functions() where function_name = 'meets_rule'",
  );
  expect(parameters).toEqual(['segment', ...metrics!]);
  const asked = /meets_rule\(([^)]*)\)/.exec(readFileSync('sql/views/segment_members.sql', 'utf8'))![1]!;
  expect(asked.split(',').map((name) => name.trim())).toEqual(['segment_id', ...metrics!]);
});
