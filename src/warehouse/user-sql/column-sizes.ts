import type { Source } from '../../catalog/definitions.ts';
import { identifier, type Engine } from '../engine.ts';
import { quarantineOf } from '../quarantine-tables.ts';
import { foldName } from './limits.ts';
import { smallValue } from './size.ts';

/** Column names of a table, in order, each with the most bytes one of its values has. */
export type ColumnSizes = readonly (readonly [name: string, bytes: number])[];

/** Assumed where DuckDB keeps no statistics, as for computed columns. */
const unknownText = 65_536;

/** Measures tables by DuckDB's own statistics, without reading their rows. */
export async function measureTables(
  engine: Engine,
  tables: readonly string[],
  sources: readonly Source[],
): Promise<Map<string, ColumnSizes>> {
  const quarantines = new Set(sources.map((source) => foldName(quarantineOf(source))));
  const measured = new Map<string, ColumnSizes>();
  for (const table of tables) {
    if (!quarantines.has(table)) measured.set(table, await measureTable(engine, table));
    else measured.set(table, await measureQuarantine(engine, table));
  }
  return measured;
}

async function measureTable(engine: Engine, table: string): Promise<ColumnSizes> {
  const { columns } = await engine.describeThere(`from ${identifier(table)}`);
  const texts = columns.filter(({ type }) => isText(type)).map(({ name }) => name);
  // An empty table has no row of statistics, and no long value.
  const [row = {}] =
    texts.length === 0
      ? []
      : await engine.rows(
          `select ${texts.map((name) => `stats(${identifier(name)}) as ${identifier(name)}`).join(', ')} from ${identifier(table)} limit 1`,
        );
  return columns.map(({ name }) => [foldName(name), name in row ? bytesIn(String(row[name])) : smallValue]);
}

/** The view of a quarantine computes its columns from the rejected rows: none is longer than they are. */
async function measureQuarantine(engine: Engine, table: string): Promise<ColumnSizes> {
  const longest = Math.max(...(await measureTable(engine, 'quarantine')).map(([, bytes]) => bytes));
  const { columns } = await engine.describeThere(`from ${identifier(table)}`);
  return columns.map(({ name }) => [foldName(name), longest + 256]);
}

const isText = (type: string): boolean => /^(VARCHAR|JSON|BLOB)$|\[|STRUCT|MAP/.test(type);

function bytesIn(stats: string): number {
  const found = /^\[Min: .*Max String Length: (\d+)\]/s.exec(stats)?.[1];
  return found === undefined ? unknownText : Math.max(smallValue, Number(found));
}
