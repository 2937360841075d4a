import { join } from 'node:path';
import type { NamedType } from '../catalog/catalog-database.ts';
import { WattduckError } from '../errors/wattduck-error.ts';
import { shortMessage } from '../warehouse/duckdb-errors.ts';
import { identifier, literal, type DuckDb } from '../warehouse/duckdb.ts';
import type { Input } from './input.ts';

/**
 * Copies a Parquet file to one JSON object per line, and returns the path and column names. Values are written as text, to keep every
 * digit; lists and structs as JSON. Times with a time zone are written in UTC with a Z; other times have no offset.
 */
export async function parquetToNdjson(duckdb: DuckDb, input: Input): Promise<{ path: string; names: string[] }> {
  const path = join(await input.scratch(), 'rows.ndjson');
  const rows = `read_parquet(${literal(input.path)}, hive_partitioning = false)`;
  try {
    const { columns } = await duckdb.describeInFile(`from ${rows}`);
    await duckdb.run(
      `copy (select ${columns.map(jsonColumn).join(', ')} from ${rows}) to ${literal(path)} (format json)`,
    );
    return { path, names: columns.map(({ name }) => name) };
  } catch (error) {
    if (/INTERRUPT|No space left|Out of Memory|could not allocate/i.test((error as Error).message)) throw error;
    throw new WattduckError(
      'broken_parquet',
      { file: input.name, reason: shortMessage(error as Error).replaceAll(input.path, input.name) },
      error,
    );
  }
}

function jsonColumn({ name, type }: NamedType): string {
  const column = identifier(name);
  if (/^(STRUCT|MAP|UNION|VARIANT|JSON)|\]$/.test(type)) return column;
  const text =
    type === 'TIMESTAMP WITH TIME ZONE'
      ? `strftime(timezone('UTC', ${column}), '%Y-%m-%dT%H:%M:%S.%fZ')`
      : `${column}::varchar`;
  return `${text} as ${column}`;
}
