import type { DuckDb } from '../duckdb.ts';

const megabyte = 1024 * 1024;
/**
 * Memory the process may use beyond DuckDB's own limit: some aggregates allocate where DuckDB does not count. What an earlier
 * statement freed may still count as used, so a statement is only stopped for what it adds, up to the last limit.
 */
const headroom = { soft: 384 * megabyte, growth: 96 * megabyte, hard: 768 * megabyte };
/** Milliseconds between two looks. */
const interval = 25;

const knownLimits = new WeakMap<DuckDb, number>();

/** An error as DuckDB throws it when it runs out of memory by its own count. */
export const outOfMemoryError = (): Error => new Error('Out of Memory Error: the process uses more than its limit');

/**
 * Runs a statement from outside and calls `stop` when the process grows beyond DuckDB's memory limit.
 * @throws Error like DuckDB's own if it was stopped
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

/** DuckDB's limit in bytes. */
async function memoryLimit(duckdb: DuckDb): Promise<number> {
  const { limit } = await duckdb.row("select current_setting('memory_limit') as limit");
  const [, number, unit] = /^([\d.]+) (bytes|[KMGT]iB)$/.exec(String(limit)) ?? [];
  return Number(number) * 1024 ** Math.max(0, ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'].indexOf(unit ?? ''));
}
