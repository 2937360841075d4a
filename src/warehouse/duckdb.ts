import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import type { CatalogDatabase, NamedType, StatementInfo } from '../catalog/catalog-database.ts';
import { LocalConnection, type Bindings, type Connection, type StatementObserver } from './connection.ts';
import type { Row } from './values.ts';

/**
 * DuckDB in memory, with one connection: the catalog is checked in it, and the database file is attached to it, or reached by
 * way of the process that owns it.
 */
export class DuckDb implements CatalogDatabase {
  readonly #instance: DuckDBInstance;
  readonly #local: LocalConnection;
  #connection: Connection;
  #workDir: string | undefined;
  #interruptTimer: NodeJS.Timeout | undefined;
  #abortController = new AbortController();
  /** Columns the catalog declares, which it does once and for all. */
  readonly #declaredColumns = new Map<string, Promise<(NamedType & { required: boolean })[]>>();
  /** True where others work on the same instance. */
  readonly #sharesInstance: boolean;

  private constructor(instance: DuckDBInstance, local: LocalConnection, sharesInstance = false) {
    this.#instance = instance;
    this.#local = local;
    this.#connection = local;
    this.#sharesInstance = sharesInstance;
  }

  /** @param memoryLimit as DuckDB writes it, `4GB`; its own default otherwise. */
  static async open(memoryLimit?: string): Promise<DuckDb> {
    const options = { autoinstall_known_extensions: 'false', ...(memoryLimit ? { memory_limit: memoryLimit } : {}) };
    const instance = await DuckDBInstance.create(':memory:', options);
    return new DuckDb(instance, new LocalConnection(await connect(instance)));
  }

