import { expect, test } from 'vitest';
import { badRowCondition, resetScratchTables } from '../../src/ingest/bad-rows.ts';
import { typedRows } from '../../src/ingest/casts.ts';
import { fieldsOfSource } from '../../src/ingest/detect-format.ts';
import { fieldColumn, type Layout } from '../../src/ingest/layout.ts';
import { textRows, typedFields } from '../../src/ingest/text-rows.ts';
import { openEngine } from '../support/duckdb.ts';

const { duckdb, catalog } = await openEngine();
await resetScratchTables(duckdb);
// The few sites are joined with the names of time zones.
const sources = (await catalog.sources())
  .filter(({ name }) => name !== 'sites')
  .map((source) => [source.name, source] as const);

test.each(sources)('%s: DuckDB casts and checks each row by itself, without a join', async (_, source) => {
  const names = typedFields(source).map(({ name }) => name);
  await duckdb.run(
    `create or replace temp table texts (${names.map((_name, place) => `${fieldColumn(place)} varchar`).join(', ')})`,
  );
  const layout: Layout = {
    path: 'texts.csv',
    compression: 'uncompressed',
    format: 'csv',
    names,
    lists: new Map(),
    delimiter: ',',
  };
  for (const zone of ['UTC', 'Europe/Berlin']) {
    const plan = { ...fieldsOfSource(source, names), source, layout, forms: { zone } };
    const { select, checks } = typedRows(plan, textRows(plan, 'texts'));
    const [row] = await duckdb.rows(`explain select * from (${select}) where not (${badRowCondition(checks)})`);
    // DuckDB turns `x in ('a', 'b' …)` into a join if the list is long or has a function.
    expect(String(row?.['explain_value'])).toContain('PROJECTION');
    expect(String(row?.['explain_value'])).not.toContain('JOIN');
  }
});
