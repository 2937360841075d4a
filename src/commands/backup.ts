import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Command } from 'commander';
import { toFileError, withFileError } from '../errors/system-error.ts';
import { WattduckError } from '../errors/wattduck-error.ts';
import type { Io } from '../io.ts';
import type { GlobalOptions } from '../settings.ts';
import { formatSize, pluralize } from '../text/format-number.ts';
import { clipped } from '../text/plain-text.ts';
import type { DatabaseSize } from '../warehouse/connection.ts';
import { syncPath } from '../warehouse/sync-path.ts';
import { addCommonOptions, withContext, type CommandContext } from './context.ts';

type BackupOptions = GlobalOptions & { force?: boolean };

export const backupCommand = (io: Io): Command =>
  addCommonOptions(new Command('backup'))
    .argument('<file>', 'File to write')
    .option('--force', 'Replace an existing database')
    .addHelpText(
      'after',
      '\nThe copy has the state of one moment, with tokens and issues, even while others write. It is a database like any other.\n\nExamples:\n  wattduck backup backups/network-2026-01-31.duckdb\n  wattduck report revenue-summary --db backups/network-2026-01-31.duckdb',
    )
    .action((file: string, options: BackupOptions) =>
      withContext(io, options, (context) => backUp(context, file, options)),
    );

async function backUp(context: CommandContext, file: string, { force = false }: BackupOptions): Promise<void> {
  const { io, duckdb, catalog, settings, lockWait } = context;
  const path = settings.db.value;
  const { openForReading } = await import('../warehouse/database.ts');
  const target = await checkTarget(file, path, force);
  const folder = withFileError(file, () => mkdtempSync(join(dirname(target), '.wattduck-backup-')));
  const stopped = lockWait.signal;
  try {
    await openForReading(duckdb, path, catalog, { lockWait, workDir: folder, isForCopy: true });
    // A server writes to its own folder.
    const written = join(duckdb.isRemote ? duckdb.workDir! : folder, 'copy.duckdb');
    if (duckdb.isRemote) await duckdb.run('rollback');
    const size = await copyWithError(() => duckdb.copyDatabase(written), path);
    const copy = join(folder, 'copy.duckdb');
    if (written !== copy) withFileError(file, () => copyFileSync(written, copy));
    withFileError(file, () => chmodSync(copy, 0o600));
    await verifyCopy(copy, path, size);
    stopped.throwIfAborted();
    const { size: bytes } = statSync(copy);
    moveIntoPlace(copy, target, file, force);
    io.stdout.write(
      clipped`${path}: ${pluralize(size.rows, 'row')} in ${pluralize(size.tables, 'table')} copied to ${file} (${formatSize(bytes)})\n`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The real path of the file to write. @throws WattduckError if it must not be written */
async function checkTarget(file: string, path: string, force: boolean): Promise<string> {
  const isLink = withFileError(file, () => lstatSync(file, { throwIfNoEntry: false }))?.isSymbolicLink() ?? false;
  if (isLink && !existsSync(file))
    throw new WattduckError('backup_not_replaceable', { path: file, reason: 'it is a link to a missing file' });
  const target = existsSync(file) ? realpathSync(file) : resolve(file);
  if (existsSync(path) && target === realpathSync(path)) throw new WattduckError('backup_is_database', { path: file });
  if (existsSync(target)) {
    if (statSync(target).isDirectory()) throw toFileError({ code: 'EISDIR' }, file);
    if (!force) throw new WattduckError('backup_exists', { path: file });
    const { assertDuckdbFile } = await import('../warehouse/database.ts');
    await assertDuckdbFile(target).catch((error: unknown) => {
      if (!(error instanceof WattduckError) || error.code !== 'not_a_database') throw error;
      throw new WattduckError('backup_not_replaceable', { path: file, reason: 'it is not a DuckDB database' });
    });
  }
  // Its log would be applied to the new file.
  if (existsSync(`${target}.wal`))
    throw new WattduckError('backup_not_replaceable', {
      path: file,
      reason: 'it has a log (.wal), so it may be in use',
    });
  return target;
}

/** Opens the copy as any command would, and counts its rows. @throws WattduckError (backup_invalid) */
async function verifyCopy(copy: string, path: string, expected: DatabaseSize): Promise<void> {
  const { DuckDb, literal } = await import('../warehouse/duckdb.ts');
  const duckdb = await DuckDb.open();
  try {
    await duckdb.run(`attach ${literal(copy)} as db (read_only)`);
    const { tables, rows } = await duckdb.databaseSize('db');
    if (tables !== expected.tables || rows !== expected.rows)
      throw new Error(`${rows} rows instead of ${expected.rows}`);
    await duckdb.row('select version from db.schema_version');
  } catch (error) {
    throw new WattduckError('backup_invalid', { path, reason: (error as Error).message }, error);
  } finally {
    await duckdb.close();
  }
}

/** Moves a complete file to its name; without `force`, another file of that name is never replaced. */
function moveIntoPlace(copy: string, target: string, file: string, force: boolean): void {
  withFileError(file, () => {
    syncPath(copy);
    if (force) renameSync(copy, target);
    else linkOrRename(copy, target, file);
    syncPath(dirname(target));
  });
}

/** A link fails if the name exists by now; some file systems have none. */
function linkOrRename(copy: string, target: string, file: string): void {
  try {
    linkSync(copy, target);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST' || existsSync(target))
      throw new WattduckError('backup_exists', { path: file }, error);
    renameSync(copy, target);
  }
}

async function copyWithError<T>(work: () => Promise<T>, path: string): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { duckdbError } = await import('../warehouse/duckdb-errors.ts');
    throw duckdbError(error, path);
  }
}
