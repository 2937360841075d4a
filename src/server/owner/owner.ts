import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pLimit from 'p-limit';
import type { Catalog } from '../../catalog/catalog.ts';
import type { Action, Report } from '../../catalog/definitions.ts';
import { WattduckError } from '../../errors/wattduck-error.ts';
import { clipped } from '../../text/plain-text.ts';
import type { Bindings, LockWait, StatementObserver } from '../../warehouse/connection.ts';
import { DatabaseFile } from '../../warehouse/database-file.ts';
import { detach, openForWriting, prepareToRead, searchPathSql, snapshotSql } from '../../warehouse/database.ts';
import { databaseLostError, duckdbError } from '../../warehouse/duckdb-errors.ts';
import type { DuckDb } from '../../warehouse/duckdb.ts';
import { readLockFile, removeStaleLock, workDirPrefix } from '../../warehouse/lock-file.ts';
import { WriteAheadLog } from '../../warehouse/write-ahead-log.ts';

/** What of a database is to be owned, and how. */
export interface OwnerOptions {
  path: string;
  /** True where what tells of a person is hidden. */
  redact: boolean;
  lockWait: LockWait;
}

/** Queries that run at the same time; more would only share the same cores. */
const maxReaders = 8;

const commitPattern = /^\s*commit\b/i;
const writePattern = /^\s*(commit|insert|update|delete|merge)\b/i;
const layoutPattern = /^\s*(create|alter)\s+table\s+db\./i;
const tokensPattern = /^\s*(insert into|update|delete from) tokens\b/i;

/**
 * The one process that has a database file open: it writes in turn, reads on several connections at once, and closes DuckDB to
 * the disk but for its spool.
 */
export class DatabaseOwner implements StatementObserver {
  readonly catalog: Catalog;
  readonly path: string;
  readonly reports: readonly Report[];
  readonly acknowledgeAction: Action;
  /** The only folder DuckDB reads and writes beside the database; gone when the owner is. */
  readonly workDir: string;
  readonly #duckdb: DuckDb;
  /** True where what tells of a person is hidden. */
  readonly redact: boolean;
  readonly #file: DatabaseFile;
  readonly #wal: WriteAheadLog;
  readonly #writeLock = pLimit(1);
  readonly #writeQueue = pLimit(1);
  readonly #readQueue = pLimit(maxReaders);
  readonly #idleReaders: Reader[] = [];
  readonly #activeReads = new Set<Promise<unknown>>();
  #writer: Promise<DuckDb> | undefined;
  #layoutVersion = 0;
  /** A transaction that changes the layout or tokens is seen before it is committed. */
  #hasLayoutChange = false;
  #hasTokensChange = false;
  /** True from when the owner is told to end. */
  isEnding = false;
  /** Rises with every write: what was computed before may be wrong. */
  dataVersion = 0;
  /** Rises when tokens were made or revoked. */
  tokensVersion = 0;

  private constructor(
    duckdb: DuckDb,
    catalog: Catalog,
    [reports, acknowledgeAction]: [Report[], Action],
    workDir: string,
    { path, redact }: OwnerOptions,
  ) {
    this.#duckdb = duckdb;
    this.catalog = catalog;
    this.reports = reports;
    this.acknowledgeAction = acknowledgeAction;
    this.workDir = workDir;
    this.path = path;
    this.redact = redact;
    this.#file = new DatabaseFile(path);
    this.#wal = new WriteAheadLog(path);
  }

  /** @throws WattduckError (database_locked) where another wattduck serves the file */
  static async open(duckdb: DuckDb, catalog: Catalog, options: OwnerOptions): Promise<DatabaseOwner> {
    // Checked against tables that have every column: those of a file may lack some.
    const checked: [Report[], Action] = [await catalog.reports(), await catalog.action('acknowledge')];
    await openForWriting(duckdb, options.path, catalog, options.lockWait);
    if (duckdb.isRemote) {
      const { url, pid } = readLockFile(options.path) ?? {};
      throw new WattduckError(
        'database_locked',
        clipped`${options.path} is already served at ${url} (process ${pid})`,
        'Use that one, or stop it first.',
      );
    }
    removeStaleLock(options.path);
    const workDir = await mkdtemp(join(tmpdir(), workDirPrefix));
    try {
      await duckdb.restrictFileAccess(workDir);
    } catch (error) {
      await rm(workDir, { recursive: true, force: true });
      throw error;
    }
    return new DatabaseOwner(duckdb, catalog, checked, workDir, options);
  }

  report(name: string): Report {
    const report = this.reports.find((each) => each.name === name);
    if (!report) throw new Error(`no report ${name}`);
    return report;
  }

