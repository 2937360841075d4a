import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import pLimit from 'p-limit';
import type { Catalog } from '../../catalog/catalog.ts';
import type { Action, PageDefinition, Report } from '../../catalog/definitions.ts';
import { WattduckError } from '../../errors/wattduck-error.ts';
import type { Bindings, DatabaseSize, LockWait, StatementObserver } from '../../warehouse/connection.ts';
import type { ClickHouseSource } from '../../warehouse/clickhouse/connection.ts';
import { connectClickHouse } from '../../warehouse/clickhouse/connect.ts';
import { DatabaseFile } from '../../warehouse/database-file.ts';
import { detach, openForWriting, prepareToRead, searchPathSql, snapshotSql } from '../../warehouse/database.ts';
import { databaseLostError, duckdbError } from '../../warehouse/duckdb-errors.ts';
import type { DuckDb } from '../../warehouse/duckdb.ts';
import { readLockFile, removeStaleLock, workDirPrefix } from '../../warehouse/lock-file.ts';
import { allowedFolders, isFolderPath } from '../../warehouse/parquet-folder/open-folder.ts';
import { WriteAheadLog } from '../../warehouse/write-ahead-log.ts';
import { ServedFolder } from './served-folder.ts';

/** Which database to own, and how. */
export interface OwnerOptions {
  path: string;
  /** True if personal data is hidden. */
  redact: boolean;
  lockWait: LockWait;
  /** ClickHouse, which reports run on; the file then has tokens and requests alone. */
  engine?: ClickHouseSource | undefined;
}

/** Milliseconds after which answers of another engine may be outdated: it does not say when its data change. */
const engineCacheMs = 10_000;

/** Max queries at the same time; more would only share the same cores. */
const maxReaders = 8;

const commitPattern = /^\s*commit\b/i;
const writePattern = /^\s*(commit|insert|update|delete|merge)\b/i;
const layoutPattern = /^\s*(create|alter)\s+table\s+db\./i;
const tokensPattern = /^\s*(insert into|update|delete from) tokens\b/i;

/**
 * The one process that has a database file open. It writes one transaction at a time, reads on several connections at once, and
 * restricts DuckDB's file access to its work folder. A Parquet folder is only read: tokens and requests are kept in memory.
 */
export class DatabaseOwner implements StatementObserver {
  readonly catalog: Catalog;
  readonly path: string;
  readonly reports: readonly Report[];
  readonly acknowledgeAction: Action;
  readonly pages: readonly PageDefinition[];
  /** The only folder DuckDB can access besides the database; deleted on close. */
  readonly workDir: string;
  readonly #duckdb: DuckDb;
  /** True if personal data is hidden. */
  readonly redact: boolean;
  /** Undefined for a Parquet folder, which has no database file. */
  readonly #file: DatabaseFile | undefined;
  readonly #wal: WriteAheadLog | undefined;
  readonly #folder: ServedFolder | undefined;
  readonly #writeLock = pLimit(1);
  readonly #writeQueue = pLimit(1);
  readonly #readQueue = pLimit(maxReaders);
  readonly #idleReaders: Reader[] = [];
  readonly #activeReads = new Set<Promise<unknown>>();
  #writer: Promise<DuckDb> | undefined;
  #layoutVersion = 0;
  /** True while an open transaction has changed the table layout. */
  #hasLayoutChange = false;
  #hasTokensChange = false;
  /** True once the owner is closing. */
  isEnding = false;
  /** Number of writes, and of new states of a Parquet folder. */
  #writes = 0;
  /** The other engine that reports run on, if any. */
  readonly engine: ClickHouseSource | undefined;
  /** Rises when tokens are created or revoked. */
  tokensVersion = 0;

  private constructor(
    duckdb: DuckDb,
    catalog: Catalog,
    [reports, acknowledgeAction, pages]: [Report[], Action, PageDefinition[]],
    workDir: string,
    { path, redact, engine }: OwnerOptions,
    folder: ServedFolder | undefined,
  ) {
    this.#duckdb = duckdb;
    this.catalog = catalog;
    this.reports = reports;
    this.acknowledgeAction = acknowledgeAction;
    this.pages = pages;
    this.workDir = workDir;
    this.path = path;
    this.redact = redact;
    this.engine = engine;
    this.#folder = folder;
    this.#file = folder ? undefined : new DatabaseFile(path);
    this.#wal = folder ? undefined : new WriteAheadLog(path);
  }

  /** @throws WattduckError (already_served) */
  static async open(duckdb: DuckDb, catalog: Catalog, options: OwnerOptions): Promise<DatabaseOwner> {
    // Reports are checked before the database is open: its tables may lack columns.
    const checked: [Report[], Action, PageDefinition[]] = [
      await catalog.reports(),
      await catalog.action('acknowledge'),
      await catalog.pages(),
    ];
    const folder = isFolderPath(options.path) ? await ServedFolder.open(duckdb, options.path, catalog) : undefined;
    if (!folder) await openToOwn(duckdb, catalog, options);
    const workDir = await mkdtemp(join(tmpdir(), workDirPrefix));
    try {
      await duckdb.restrictFileAccess(workDir, folder ? allowedFolders(folder.root) : []);
    } catch (error) {
      await rm(workDir, { recursive: true, force: true });
      throw error;
    }
    return new DatabaseOwner(duckdb, catalog, checked, workDir, options, folder);
  }

