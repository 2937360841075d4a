import { WattduckError } from '../../errors.ts';
import type { Engine } from '../engine.ts';

/** Memory the process may use beyond DuckDB's own limit: some aggregates allocate where DuckDB does not count. */
const headroom = 512 * 1024 * 1024;
/** Milliseconds between two looks. */
const interval = 25;

export const outOfMemory = (): WattduckError => new WattduckError('failed', 'the statement needs more memory than there is', 'Ask for fewer rows or groups, or give DuckDB more with --memory-limit.');

/**
 * Runs a statement from outside and calls `stop` when the process grows beyond DuckDB's memory limit.
 * @throws WattduckError (failed) if it was stopped
 */
export async function withMemoryGuard<T>(engine: Engine, stop: () => void, work: () => Promise<T>): Promise<T> {
  const max = (await memoryLimit(engine)) + headroom;
  let isOver = false;
  const timer = setInterval(() => {
    if (isOver || process.memoryUsage.rss() <= max) return;
    isOver = true;
    stop();
  }, interval);
  try {
    return await work();
  } catch (error) {
    throw isOver ? outOfMemory() : error;
  } finally {
    clearInterval(timer);
  }
}

/** DuckDB's limit in bytes. */
async function memoryLimit(engine: Engine): Promise<number> {
  const { limit } = await engine.row("select current_setting('memory_limit') as limit");
  const [, number, unit] = /^([\d.]+) (bytes|[KMGT]iB)$/.exec(String(limit)) ?? [];
  return Number(number) * 1024 ** Math.max(0, ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'].indexOf(unit ?? ''));
}
