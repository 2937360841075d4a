import type { DuckDb } from '../duckdb.ts';

const megabyte = 1024 * 1024;
/**
 * Bytes the process may use beyond DuckDB's limit, because DuckDB does not count the memory of some aggregates. Memory
 * freed by earlier statements may still count as used, so up to `hard` a statement is stopped only for its own growth.
 */
const headroom = { soft: 384 * megabyte, growth: 96 * megabyte, hard: 768 * megabyte };
/** Milliseconds between two checks. */
const interval = 25;

const knownLimits = new WeakMap<DuckDb, number>();

/** Same message as DuckDB's own out-of-memory error. */
export const outOfMemoryError = (): Error => new Error('Out of Memory Error: the process uses more than its limit');

/**
 * Runs a user's statement and calls `stop` when the process grows too far beyond DuckDB's memory limit.
 * @throws Error with DuckDB's out-of-memory message if it was stopped
 */
export async function withMemoryGuard<T>(duckdb: DuckDb, stop: () => void, work: () => Promise<T>): Promise<T> {
  const max = knownLimits.get(duckdb) ?? (await memoryLimit(duckdb));
  knownLimits.set(duckdb, max);
  const initialMemory = process.memoryUsage.rss();
  let isExceeded = false;
  const timer = setInterval(() => {
    const used = process.memoryUsage.rss();
    const isTooMuch =
      used > max + headroom.hard || (used > max + headroom.soft && used > initialMemory + headroom.growth);
    if (isExceeded || !isTooMuch) return;
    isExceeded = true;
    stop();
  }, interval);
  try {
    return await work();
  } catch (error) {
    throw isExceeded ? outOfMemoryError() : error;
  } finally {
    clearInterval(timer);
  }
}

/** DuckDB's memory limit in bytes. */
async function memoryLimit(duckdb: DuckDb): Promise<number> {
  const { limit } = await duckdb.row("select current_setting('memory_limit') as limit");
  const [, number, unit] = /^([\d.]+) (bytes|[KMGT]iB)$/.exec(String(limit)) ?? [];
  return Number(number) * 1024 ** Math.max(0, ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'].indexOf(unit ?? ''));
}
