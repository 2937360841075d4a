import type { Source } from '../../catalog/definitions.ts';
import { identifier, type DuckDb } from '../duckdb.ts';
import { quarantineTable } from '../quarantine-tables.ts';
import { foldName } from './limits.ts';
import { smallValueBytes } from './size.ts';

/** Columns of a table, in order, each with the maximum bytes of a value. */
export type ColumnSizes = readonly (readonly [name: string, bytes: number])[];

/** Assumed for columns without statistics, such as computed ones. */
const defaultTextBytes = 65_536;

/** Reads the sizes of columns from DuckDB's statistics, without reading rows. */
export async function measureTables(
  duckdb: DuckDb,
  tables: readonly string[],
  sources: readonly Source[],
): Promise<Map<string, ColumnSizes>> {
  const quarantines = new Set(sources.map((source) => foldName(quarantineTable(source))));
  const measured = new Map<string, ColumnSizes>();
  for (const table of tables) {
    if (!quarantines.has(table)) measured.set(table, await measureTable(duckdb, table));
    else measured.set(table, await measureQuarantine(duckdb, table));
  }
  return measured;
}

async function measureTable(duckdb: DuckDb, table: string): Promise<ColumnSizes> {
  const { columns } = await duckdb.describeInFile(`from ${identifier(table)}`);
  const textColumns = columns.filter(({ type }) => isVariableLength(type)).map(({ name }) => name);
  // An empty table returns no statistics; its values count as small.
  const [row = {}] =
    textColumns.length === 0
      ? []
      : await duckdb.rows(
          `select ${textColumns.map((name) => `stats(${identifier(name)}) as ${identifier(name)}`).join(', ')} from ${identifier(table)} limit 1`,
        );
  return columns.map(({ name }) => [foldName(name), name in row ? maxBytesIn(String(row[name])) : smallValueBytes]);
}

/** The view computes its columns from the rejected rows, so no value is longer than a value there. */
async function measureQuarantine(duckdb: DuckDb, table: string): Promise<ColumnSizes> {
  const maxBytes = Math.max(...(await measureTable(duckdb, 'quarantine')).map(([, bytes]) => bytes));
  const { columns } = await duckdb.describeInFile(`from ${identifier(table)}`);
  return columns.map(({ name }) => [foldName(name), maxBytes + 256]);
}

const isVariableLength = (type: string): boolean => /^(VARCHAR|JSON|BLOB)$|\[|STRUCT|MAP/.test(type);

function maxBytesIn(stats: string): number {
  const found = /^\[Min: .*Max String Length: (\d+)\]/s.exec(stats)?.[1];
  return found === undefined ? defaultTextBytes : Math.max(smallValueBytes, Number(found));
}