  /** Name of the database that reports read, for pages. */
  get databaseName(): string {
    return this.engine?.client.address.database ?? basename(this.path);
  }

  /** Whether a Parquet folder is served, which is read-only. */
  get isReadOnly(): boolean {
    return this.#folder !== undefined;
  }

  /** Opens the state of a new export of a Parquet folder. @param warn receives the reason if that fails */
  async refresh(warn: (line: string) => void): Promise<void> {
    await this.#folder?.refresh({
      connect: () => this.#connect(),
      onChange: () => {
        this.#writes += 1;
        this.#layoutVersion += 1;
      },
      warn,
    });
  }

  /** Rises with every write, and in time on another engine: results computed before may be outdated. */
  get dataVersion(): number {
    return this.#writes + (this.engine ? Math.floor(Date.now() / engineCacheMs) : 0);
  }

  /** A report by name. @throws Error if it does not exist */
  report(name: string): Report {
    const report = this.reports.find((each) => each.name === name);
    if (!report) throw new Error(`report ${name} not found`);
    return report;
  }

  /**
   * Runs queries in one read-only transaction on a separate connection, so that all see the same snapshot. Aborting the signal
   * interrupts them, or removes them from the queue.
   */
  read<T>(work: (duckdb: DuckDb) => Promise<T>, signal: AbortSignal): Promise<T> {
    let duckdb: DuckDb | undefined;
    return new Promise((resolve, reject) => {
      const cancel = (): void => (duckdb ? duckdb.interrupt() : reject(signal.reason as Error));
      signal.addEventListener('abort', cancel, { once: true });
      const pending = this.#readQueue(async () => {
        signal.throwIfAborted();
        const reader = this.#idleReaders.pop() ?? (await this.#openReader());
        let endStatement = 'rollback';
        try {
          // The client may have disconnected while the connection was opened.
          signal.throwIfAborted();
          duckdb = reader.duckdb;
          if (!this.engine) {
            await duckdb.run(snapshotSql);
            await this.#refreshViews(reader);
          }
          const result = await work(duckdb);
          endStatement = 'commit';
          return result;
        } finally {
          signal.removeEventListener('abort', cancel);
          reader.duckdb.clearInterrupt();
          await this.#releaseReader(reader, endStatement);
        }
      });
      this.#activeReads.add(pending);
      pending.then(resolve, reject).finally(() => this.#activeReads.delete(pending));
    });
  }

  /** Ends the transaction of a reader. A rollback also undoes its views; a reader that fails here is not reused. */
  async #releaseReader(reader: Reader, endStatement: string): Promise<void> {
    if (endStatement !== 'commit') reader.layoutVersion = -1;
    try {
      if (!this.engine) await reader.duckdb.run(endStatement);
      this.#idleReaders.push(reader);
    } catch {
      await reader.duckdb.close();
    }
  }

  /** Number of reads that run, and that wait. */
  get queries(): { running: number; waiting: number } {
    return { running: this.#readQueue.activeCount, waiting: this.#readQueue.pendingCount };
  }

  /**
   * Runs work on the server's one writing connection. The work takes the write lock itself.
   * @throws WattduckError (folder_read_only)
   */
  async write<T>(work: (duckdb: DuckDb) => Promise<T>): Promise<T> {
    if (this.#folder) throw new WattduckError('folder_read_only', { path: this.path });
    this.checkFile();
    return this.writeSystem(work);
  }

  /** The same for tokens, which a Parquet folder has in memory. */
  async writeSystem<T>(work: (duckdb: DuckDb) => Promise<T>): Promise<T> {
    return this.#writeQueue(async () => work(await (this.#writer ??= this.openWriter())));
  }

  /** A new connection that can write. */
  openWriter(): Promise<DuckDb> {
    return this.#connect(this);
  }

  async #connect(observer?: StatementObserver): Promise<DuckDb> {
    const duckdb = await this.#duckdb.openConnection(observer);
    await duckdb.run(searchPathSql);
    return duckdb;
  }

  async #openReader(): Promise<Reader> {
    const duckdb = await this.#connect();
    if (this.engine) connectClickHouse(duckdb, this.engine);
    return { duckdb, layoutVersion: -1 };
  }

  /** Copies the database into a new file in the work folder. Aborting the signal cancels it. */
  async copyTo(path: string, signal: AbortSignal): Promise<DatabaseSize> {
    this.checkFile();
    const duckdb = await this.#connect();
    const cancel = (): void => duckdb.interrupt();
    signal.addEventListener('abort', cancel, { once: true });
    try {
      signal.throwIfAborted();
      return await duckdb.copyDatabase(path);
    } finally {
      signal.removeEventListener('abort', cancel);
      await duckdb.close();
    }
  }

  /** The owner's own connection, for short queries of system tables. */
  get systemConnection(): DuckDb {
    return this.#duckdb;
  }

  /** Writes to system tables, without invalidating cached responses. */
  async log(sql: string, bindings: Bindings): Promise<void> {
    this.beforeStatement(sql);
    try {
      await this.#duckdb.run(sql, bindings);
      await this.ensureDurable(sql);
    } catch (error) {
      this.onError(sql);
      throw duckdbError(error, this.path);
    }
  }

  /** @throws Error if the database file was deleted, replaced or truncated */
  checkFile(): void {
    const damage = this.#file?.findDamage();
    if (damage !== undefined) throw databaseLostError(damage);
  }

  beforeStatement(sql: string): void {
    if (!writePattern.test(sql)) return;
    this.checkFile();
    this.#wal?.beforeWrite();
  }

  onError(sql: string): void {
    if (writePattern.test(sql)) this.#wal?.refresh();
  }

  async ensureDurable(sql: string): Promise<void> {
    if (!this.#wal || !writePattern.test(sql)) return;
    const isInLog = this.#wal.afterCommit();
    this.checkFile();
    // If the write-ahead log was deleted or changed, its rows would be lost when the process is killed.
    if (!isInLog) await this.#checkpoint();
  }

  withWriteLock<T>(work: () => Promise<T>): Promise<T> {
    return this.#writeLock(work);
  }

  afterStatement(sql: string): void {
    if (layoutPattern.test(sql)) this.#hasLayoutChange = true;
    if (tokensPattern.test(sql)) this.#hasTokensChange = true;
    if (writePattern.test(sql)) this.#writes += 1;
    if (tokensPattern.test(sql) || (commitPattern.test(sql) && this.#hasTokensChange)) this.tokensVersion += 1;
    if (!commitPattern.test(sql)) return;
    if (this.#hasLayoutChange) this.#layoutVersion += 1;
    this.#hasLayoutChange = false;
    this.#hasTokensChange = false;
  }

  /** Recreates the views of a reader after the table layout changed, and in every read while it is changing. */
  async #refreshViews(reader: Reader): Promise<void> {
    if (reader.layoutVersion === this.#layoutVersion && !this.#hasLayoutChange) return;
    reader.layoutVersion = this.#hasLayoutChange ? -1 : this.#layoutVersion;
    await prepareToRead(reader.duckdb, this.catalog, undefined, this.redact);
  }

  /**
   * Closes the database. If its file was deleted, replaced or truncated, the rows are saved under another name first.
   * @throws WattduckError (database_file_lost, database_file_saved)
   */
  async #closeFile(): Promise<void> {
    if (!this.#file || !this.#wal) return;
    const damage = this.#file.findDamage();
    if (damage === undefined) await this.#checkpoint();
    else await this.#duckdb.run('pragma disable_checkpoint_on_shutdown');
    const saved = damage === undefined ? undefined : await this.#file.saveCopy(this.#wal);
    await detach(this.#duckdb);
    this.#file.close();
    if (damage === undefined) return;
    if (saved === undefined) throw new WattduckError('database_file_lost', { path: this.path, damage });
    throw new WattduckError('database_file_saved', { path: this.path, damage, saved });
  }

  async #checkpoint(): Promise<void> {
    try {
      await this.#duckdb.run('checkpoint db');
    } catch (error) {
      throw duckdbError(error, this.path);
    }
  }

  /** Number of reads and writes of requests that run or wait. */
  get activeCount(): number {
    return (
      this.#readQueue.activeCount +
      this.#readQueue.pendingCount +
      this.#writeQueue.activeCount +
      this.#writeQueue.pendingCount
    );
  }

  /** Waits for running work, checkpoints the database and closes it. */
  async close(): Promise<void> {
    this.isEnding = true;
    try {
      await Promise.allSettled(this.#activeReads);
      await this.#writeQueue(() => this.withWriteLock(async () => undefined));
      for (const { duckdb } of this.#idleReaders) await duckdb.close();
      await (await this.#writer)?.close();
      await this.#closeFile();
    } finally {
      await rm(this.workDir, { recursive: true, force: true });
    }
  }
}

/** Opens the database file for writing, and removes what a killed server left. @throws WattduckError (already_served) */
async function openToOwn(duckdb: DuckDb, catalog: Catalog, { path, lockWait }: OwnerOptions): Promise<void> {
  await openForWriting(duckdb, path, catalog, lockWait);
  if (duckdb.isRemote) {
    const { url, pid } = readLockFile(path) ?? {};
    throw new WattduckError('already_served', { path, url, pid });
  }
  removeStaleLock(path);
}

interface Reader {
  duckdb: DuckDb;
  /** Version of the table layout its views were created for; -1 if they are outdated. */
  layoutVersion: number;
}
