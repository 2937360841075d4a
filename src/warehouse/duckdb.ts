import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import type { CatalogDatabase, NamedType, StatementInfo } from '../catalog/catalog-database.ts';
import { randomUUID } from 'node:crypto';
import {
  LocalConnection,
  type Bindings,
  type Connection,
  type DatabaseSize,
  type StatementObserver,
} from './connection.ts';
import { folderError } from './duckdb-errors.ts';
import type { Row } from './values.ts';

/**
 * An in-memory DuckDB with one connection. The catalog is checked in it. The database file is attached to it, or reached
 * through the server that holds it.
 */
export class DuckDb implements CatalogDatabase {
  readonly #instance: DuckDBInstance;
  readonly #local: LocalConnection;
  #connection: Connection;
  #workDir: string | undefined;
  /** Whether the tables are views of a Parquet folder. */
  #readsFolder = false;
  #isOtherEngine = false;
  #interruptTimer: NodeJS.Timeout | undefined;
  #abortController = new AbortController();
  /** Columns of tables in memory, cached by table until a statement may change them. */
  readonly #memoryColumns = new Map<string, Promise<NamedType[]>>();
  /** Columns the catalog declares, cached by table. */
  readonly #declaredColumns = new Map<string, Promise<(NamedType & { required: boolean })[]>>();
  /** True if other connections use the same instance. */
  readonly #sharesInstance: boolean;

  private constructor(instance: DuckDBInstance, local: LocalConnection, sharesInstance = false) {
    this.#instance = instance;
    this.#local = local;
    this.#connection = local;
    this.#sharesInstance = sharesInstance;
  }

  /** @param memoryLimit in DuckDB's notation, for example `4GB`; DuckDB's default if undefined */
  static async open(memoryLimit?: string): Promise<DuckDb> {
    const options = { autoinstall_known_extensions: 'false', ...(memoryLimit ? { memory_limit: memoryLimit } : {}) };
    const instance = await DuckDBInstance.create(':memory:', options);
    return new DuckDb(instance, new LocalConnection(await connect(instance)));
  }

  /** Another connection to the same instance and file, for statements that run at the same time. */
  async openConnection(observer?: StatementObserver): Promise<DuckDb> {
    const duckdb = new DuckDb(this.#instance, new LocalConnection(await connect(this.#instance), observer), true);
    duckdb.#workDir = this.#workDir;
    duckdb.#readsFolder = this.#readsFolder;
    return duckdb;
  }

  /** Reports damaged files of a Parquet folder as such from now on. */
  setReadsFolder(): void {
    this.#readsFolder = true;
  }

  async #withFileErrors<T>(work: Promise<T>): Promise<T> {
    return this.#readsFolder
      ? work.catch((error: unknown) => {
          throw folderError(error);
        })
      : work;
  }

  /**
   * Restricts DuckDB to the attached database and a few folders; this cannot be undone.
   * @param workDir the only folder that it may be asked to write to
   * @param folders those of a Parquet folder
   */
  async restrictFileAccess(workDir: string | undefined, folders: readonly string[] = []): Promise<void> {
    const allowed = [...(workDir === undefined ? [] : [workDir]), ...folders].map((folder) => literal(`${folder}/`));
    if (allowed.length > 0) await this.run(`set allowed_directories = [${allowed.join(', ')}]`);
    await this.run('set enable_external_access = false');
    if (workDir !== undefined) this.#workDir = workDir;
  }

  /** Sends statements to the server that holds the file from now on; the catalog is still checked here. */
  connectRemote(connection: Connection, workDir: string): void {
    this.#connection = connection;
    this.#workDir = workDir;
  }

  /** Sends the statements of reports to another engine from now on; the catalog and parameters are still checked here. */
  connectEngine(create: (local: LocalConnection) => Connection): void {
    this.#connection = create(this.#local);
    this.#isOtherEngine = true;
  }

  /** The only folder DuckDB may read and write besides the database; undefined without such a limit. */
  get workDir(): string | undefined {
    return this.#workDir;
  }

  /** Whether other connections may use the same DuckDB, so that global settings must not change. */
  get isShared(): boolean {
    return this.#sharesInstance || this.isRemote;
  }

  /** Whether another process holds the file. */
  get isRemote(): boolean {
    return this.#connection !== this.#local && !this.#isOtherEngine;
  }

  /** Whether reports run on another engine than DuckDB. */
  get isOtherEngine(): boolean {
    return this.#isOtherEngine;
  }

  /** Aborted by `interrupt`, for work other than statements. */
  get abortSignal(): AbortSignal {
    return this.#abortController.signal;
  }

