import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import type { Described, EngineView, Typed } from '../catalog/engine-view.ts';
import { LocalLink, type Bindings, type Link, type Watch } from './link.ts';
import type { Row } from './values.ts';

/**
 * DuckDB in memory, with one connection: the catalog is checked in it, and the database file is attached to it, or reached by
 * way of the process that owns it.
 */
export class Engine implements EngineView {
  readonly #instance: DuckDBInstance;
  readonly #local: LocalLink;
  #link: Link;
  #spool: string | undefined;
  #interrupting: NodeJS.Timeout | undefined;
  #stop = new AbortController();
  /** Columns the catalog declares, which it does once and for all. */
  readonly #declared = new Map<string, Promise<(Typed & { required: boolean })[]>>();
  /** True where others work on the same instance. */
  readonly #isGuest: boolean;

  private constructor(instance: DuckDBInstance, local: LocalLink, isGuest = false) {
    this.#instance = instance;
    this.#local = local;
    this.#link = local;
    this.#isGuest = isGuest;
  }

  /** @param memoryLimit as DuckDB writes it, `4GB`; its own default otherwise. */
  static async open(memoryLimit?: string): Promise<Engine> {
    const options = { autoinstall_known_extensions: 'false', ...(memoryLimit ? { memory_limit: memoryLimit } : {}) };
    const instance = await DuckDBInstance.create(':memory:', options);
    return new Engine(instance, new LocalLink(await connect(instance)));
  }

  /** Another connection to the same memory and the same file, on which another statement can run at the same time. */
  async another(watch?: Watch): Promise<Engine> {
    const guest = new Engine(this.#instance, new LocalLink(await connect(this.#instance), watch), true);
    guest.#spool = this.#spool;
    return guest;
  }

  /** Closes DuckDB to the disk for good, but for one folder and the database that is attached. */
  async closeToDisk(spool: string): Promise<void> {
    await this.run(`set allowed_directories = [${literal(`${spool}/`)}]`);
    await this.run('set enable_external_access = false');
    this.#spool = spool;
  }

  /** Sends every statement about the data to the owner of the file from now on; the catalog is still checked here. */
  reach(link: Link, spool: string): void {
    this.#link = link;
    this.#spool = spool;
  }

  /** The only folder DuckDB reads and writes beside the database, where there is such a limit. */
  get spool(): string | undefined {
    return this.#spool;
  }

  /** Whether others may be working on the same DuckDB: what is set for all of it is not ours to set. */
  get isShared(): boolean {
    return this.#isGuest || this.isReached;
  }

  /** Whether the file is another process's. */
  get isReached(): boolean {
    return this.#link !== this.#local;
  }

  /** Aborted by `interrupt`, for work that is not a statement. */
  get stopped(): AbortSignal {
    return this.#stop.signal;
  }

  /** Ends the running statement, and lets no other begin. */
  interrupt(): void {
    this.#stop.abort(new Error('INTERRUPT Error: interrupted'));
    // DuckDB hears it only while it executes, not while it plans.
    this.#interrupting ??= setInterval(() => this.#link.interrupt(), 20);
    this.#link.interrupt();
  }

  /** Lets statements run again after an interruption; one that still runs must have ended. */
  goOn(): void {
    clearInterval(this.#interrupting);
    this.#interrupting = undefined;
    if (this.#stop.signal.aborted) this.#stop = new AbortController();
  }

  async close(): Promise<void> {
    this.goOn();
    if (this.isReached) await this.#link.close();
    await this.#local.close();
    if (!this.#isGuest) this.#instance.closeSync();
  }

  async run(sql: string, bindings?: Bindings): Promise<void> {
    await this.runCounting(sql, bindings);
  }

  /** How many rows a statement changed. */
  async runCounting(sql: string, bindings?: Bindings): Promise<number> {
    this.checkOn();
    return this.#link.run(sql, bindings);
  }

  async rows(sql: string, bindings?: Bindings): Promise<Row[]> {
    this.checkOn();
    return this.#link.rows(sql, bindings);
  }

  /** Rows chunk by chunk, never all of them in memory. */
  async *chunks(sql: string, bindings?: Bindings): AsyncGenerator<Row[]> {
    this.checkOn();
    for await (const rows of this.#link.chunks(sql, bindings)) {
      // A result that is ready is no longer interrupted by DuckDB.
      this.checkOn();
      yield rows;
    }
  }

  /** Percent of the running statement that is done; below zero where DuckDB can't tell. */
  progress(): Promise<number> {
    return this.#link.progress();
  }

  /** Keeps other writers from the file while the work is done. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    return this.#link.alone(work);
  }

  /** @throws where the work was interrupted, as a statement would */
  checkOn(): void {
    this.#stop.signal.throwIfAborted();
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
      clearInterval(this.#interrupting);
      await this.#link.run('rollback').catch(() => undefined);
      throw error;
    }
  }

  async check(sql: string): Promise<void> {
    (await this.#local.connection.prepare(sql)).destroySync();
  }

  /** By the catalog, before any data is there. */
  describe(sql: string): Promise<Described> {
    return this.#local.describe(sql);
  }

  /** By the data that are there. */
  describeThere(sql: string): Promise<Described> {
    return this.#link.describe(sql);
  }

  async hasRows(sql: string, bindings?: Bindings): Promise<boolean> {
    return (await this.rows(`select 1 from (${sql}) limit 1`, bindings)).length > 0;
  }

  async countRows(sql: string): Promise<number> {
    return Number((await this.row(`select count(*) as n from (${sql})`))['n']);
  }

  /** Tables a statement names, where DuckDB can tell. */
  tablesNamed(sql: string): readonly string[] | undefined {
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
  async tableColumns(table: string, database: 'memory' | 'db' = 'memory'): Promise<Typed[]> {
    const statement = `from ${database}.main.${identifier(table)}`;
    try {
      return (await (database === 'memory' ? this.describe(statement) : this.describeThere(statement))).columns;
    } catch {
      return [];
    }
  }

  /** Columns of a table as the catalog declares them, and which of them are never empty. */
  declaredColumns(table: string): Promise<(Typed & { required: boolean })[]> {
    const known = this.#declared.get(table) ?? this.#readDeclared(table);
    this.#declared.set(table, known);
    return known;
  }

  async #readDeclared(table: string): Promise<(Typed & { required: boolean })[]> {
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