  /** Another connection to the same memory and the same file, on which another statement can run at the same time. */
  async openConnection(observer?: StatementObserver): Promise<DuckDb> {
    const duckdb = new DuckDb(this.#instance, new LocalConnection(await connect(this.#instance), observer), true);
    duckdb.#workDir = this.#workDir;
    return duckdb;
  }

  /** Closes DuckDB to the disk for good, but for one folder and the database that is attached. */
  async restrictFileAccess(workDir: string): Promise<void> {
    await this.run(`set allowed_directories = [${literal(`${workDir}/`)}]`);
    await this.run('set enable_external_access = false');
    this.#workDir = workDir;
  }

  /** Sends every statement about the data to the owner of the file from now on; the catalog is still checked here. */
  connectRemote(connection: Connection, workDir: string): void {
    this.#connection = connection;
    this.#workDir = workDir;
  }

  /** The only folder DuckDB reads and writes beside the database, where there is such a limit. */
  get workDir(): string | undefined {
    return this.#workDir;
  }

  /** Whether others may be working on the same DuckDB: what is set for all of it is not ours to set. */
  get isShared(): boolean {
    return this.#sharesInstance || this.isRemote;
  }

  /** Whether the file is another process's. */
  get isRemote(): boolean {
    return this.#connection !== this.#local;
  }

  /** Aborted by `interrupt`, for work that is not a statement. */
  get abortSignal(): AbortSignal {
    return this.#abortController.signal;
  }

  /** Ends the running statement, and lets no other begin. */
  interrupt(): void {
    this.#abortController.abort(new Error('INTERRUPT Error: interrupted'));
    // DuckDB hears it only while it executes, not while it plans.
    this.#interruptTimer ??= setInterval(() => this.#connection.interrupt(), 20);
    this.#connection.interrupt();
  }

  /** Lets statements run again after an interruption; one that still runs must have ended. */
  clearInterrupt(): void {
    clearInterval(this.#interruptTimer);
    this.#interruptTimer = undefined;
    if (this.#abortController.signal.aborted) this.#abortController = new AbortController();
  }

  async close(): Promise<void> {
    this.clearInterrupt();
    if (this.isRemote) await this.#connection.close();
    await this.#local.close();
    if (!this.#sharesInstance) this.#instance.closeSync();
  }

  async run(sql: string, bindings?: Bindings): Promise<void> {
    await this.execute(sql, bindings);
  }

  /** How many rows a statement changed. */
  async execute(sql: string, bindings?: Bindings): Promise<number> {
    this.throwIfInterrupted();
    return this.#connection.run(sql, bindings);
  }

  async rows(sql: string, bindings?: Bindings): Promise<Row[]> {
    this.throwIfInterrupted();
    return this.#connection.rows(sql, bindings);
  }

  /** Rows chunk by chunk, never all of them in memory. */
  async *chunks(sql: string, bindings?: Bindings): AsyncGenerator<Row[]> {
    this.throwIfInterrupted();
    for await (const rows of this.#connection.chunks(sql, bindings)) {
      // A result that is ready is no longer interrupted by DuckDB.
      this.throwIfInterrupted();
      yield rows;
    }
  }

  /** Percent of the running statement that is done; below zero where DuckDB can't tell. */
  progress(): Promise<number> {
    return this.#connection.progress();
  }

  /** Keeps other writers from the file while the work is done. */
  withWriteLock<T>(work: () => Promise<T>): Promise<T> {
    return this.#connection.withWriteLock(work);
  }

  /** @throws where the work was interrupted, as a statement would */
  throwIfInterrupted(): void {
    this.#abortController.signal.throwIfAborted();
  }

  /** The only row of an answer that always has one. */
  async row(sql: string, bindings?: Bindings): Promise<Row> {
    return (await this.rows(sql, bindings))[0] ?? {};
  }

  /** Runs the work in one transaction: whole, or not at all. */
  async transaction<T>(work: () => Promise<T>): Promise<T> {
    await this.run('begin transaction');
    try {
      const result = await work();
      await this.run('commit');
      return result;
    } catch (error) {
      // What is undone is not to be broken off; a failed commit has rolled back by itself.
      clearInterval(this.#interruptTimer);
      await this.#connection.run('rollback').catch(() => undefined);
      throw error;
    }
  }

  async check(sql: string): Promise<void> {
    (await this.#local.connection.prepare(sql)).destroySync();
  }

  /** By the catalog, before any data is there. */
  describeSchema(sql: string): Promise<StatementInfo> {
    return this.#local.describe(sql);
  }

  /** By the data that are there. */
  describeInFile(sql: string): Promise<StatementInfo> {
    return this.#connection.describe(sql);
  }

  async hasRows(sql: string, bindings?: Bindings): Promise<boolean> {
    return (await this.rows(`select 1 from (${sql}) limit 1`, bindings)).length > 0;
  }

  async countRows(sql: string): Promise<number> {
    return Number((await this.row(`select count(*) as n from (${sql})`))['n']);
  }

  /** Tables a statement names, where DuckDB can tell. */
  tableNamesIn(sql: string): readonly string[] | undefined {
    // Of SQL with parameters it tells none.
    for (const text of [sql, sql.replaceAll(/\$\w+/g, 'null')]) {
      try {
        const names = this.#local.connection.getTableNames(text, false);
        if (names.length > 0) return names;
      } catch {
        // What can't be read is told when it is run.
      }
    }
    return undefined;
  }

  async parseTree(sql: string): Promise<unknown> {
    const [row] = await this.#local.rows(`select json_serialize_sql(${literal(sql)})::varchar as tree`);
    return JSON.parse(String(row?.['tree']));
  }

  /** Columns as the catalog declares them, or as the file has them. */
  async tableColumns(table: string, database: 'memory' | 'db' = 'memory'): Promise<NamedType[]> {
    const statement = `from ${database}.main.${identifier(table)}`;
    try {
      return (await (database === 'memory' ? this.describeSchema(statement) : this.describeInFile(statement))).columns;
    } catch {
      return [];
    }
  }

  /** Columns of a table as the catalog declares them, and which of them are never empty. */
  declaredColumns(table: string): Promise<(NamedType & { required: boolean })[]> {
    const known = this.#declaredColumns.get(table) ?? this.#readDeclaredColumns(table);
    this.#declaredColumns.set(table, known);
    return known;
  }

  async #readDeclaredColumns(table: string): Promise<(NamedType & { required: boolean })[]> {
    const rows = await this.#local.rows(
      `select column_name as name, data_type as type, not is_nullable as required from duckdb_columns()
       where database_name = 'memory' and schema_name = 'main' and table_name = ${literal(table)} order by column_index`,
    );
    return rows.map(({ name, type, required }) => ({
      name: String(name),
      type: String(type),
      required: required === true,
    }));
  }
}

/** A connection knows no zone but UTC, whatever the machine's is. */
async function connect(instance: DuckDBInstance): Promise<DuckDBConnection> {
  const connection = await instance.connect();
  await connection.run("set TimeZone = 'UTC'");
  return connection;
}

/** A text as a SQL literal, for names and paths; values are bound. A statement must not have a NUL in it. */
export function literal(text: string): string {
  const parts = text.split('\0').map((part) => `'${part.replaceAll("'", "''")}'`);
  return parts.length === 1 ? parts[0]! : `(${parts.join(' || chr(0) || ')})`;
}

export const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;
