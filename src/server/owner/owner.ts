import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pLimit from 'p-limit';
import type { Catalog } from '../../catalog/catalog.ts';
import type { Action, Report } from '../../catalog/definitions.ts';
import { WattduckError } from '../../errors.ts';
import { clipped } from '../../text/plain-text.ts';
import { DatabaseFile } from '../../warehouse/database-file.ts';
import { detach, openForWriting, prepareToRead, searchPathSql, snapshotSql } from '../../warehouse/database.ts';
import type { DuckDb } from '../../warehouse/engine.ts';
import { databaseLostError, duckdbError } from '../../warehouse/faults.ts';
import type { Bindings, LockWait, StatementObserver } from '../../warehouse/link.ts';
import { removeStaleLock, readLockFile, workDirPrefix } from '../../warehouse/owner-record.ts';
import { WriteAheadLog } from '../../warehouse/write-ahead-log.ts';

/** What of a database is to be owned, and how. */
export interface Owning {
  path: string;
  /** True where what tells of a person is hidden. */
  redact: boolean;
  patience: LockWait;
}

/** Queries that run at the same time; more would only share the same cores. */
const readersAtOnce = 8;

const isCommit = /^\s*commit\b/i;
const isWrite = /^\s*(commit|insert|update|delete|merge)\b/i;
const isLayout = /^\s*(create|alter)\s+table\s+db\./i;
const isOfTokens = /^\s*(insert into|update|delete from) tokens\b/i;

/**
 * The one process that has a database file open: it writes in turn, reads on several connections at once, and closes DuckDB to
 * the disk but for its spool.
 */
export class Owner implements StatementObserver {
  readonly catalog: Catalog;
  readonly path: string;
  readonly reports: readonly Report[];
  readonly acknowledging: Action;
  /** The only folder DuckDB reads and writes beside the database; gone when the owner is. */
  readonly spool: string;
  readonly #engine: DuckDb;
  /** True where what tells of a person is hidden. */
  readonly redact: boolean;
  readonly #file: DatabaseFile;
  readonly #wal: WriteAheadLog;
  readonly #inTurn = pLimit(1);
  readonly #writing = pLimit(1);
  readonly #reading = pLimit(readersAtOnce);
  readonly #idle: Reader[] = [];
  readonly #reads = new Set<Promise<unknown>>();
  #writer: Promise<DuckDb> | undefined;
  #layout = 0;
  /** A transaction that changes the layout or tokens is seen before it is committed. */
  #layoutChanges = false;
  #tokensChange = false;
  /** True from when the owner is told to end. */
  isEnding = false;
  /** Rises with every write: what was computed before may be wrong. */
  dataVersion = 0;
  /** Rises when tokens were made or revoked. */
  tokensVersion = 0;

  private constructor(
    engine: DuckDb,
    catalog: Catalog,
    [reports, acknowledging]: [Report[], Action],
    spool: string,
    { path, redact }: Owning,
  ) {
    this.#engine = engine;
    this.catalog = catalog;
    this.reports = reports;
    this.acknowledging = acknowledging;
    this.spool = spool;
    this.path = path;
    this.redact = redact;
    this.#file = new DatabaseFile(path);
    this.#wal = new WriteAheadLog(path);
  }

  /** @throws WattduckError (in_use) where another wattduck serves the file */
  static async open(engine: DuckDb, catalog: Catalog, owning: Owning): Promise<Owner> {
    // Checked against tables that have every column: those of a file may lack some.
    const checked: [Report[], Action] = [await catalog.reports(), await catalog.action('acknowledge')];
    await openForWriting(engine, owning.path, catalog, owning.patience);
    if (engine.isRemote) {
      const { url, pid } = readLockFile(owning.path) ?? {};
      throw new WattduckError(
        'in_use',
        clipped`${owning.path} is already served at ${url} (process ${pid})`,
        'Use that one, or stop it first.',
      );
    }
    removeStaleLock(owning.path);
    const spool = await mkdtemp(join(tmpdir(), workDirPrefix));
    try {
      await engine.restrictFileAccess(spool);
    } catch (error) {
      await rm(spool, { recursive: true, force: true });
      throw error;
    }
    return new Owner(engine, catalog, checked, spool, owning);
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
  read<T>(work: (engine: DuckDb) => Promise<T>, stop: AbortSignal): Promise<T> {
    let begun: DuckDb | undefined;
    return new Promise((resolve, reject) => {
      const leave = (): void => (begun ? begun.interrupt() : reject(stop.reason as Error));
      stop.addEventListener('abort', leave, { once: true });
      const read = this.#reading(async () => {
        stop.throwIfAborted();
        const reader = this.#idle.pop() ?? { engine: await this.#connect(), layout: -1 };
        let ending = 'rollback';
        try {
          // Its client may have left while the connection was made.
          stop.throwIfAborted();
          begun = reader.engine;
          await begun.run(snapshotSql);
          await this.#bringUpToDate(reader);
          const done = await work(begun);
          ending = 'commit';
          return done;
        } finally {
          stop.removeEventListener('abort', leave);
          reader.engine.clearInterrupt();
          await this.#giveBack(reader, ending);
        }
      });
      this.#reads.add(read);
      read.then(resolve, reject).finally(() => this.#reads.delete(read));
    });
  }

