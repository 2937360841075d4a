import { watch } from 'node:fs';
import { dirname } from 'node:path';

/** Numbers from 0 to 1, the same in every run; what the program does at such a moment never is quite the same. */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
}

/** Waits until DuckDB writes to the log of a database, the n-th time from now. Answers false where the work ends before. */
export async function waitForWalWrite(db: string, times: number, ended: Promise<unknown>): Promise<boolean> {
  let left = times;
  const watcher = watch(dirname(db));
  const reached = new Promise<boolean>((resolve) =>
    watcher.on('change', (_, name) => {
      if (String(name).endsWith('.wal') && (left -= 1) <= 0) resolve(true);
    }),
  );
  try {
    return await Promise.race([reached, ended.then(() => false)]);
  } finally {
    watcher.close();
  }
}

/** How many kills hit the program while it ran, and how many of them while it committed. */
export interface KillCounts {
  wanted: number;
  wantedAtCommit: number;
  hits: number;
  atCommit: number;
}

/** Whether more kills are needed. @throws where so many missed that the program is never hit */
export function needsMore(hits: KillCounts, attempts: number): boolean {
  if (hits.hits >= hits.wanted && hits.atCommit >= hits.wantedAtCommit) return false;
  if (attempts > hits.wanted * 5)
    throw new Error(`only ${hits.hits} of ${attempts} kills hit the program, ${hits.atCommit} at a commit`);
  return true;
}