  /** Cancels the running statement and prevents new ones until `clearInterrupt`. */
  interrupt(): void {
    this.#abortController.abort(new Error('INTERRUPT Error: interrupted'));
    // DuckDB ignores an interrupt while it plans, so repeat it.
    this.#interruptTimer ??= setInterval(() => this.#connection.interrupt(), 20);
    this.#connection.interrupt();
  }

  /** Allows statements again after an interrupt; the running one must have ended. */
  clearInterrupt(): void {
    clearInterval(this.#interruptTimer);
    this.#interruptTimer = undefined;
    if (this.#abortController.signal.aborted) this.#abortController = new AbortController();
  }

  async close(): Promise<void> {
    this.clearInterrupt();
    if (this.#connection !== this.#local) await this.#connection.close();
    await this.#local.close();
    if (!this.#sharesInstance) this.#instance.closeSync();
  }

  async run(sql: string, bindings?: Bindings): Promise<void> {
    await this.execute(sql, bindings);
  }

  /** Runs a statement and returns the number of rows it changed. */
  async execute(sql: string, bindings?: Bindings): Promise<number> {
    this.throwIfInterrupted();
    this.#memoryColumns.clear();
    return this.#withFileErrors(this.#connection.run(sql, bindings));
  }

  async rows(sql: string, bindings?: Bindings): Promise<Row[]> {
    this.throwIfInterrupted();
    return this.#withFileErrors(this.#connection.rows(sql, bindings));
  }

  /** Streams rows chunk by chunk. */
  async *chunks(sql: string, bindings?: Bindings): AsyncGenerator<Row[]> {
    this.throwIfInterrupted();
    try {
      for await (const rows of this.#connection.chunks(sql, bindings)) {
        // DuckDB does not interrupt a result that is ready.
        this.throwIfInterrupted();
        yield rows;
      }
    } catch (error) {
      throw this.#readsFolder ? folderError(error) : error;
    }
  }

  /** Progress of the running statement in percent; negative if DuckDB does not know. */
  progress(): Promise<number> {
    return this.#connection.progress();
  }

  /** Runs the work while no one else can write to the file. */
  withWriteLock<T>(work: () => Promise<T>): Promise<T> {
    return this.#connection.withWriteLock(work);
  }

  /** @throws the same error as an interrupted statement */
  throwIfInterrupted(): void {
    this.#abortController.signal.throwIfAborted();
  }

  /** The first row of a result; an empty row if it has none. */
  async row(sql: string, bindings?: Bindings): Promise<Row> {
    return (await this.rows(sql, bindings))[0] ?? {};
  }

  /** Number of rows in tables of the other engine; 0 if it does not count them. */
  async estimateRows(tables: readonly string[]): Promise<number> {
    return (await this.#connection.estimateRows?.(tables)) ?? 0;
  }

  /** The first row of a statement without tables, computed here whatever runs the reports. */
  async localRow(sql: string): Promise<Row> {
    return (await this.localRows(sql))[0] ?? {};
  }

  async localRows(sql: string): Promise<Row[]> {
    this.throwIfInterrupted();
    return this.#local.rows(sql);
  }

  /** Runs the work in one transaction. */
  async transaction<T>(work: () => Promise<T>): Promise<T> {
    await this.run('begin transaction');
    try {
      const result = await work();
      await this.run('commit');
      return result;
    } catch (error) {
      // A rollback must not be interrupted. It fails harmlessly after a failed commit, which rolls back by itself.
      clearInterval(this.#interruptTimer);
      await this.#connection.run('rollback').catch(() => undefined);
      throw error;
    }
  }

  /**
   * Copies the attached database into a new file, as of one moment: writes of others go on, and are not in the copy. The
   * connection must not be in a transaction, and with a work folder, the file must be in it.
   */
  async copyDatabase(path: string): Promise<DatabaseSize> {
    this.throwIfInterrupted();
    if (this.#connection.copyDatabase) return this.#connection.copyDatabase(path);
    const copy = `copy_${randomUUID()}`;
    await this.run(`attach ${literal(path)} as ${identifier(copy)}`);
    try {
      return await this.transaction(async () => {
        await this.run(`copy from database db to ${identifier(copy)}`);
        const [expected, found] = [await this.databaseSize('db'), await this.databaseSize(copy)];
        if (expected.tables !== found.tables || expected.rows !== found.rows)
          throw new Error(`the copy has ${found.rows} rows instead of ${expected.rows}`);
        return found;
      });
    } finally {
      // Of an interrupted copy too: other connections see every attached database.
      clearInterval(this.#interruptTimer);
      await this.#connection.run(`detach ${identifier(copy)}`);
    }
  }

  /** Counts tables and rows of an attached database. */
  async databaseSize(database: string): Promise<DatabaseSize> {
    const tables = await this.rows(
      `select schema_name, table_name from duckdb_tables() where database_name = ${literal(database)}`,
    );
    let rows = 0;
    for (const { schema_name: schema, table_name: table } of tables)
      rows += await this.countRows(`from ${[database, String(schema), String(table)].map(identifier).join('.')}`);
    return { tables: tables.length, rows };
  }

  async check(sql: string): Promise<void> {
    (await this.#local.connection.prepare(sql)).destroySync();
  }

  /** Describes a statement over the tables the catalog declares. */
  describeSchema(sql: string): Promise<StatementInfo> {
    return this.#local.describe(sql);
  }

  /** Describes a statement over the tables of the database file. */
  describeInFile(sql: string): Promise<StatementInfo> {
    return this.#withFileErrors(this.#connection.describe(sql));
  }

  async hasRows(sql: string, bindings?: Bindings): Promise<boolean> {
    return (await this.rows(`select 1 from (${sql}) limit 1`, bindings)).length > 0;
  }

  async countRows(sql: string): Promise<number> {
    return Number((await this.row(`select count(*) as n from (${sql})`))['n']);
  }

  /** Names of the tables in a statement; undefined if DuckDB cannot determine them. */
  tableNamesIn(sql: string): readonly string[] | undefined {
    // DuckDB returns none for SQL with parameters. The replacement may break other SQL, such as a quote with dollars.
    for (const text of new Set([sql.replaceAll(/\$\w+/g, 'null'), sql])) {
      try {
        const names = this.#local.connection.getTableNames(text, false);
        if (names.length > 0) return names;
      } catch {
        // A syntax error is reported when the statement runs.
      }
    }
    return undefined;
  }

  async parseTree(sql: string): Promise<unknown> {
    const [row] = await this.#local.rows(`select json_serialize_sql(${literal(sql)})::varchar as tree`);
    return JSON.parse(String(row?.['tree']));
  }

  async formatExpression(node: unknown): Promise<string> {
    const select = (await this.parseTree('select 1')) as { statements: { node: Record<string, unknown> }[] };
    select.statements[0]!.node['select_list'] = [node];
    // Some locations exceed the numbers of JavaScript.
    const tree = JSON.stringify(select, (key, value: unknown) => (key === 'query_location' ? 0 : value));
    const [row] = await this.#local.rows(`select json_deserialize_sql(${literal(tree)}::json) as text`);
    return String(row?.['text']).replace(/^SELECT /, '');
  }

  /** Columns of a table in the catalog (`memory`) or in the database file (`db`); empty if the table does not exist. */
  async tableColumns(table: string, database: 'memory' | 'db' = 'memory'): Promise<NamedType[]> {
    const describe = async (): Promise<NamedType[]> => {
      const statement = `from ${database}.main.${identifier(table)}`;
      try {
        return (await (database === 'memory' ? this.describeSchema(statement) : this.describeInFile(statement)))
          .columns;
      } catch {
        return [];
      }
    };
    if (database === 'db') return describe();
    // A check of all SQL files asks for the same few tables thousands of times.
    const columns = this.#memoryColumns.get(table) ?? describe();
    this.#memoryColumns.set(table, columns);
    return columns;
  }

  /** Columns of a table as the catalog declares them; `required` ones are not null. */
  declaredColumns(table: string): Promise<(NamedType & { required: boolean })[]> {
    const columns = this.#declaredColumns.get(table) ?? this.#readDeclaredColumns(table);
    this.#declaredColumns.set(table, columns);
    return columns;
  }

  /** All tables that the catalog declares, with their columns. */
  async catalogTables(): Promise<Map<string, NamedType[]>> {
    const tables = new Map<string, NamedType[]>();
    const rows = await this.#local.rows(
      `select table_name as table, column_name as name, data_type as type from duckdb_columns()
       where database_name = 'memory' and schema_name = 'main' order by table_name, column_index`,
    );
    for (const { table, name, type } of rows) {
      const columns = tables.get(String(table)) ?? [];
      tables.set(String(table), [...columns, { name: String(name), type: String(type) }]);
    }
    return tables;
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

/** Opens a connection in UTC, whatever the time zone of the machine. */
async function connect(instance: DuckDBInstance): Promise<DuckDBConnection> {
  const connection = await instance.connect();
  await connection.run("set TimeZone = 'UTC'");
  return connection;
}

/** Quotes a string as a SQL literal, for names and paths; values are bound. A statement must not contain NUL. */
export function literal(text: string): string {
  const parts = text.split('\0').map((part) => `'${part.replaceAll("'", "''")}'`);
  return parts.length === 1 ? parts[0]! : `(${parts.join(' || chr(0) || ')})`;
}

export const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;
