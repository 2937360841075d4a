import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  type Stats,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Command } from 'commander';
import { withFileError } from '../errors/system-error.ts';
import { WattduckError } from '../errors/wattduck-error.ts';
import type { Io } from '../io.ts';
import type { GlobalOptions } from '../settings.ts';
import { formatShare, formatSize, pluralize } from '../text/format-number.ts';
import { clipped } from '../text/plain-text.ts';
import { untrustedReason } from '../warehouse/private-path.ts';
import { syncPath } from '../warehouse/sync-path.ts';
import type { TableOrder, TimeOrder } from '../warehouse/time-order.ts';
import { addCommonOptions, withContext, type CommandContext } from './context.ts';
import { startSpinner } from './spinner.ts';

type OptimizeOptions = GlobalOptions & { dryRun?: boolean };

export const optimizeCommand = (io: Io): Command =>
  addCommonOptions(new Command('optimize'))
    .option('--dry-run', 'Print what a rewrite would gain; nothing is written')
    .addHelpText(
      'after',
      '\nRows are sorted by time, so that a report of one month reads about one month. The database is replaced once the new file is complete and verified; that needs free space of its size. Stop a server first.\n\nExamples:\n  wattduck optimize --dry-run\n  wattduck optimize --db network.duckdb',
    )
    .action((options: OptimizeOptions) =>
      withContext(io, options, (context) => (options.dryRun ? printPlan(context) : optimize(context))),
    );

/** Prints how much of each table one month reads, and would read. */
async function printPlan(context: CommandContext): Promise<void> {
  const { io, duckdb, catalog, settings } = context;
  const { estimateMonthShare, tableOrders } = await import('../warehouse/time-order.ts');
  const orders = await tableOrders(duckdb, await catalog.sources());
  await context.openData();
  const path = settings.db.value;
  for (const { name, time, order } of await readOrders(context, 'db', orders))
    io.stdout.write(
      clipped`${name}: one month reads ${formatShare(order.monthShare)} of the rows, about ${formatShare(await estimateMonthShare(duckdb, `db.main.${name}`, time))} in time order\n`,
    );
  io.stdout.write(clipped`${path}: dry run (${formatSize(statSync(path).size)}); nothing was written\n`);
}

