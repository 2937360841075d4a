import { createReadStream } from 'node:fs';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { literal, type DuckDb } from '../warehouse/duckdb.ts';

/**
 * A Parquet file in chunks; DuckDB writes Parquet to files only.
 * @param write gets the target of an SQL `copy … to`
 */
export async function* parquetFile(duckdb: DuckDb, write: (target: string) => Promise<void>): AsyncGenerator<Buffer> {
  const folder = await mkdtemp(join(duckdb.workDir ?? '', 'parquet-'));
  try {
    const path = join(folder, 'answer.parquet');
    await write(`${literal(path)} (format parquet)`);
    yield* createReadStream(path) as AsyncIterable<Buffer> as AsyncGenerator<Buffer>;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Creates a folder for DuckDB to write Parquet to, and removes it after the work. */
export async function withWorkDir<T>(work: (workDir: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(await realpath(tmpdir()), 'wattduck-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