  /** What a reader learnt of the layout goes with the transaction it learnt it in; one that can't be ended is not used again. */
  async #giveBack(reader: Reader, ending: string): Promise<void> {
    if (ending !== 'commit') reader.layout = -1;
    try {
      await reader.engine.run(ending);
      this.#idle.push(reader);
    } catch {
      await reader.engine.close();
    }
  }

  /** How many of those run, and wait. */
  get queries(): { running: number; waiting: number } {
    return { running: this.#reading.activeCount, waiting: this.#reading.pendingCount };
  }

  /** Lets work that changes the file have the one connection of our own for it; it takes its turn among other writers by itself. */
  async write<T>(work: (engine: DuckDb) => Promise<T>): Promise<T> {
    this.checkFile();
    return this.#writing(async () => work(await (this.#writer ??= this.another())));
  }

  /** A connection of its own to the file, for one who may write. */
  another(): Promise<DuckDb> {
    return this.#connect(this);
  }

  async #connect(watch?: StatementObserver): Promise<DuckDb> {
    const engine = await this.#engine.openConnection(watch);
    await engine.run(searchPathSql);
    return engine;
  }

  /** The owner's own connection, for a short look at our own tables. */
  get aside(): DuckDb {
    return this.#engine;
  }

  /** Writes what changes no answer. */
  async log(sql: string, bindings: Bindings): Promise<void> {
    this.beforeStatement(sql);
    try {
      await this.#engine.run(sql, bindings);
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
    if (!isWrite.test(sql)) return;
    this.checkFile();
    this.#wal.beforeWrite();
  }

  onError(sql: string): void {
    if (isWrite.test(sql)) this.#wal.refresh();
  }

  async ensureDurable(sql: string): Promise<void> {
    if (!isWrite.test(sql)) return;
    const isInLog = this.#wal.afterCommit();
    this.checkFile();
    // Rows in a log that others deleted or changed would be lost if the process were killed.
    if (!isInLog) await this.#checkpoint();
  }

  withWriteLock<T>(work: () => Promise<T>): Promise<T> {
    return this.#inTurn(work);
  }

  afterStatement(sql: string): void {
    if (isLayout.test(sql)) this.#layoutChanges = true;
    if (isOfTokens.test(sql)) this.#tokensChange = true;
    if (isWrite.test(sql)) this.dataVersion += 1;
    if (isOfTokens.test(sql) || (isCommit.test(sql) && this.#tokensChange)) this.tokensVersion += 1;
    if (!isCommit.test(sql)) return;
    if (this.#layoutChanges) this.#layout += 1;
    this.#layoutChanges = false;
    this.#tokensChange = false;
  }

  /** While the layout changes, nobody can tell beforehand which one a transaction sees. */
  async #bringUpToDate(reader: Reader): Promise<void> {
    if (reader.layout === this.#layout && !this.#layoutChanges) return;
    reader.layout = this.#layoutChanges ? -1 : this.#layout;
    await prepareToRead(reader.engine, this.catalog, undefined, this.redact);
  }

  /** @throws where the file is not at its path, or not whole; what DuckDB has of it is saved under another name first */
  async #closeFile(): Promise<void> {
    const damage = this.#file.findDamage();
    if (damage === undefined) await this.#checkpoint();
    else await this.#engine.run('pragma disable_checkpoint_on_shutdown');
    const saved = damage === undefined ? undefined : await this.#file.saveCopy(this.#wal);
    await detach(this.#engine);
    this.#file.close();
    if (damage === undefined) return;
    const where = saved === undefined ? 'Restore it from a copy.' : `Its rows are saved in ${saved}.`;
    throw new WattduckError('failed', clipped`${this.path} ${damage} while the server had it open`, where);
  }

  async #checkpoint(): Promise<void> {
    try {
      await this.#engine.run('checkpoint db');
    } catch (error) {
      throw duckdbError(error, this.path);
    }
  }

  /** How many reads and writes of requests are under way or wait. */
  get underWay(): number {
    return (
      this.#reading.activeCount + this.#reading.pendingCount + this.#writing.activeCount + this.#writing.pendingCount
    );
  }

  /** Waits for what runs, writes the file out and closes it. */
  async close(): Promise<void> {
    this.isEnding = true;
    try {
      await Promise.allSettled(this.#reads);
      await this.#writing(() => this.withWriteLock(async () => undefined));
      for (const { engine } of this.#idle) await engine.close();
      await (await this.#writer)?.close();
      await this.#closeFile();
    } finally {
      await rm(this.spool, { recursive: true, force: true });
    }
  }
}

interface Reader {
  engine: DuckDb;
  /** The layout of the tables it knows. */
  layout: number;
}