async function optimize(context: CommandContext): Promise<void> {
  const { duckdb, catalog, settings, lockWait } = context;
  const path = settings.db.value;
  const { openExistingForWriting } = await import('../warehouse/database.ts');
  const { tableOrders } = await import('../warehouse/time-order.ts');
  const orders = await tableOrders(duckdb, await catalog.sources());
  // From here to the end no other process can open the database.
  await openExistingForWriting(duckdb, path, catalog, lockWait);
  if (duckdb.isRemote) throw await servedError(path);
  const target = realpathSync(path);
  await duckdb.run('checkpoint db');
  assertNoLog(path, target);
  removeLeftovers(target);
  const old = statSync(target);
  const folder = withFileError(path, () => mkdtempSync(join(dirname(target), folderPrefix(target))));
  try {
    assertOwnerCanBeKept(join(folder, 'owner'), old, path);
    await replaceDatabase(context, orders, { target, old, file: join(folder, 'database.duckdb') });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The database file, its state before the rewrite, and the file to write. */
interface Replacement {
  target: string;
  old: Stats;
  file: string;
}

async function replaceDatabase(
  context: CommandContext,
  orders: ReadonlyMap<string, TableOrder>,
  { target, old, file }: Replacement,
): Promise<void> {
  const { io, duckdb, settings, lockWait } = context;
  const path = settings.db.value;
  const { rewriteDatabase, rewrittenDatabase } = await import('../warehouse/rewrite-database.ts');
  const before = await readOrders(context, 'db', orders);
  const spinner = await startSpinner(io, 'Rewriting');
  const written = await rewriteDatabase(duckdb, file, orders, {
    path,
    onTable: (table) => spinner.update(`Rewriting ${table}`),
  })
    .catch(async (error: unknown) => {
      throw await rewriteError(error, path);
    })
    .finally(() => spinner.stop());
  const after = new Map((await readOrders(context, rewrittenDatabase, orders)).map((each) => [each.name, each.order]));
  await duckdb.run(`detach ${rewrittenDatabase}`);
  lockWait.signal.throwIfAborted();
  const size = statSync(file).size;
  // The old file has no log, and must not get one by the name that leads to the new file.
  await duckdb.run('pragma disable_checkpoint_on_shutdown');
  await removeStaleServerFiles(path);
  withFileError(path, () => {
    keepOwnerAndMode(file, old);
    syncPath(file);
    renameSync(file, target);
    syncPath(dirname(target));
  });
  io.stdout.write(
    clipped`${path}: ${pluralize(written.rows, 'row')} in ${pluralize(written.tables, 'table')} rewritten in time order (${formatSize(size)}, before ${formatSize(old.size)})\n`,
  );
  for (const { name, order } of before)
    io.stdout.write(
      clipped`${name}: one month reads ${formatShare(after.get(name)?.monthShare ?? 1)} of the rows, before ${formatShare(order.monthShare)}\n`,
    );
}

/** The order of each table that has a time and more than one row group. */
async function readOrders(
  { duckdb }: CommandContext,
  database: string,
  orders: ReadonlyMap<string, TableOrder>,
): Promise<{ name: string; time: string; order: TimeOrder }[]> {
  const { readTimeOrder } = await import('../warehouse/time-order.ts');
  const present = new Set(
    (
      await duckdb.rows(
        `select table_name as name from duckdb_tables() where database_name = '${database}' and schema_name = 'main'`,
      )
    ).map(({ name }) => String(name)),
  );
  const found = [];
  for (const [name, { time }] of orders) {
    if (time === undefined || !present.has(name)) continue;
    const order = await readTimeOrder(duckdb, `${database}.main.${name}`, time);
    if (order && order.rowGroups > 1) found.push({ name, time, order });
  }
  return found;
}

async function servedError(path: string): Promise<WattduckError> {
  const { readLockFile } = await import('../warehouse/lock-file.ts');
  const { url, pid } = readLockFile(path) ?? {};
  return new WattduckError('optimize_served', { path, url, pid });
}

/** DuckDB would apply a log to the new file. @throws WattduckError (optimize_has_log) */
function assertNoLog(path: string, target: string): void {
  for (const name of new Set([path, target]))
    for (const log of [`${name}.wal`, `${name}.wal.checkpoint`, `${name}.wal.recovery`])
      if ((statSync(log, { throwIfNoEntry: false })?.size ?? 0) > 0)
        throw new WattduckError('optimize_has_log', { path, log });
}

const folderPrefix = (target: string): string => `.${basename(target)}.optimize-`;

/** Removes the folders of killed runs: only one process at a time can rewrite a database. */
function removeLeftovers(target: string): void {
  for (const name of readdirSync(dirname(target))) {
    const [prefix, suffix] = [name.slice(0, -6), name.slice(-6)];
    if (prefix !== folderPrefix(target) || !/^[A-Za-z0-9]{6}$/.test(suffix)) continue;
    const folder = join(dirname(target), name);
    const stats = lstatSync(folder);
    if (stats.isDirectory() && untrustedReason(stats) === undefined) rmSync(folder, { recursive: true, force: true });
  }
}

/** Checks it before the work. @throws WattduckError (optimize_other_owner) */
function assertOwnerCanBeKept(probe: string, old: Stats, path: string): void {
  withFileError(path, () => writeFileSync(probe, ''));
  try {
    keepOwnerAndMode(probe, old);
  } catch (error) {
    throw new WattduckError('optimize_other_owner', { path }, error);
  }
}

function keepOwnerAndMode(file: string, { uid, gid, mode }: Stats): void {
  const own = statSync(file);
  if (own.uid !== uid || own.gid !== gid) chownSync(file, uid, gid);
  chmodSync(file, mode & 0o7777);
}

/** Removes the files of a killed server, while its lock file still names this database. */
async function removeStaleServerFiles(path: string): Promise<void> {
  const { removeStaleLock } = await import('../warehouse/lock-file.ts');
  removeStaleLock(path);
}

async function rewriteError(error: unknown, path: string): Promise<unknown> {
  const { duckdbError, isStatementError, shortMessage } = await import('../warehouse/duckdb-errors.ts');
  const known = duckdbError(error, path);
  return isStatementError(known)
    ? new WattduckError('optimize_failed', { path, reason: shortMessage(known) }, known)
    : known;
}
