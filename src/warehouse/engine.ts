import { DuckDBInstance, type DuckDBConnection, type DuckDBPreparedStatement, type DuckDBType, type DuckDBValue } from '@duckdb/node-api';
import type { Described, EngineView, Typed } from '../catalog/engine-view.ts';
import { chunksOf, rowsOf, type Row } from './values.ts';

export interface Bindings {
  values: Record<string, DuckDBValue>;
  types: Record<string, DuckDBType>;
}

/** DuckDB in memory with one connection: the catalog is checked in it, the database file is attached to it. */
export class Engine implements EngineView {
  readonly #instance: DuckDBInstance;
  readonly connection: DuckDBConnection;
  #interrupting: NodeJS.Timeout | undefined;

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection) {
    this.#instance = instance;
    this.connection = connection;
  }

  /** @param memoryLimit as DuckDB writes it, `4GB`; its own default otherwise. */
  static async open(memoryLimit?: string): Promise<Engine> {
    const options = { autoinstall_known_extensions: 'false', ...(memoryLimit ? { memory_limit: memoryLimit } : {}) };
    const instance = await DuckDBInstance.create(':memory:', options);
    const connection = await instance.connect();
    await connection.run("set TimeZone = 'UTC'");
    return new Engine(instance, connection);
  }

  /** Ends the running statement, and lets no other begin. */
  interrupt(): void {
    // DuckDB hears it only while it executes, not while it plans.
    this.#interrupting ??= setInterval(() => this.connection.interrupt(), 20);
    this.connection.interrupt();
  }

  close(): void {
    clearInterval(this.#interrupting);
    this.connection.closeSync();
    this.#instance.closeSync();
  }

  async run(sql: string, bindings?: Bindings): Promise<void> {
    this.#goOn();
    await this.connection.run(sql, bindings?.values, bindings?.types);
  }

  /** How many rows a statement changed. */
  async runCounting(sql: string): Promise<number> {
    this.#goOn();
    return (await this.connection.run(sql)).rowsChanged;
  }

  async rows(sql: string, bindings?: Bindings): Promise<Row[]> {
    this.#goOn();
    return rowsOf(await this.connection.runAndReadAll(sql, bindings?.values, bindings?.types));
  }

  /** Rows chunk by chunk, never all of them in memory. */
  async *chunks(sql: string, bindings?: Bindings): AsyncGenerator<Row[]> {
    this.#goOn();
    yield* chunksOf(await this.connection.stream(sql, bindings?.values, bindings?.types));
  }

  #goOn(): void {
    if (this.#interrupting) throw new Error('INTERRUPT Error: interrupted');
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
      // A failed commit has rolled back by itself.
      await this.connection.run('rollback').catch(() => undefined);
      throw error;
    }
  }

  async check(sql: string): Promise<void> {
    (await this.connection.prepare(sql)).destroySync();
  }

  async describe(sql: string): Promise<Described> {
    const statement = await this.connection.prepare(sql);
    try {
      const parameters = Array.from({ length: statement.parameterCount }, (_, at) => parameterOf(statement, at + 1));
      const columns = Array.from({ length: statement.columnCount }, (_, at): Typed => ({
        name: statement.columnName(at),
        type: typeName(statement.columnType(at)),
      }));
      return { parameters, columns };
    } finally {
      statement.destroySync();
    }
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
        const names = this.connection.getTableNames(text, false);
        if (names.length > 0) return names;
      } catch {
        // What can't be read is told when it is run.
      }
    }
    return undefined;
  }

  /** Whether a statement names a table with its database before it, by a function that names tables too. */
  namesDatabases(sql: string): boolean {
    return this.connection.getTableNames(sql, true).some((name) => name.includes('.'));
  }

  async parseTree(sql: string): Promise<unknown> {
    const { tree } = await this.row(`select json_serialize_sql(${literal(sql)})::varchar as tree`);
    return JSON.parse(String(tree));
  }

  async tableColumns(table: string, database = 'memory'): Promise<Typed[]> {
    try {
      return (await this.describe(`from ${database}.main.${identifier(table)}`)).columns;
    } catch {
      return [];
    }
  }
}

/** DuckDB tells no type of a parameter that is cast to several. */
function parameterOf(statement: DuckDBPreparedStatement, at: number): Typed {
  const name = statement.parameterName(at);
  try {
    return { name, type: typeName(statement.parameterType(at)) };
  } catch (error) {
    throw new Error(`parameter $${name} has several types`, { cause: error });
  }
}

/** JSON is a VARCHAR by another name. */
export const typeName = (type: DuckDBType): string => type.alias ?? String(type);

/** A text as a SQL literal, for names and paths; values are bound. A statement must not have a NUL in it. */
export function literal(text: string): string {
  const parts = text.split('\0').map((part) => `'${part.replaceAll("'", "''")}'`);
  return parts.length === 1 ? parts[0]! : `(${parts.join(' || chr(0) || ')})`;
}

export const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;
