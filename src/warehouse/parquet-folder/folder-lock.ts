import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import { WattduckError } from '../../errors/wattduck-error.ts';
import type { LockWait } from '../connection.ts';
import { duckdbError } from '../duckdb-errors.ts';

/**
 * File that an export holds open as a database, so that DuckDB's lock lets only one export write to the folder. The system
 * releases it with the process, however it ends.
 */
export const lockName = '.export.lock';

/**
 * Takes the lock of a folder, waiting for another export to end.
 * @returns a function that releases it
 * @throws WattduckError (folder_locked, lock_wait_interrupted)
 */
export async function lockFolder(folder: string, lockWait: LockWait): Promise<() => void> {
  const path = join(folder, lockName);
  const deadline = performance.now() + lockWait.seconds * 1000;
  for (let hasNotified = false; ;) {
    const error = await DuckDBInstance.create(path, { autoinstall_known_extensions: 'false', threads: '1' }).then(
      (instance) => {
        return { release: () => instance.closeSync() };
      },
      (cause: unknown) => ({ cause: duckdbError(cause, folder) }),
    );
    if ('release' in error) return error.release;
    const { cause } = error;
    // The process that created the file was killed before it wrote the header.
    if (cause instanceof WattduckError && ['not_a_database', 'database_damaged'].includes(cause.code))
      rmSync(path, { force: true });
    else if (!(cause instanceof WattduckError) || cause.kind !== 'database_locked') throw cause;
    if (performance.now() >= deadline) throw new WattduckError('folder_locked', { path: folder }, cause);
    if (!hasNotified) lockWait.notify(`another export is writing to ${folder}; waiting (Ctrl-C to cancel)`);
    hasNotified = true;
    await setTimeout(200, undefined, { signal: lockWait.signal }).catch((abort: unknown) => {
      throw new WattduckError('lock_wait_interrupted', { path: folder }, abort);
    });
  }
}
