import { join } from 'node:path';
import type { NamedType } from '../catalog/catalog-database.ts';
import { WattduckError } from '../errors/wattduck-error.ts';
import { clipped } from '../text/plain-text.ts';
import { shortMessage } from '../warehouse/duckdb-errors.ts';
import { identifier, literal, type DuckDb } from '../warehouse/duckdb.ts';
import type { Input } from './input.ts';

/**
 * A copy of a Parquet file as one JSON object a line, and the names of its columns. Every value is written as text, so that no digit is lost; lists and structures
 * are JSON. An instant says that it is one; a time without a zone is read like any other.
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
      'failed',
      clipped`${input.name} is a broken Parquet file: ${shortMessage(error as Error).replaceAll(input.path, input.name)}`,
      'Export it again; nothing of it was kept.',
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