  /**
   * Runs queries on a connection of their own, in one transaction that only reads: all they answer is of one moment. They are broken
   * off when `stop` is aborted, and never begin where that is while they wait.
   */
  read<T>(work: (duckdb: DuckDb) => Promise<T>, signal: AbortSignal): Promise<T> {
    let duckdb: DuckDb | undefined;
    return new Promise((resolve, reject) => {
      const cancel = (): void => (duckdb ? duckdb.interrupt() : reject(signal.reason as Error));
      signal.addEventListener('abort', cancel, { once: true });
      const pending = this.#readQueue(async () => {
        signal.throwIfAborted();
        const reader = this.#idleReaders.pop() ?? { duckdb: await this.#connect(), layoutVersion: -1 };
        let endStatement = 'rollback';
        try {
          // Its client may have left while the connection was made.
          signal.throwIfAborted();
          duckdb = reader.duckdb;
          await duckdb.run(snapshotSql);
          await this.#refreshViews(reader);
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

  /** What a reader learnt of the layout goes with the transaction it learnt it in; one that can't be ended is not used again. */
  async #releaseReader(reader: Reader, endStatement: string): Promise<void> {
    if (endStatement !== 'commit') reader.layoutVersion = -1;
    try {
      await reader.duckdb.run(endStatement);
      this.#idleReaders.push(reader);
    } catch {
      await reader.duckdb.close();
    }
  }

  /** How many of those run, and wait. */
  get queries(): { running: number; waiting: number } {
    return { running: this.#readQueue.activeCount, waiting: this.#readQueue.pendingCount };
  }

  /** Lets work that changes the file have the one connection of our own for it; it takes its turn among other writers by itself. */
  async write<T>(work: (duckdb: DuckDb) => Promise<T>): Promise<T> {
    this.checkFile();
    return this.#writeQueue(async () => work(await (this.#writer ??= this.openWriter())));
  }

  /** A connection of its own to the file, for one who may write. */
  openWriter(): Promise<DuckDb> {
    return this.#connect(this);
  }

  async #connect(observer?: StatementObserver): Promise<DuckDb> {
    const duckdb = await this.#duckdb.openConnection(observer);
    await duckdb.run(searchPathSql);
    return duckdb;
  }

  /** The owner's own connection, for a short look at our own tables. */
  get systemConnection(): DuckDb {
    return this.#duckdb;
  }

  /** Writes what changes no answer. */
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

  /** @throws where the path leads to another file than the one DuckDB has open, to none, or to a part of it */
  checkFile(): void {
    const damage = this.#file.findDamage();
    if (damage !== undefined) throw databaseLostError(damage);
  }

  beforeStatement(sql: string): void {
    if (!writePattern.test(sql)) return;
    this.checkFile();
    this.#wal.beforeWrite();
  }

  onError(sql: string): void {
    if (writePattern.test(sql)) this.#wal.refresh();
  }

  async ensureDurable(sql: string): Promise<void> {
    if (!writePattern.test(sql)) return;
    const isInLog = this.#wal.afterCommit();
    this.checkFile();
    // Rows in a log that others deleted or changed would be lost if the process were killed.
    if (!isInLog) await this.#checkpoint();
  }

  withWriteLock<T>(work: () => Promise<T>): Promise<T> {
    return this.#writeLock(work);
  }

  afterStatement(sql: string): void {
    if (layoutPattern.test(sql)) this.#hasLayoutChange = true;
    if (tokensPattern.test(sql)) this.#hasTokensChange = true;
    if (writePattern.test(sql)) this.dataVersion += 1;
    if (tokensPattern.test(sql) || (commitPattern.test(sql) && this.#hasTokensChange)) this.tokensVersion += 1;
    if (!commitPattern.test(sql)) return;
    if (this.#hasLayoutChange) this.#layoutVersion += 1;
    this.#hasLayoutChange = false;
    this.#hasTokensChange = false;
  }

  /** While the layout changes, nobody can tell beforehand which one a transaction sees. */
  async #refreshViews(reader: Reader): Promise<void> {
    if (reader.layoutVersion === this.#layoutVersion && !this.#hasLayoutChange) return;
    reader.layoutVersion = this.#hasLayoutChange ? -1 : this.#layoutVersion;
    await prepareToRead(reader.duckdb, this.catalog, undefined, this.redact);
  }

  /** @throws where the file is not at its path, or not whole; what DuckDB has of it is saved under another name first */
  async #closeFile(): Promise<void> {
    const damage = this.#file.findDamage();
    if (damage === undefined) await this.#checkpoint();
    else await this.#duckdb.run('pragma disable_checkpoint_on_shutdown');
    const saved = damage === undefined ? undefined : await this.#file.saveCopy(this.#wal);
    await detach(this.#duckdb);
    this.#file.close();
    if (damage === undefined) return;
    const hint = saved === undefined ? 'Restore it from a copy.' : `Its rows are saved in ${saved}.`;
    throw new WattduckError('failed', clipped`${this.path} ${damage} while the server had it open`, hint);
  }

  async #checkpoint(): Promise<void> {
    try {
      await this.#duckdb.run('checkpoint db');
    } catch (error) {
      throw duckdbError(error, this.path);
    }
  }

  /** How many reads and writes of requests are under way or wait. */
  get activeCount(): number {
    return (
      this.#readQueue.activeCount +
      this.#readQueue.pendingCount +
      this.#writeQueue.activeCount +
      this.#writeQueue.pendingCount
    );
  }

  /** Waits for what runs, writes the file out and closes it. */
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

interface Reader {
  duckdb: DuckDb;
  /** The layout of the tables it knows. */
  layoutVersion: number;
}
