import {
  StatementType,
  type DuckDBConnection,
  type DuckDBPreparedStatement,
  type DuckDBType,
  type DuckDBValue,
} from '@duckdb/node-api';
import type { NamedType, StatementInfo } from '../catalog/catalog-database.ts';
import { readChunks, readRows, type Row } from './values.ts';

export interface Bindings {
  values: Record<string, DuckDBValue>;
  types: Record<string, DuckDBType>;
}

/** What carries statements to DuckDB: a connection of this process, or one in the process that owns the file. */
export interface Connection {
  /** Answers how many rows were changed. */
  run(sql: string, bindings?: Bindings): Promise<number>;
  rows(sql: string, bindings?: Bindings): Promise<Row[]>;
  /** Rows chunk by chunk, never all of them in memory. */
  chunks(sql: string, bindings?: Bindings): AsyncGenerator<Row[]>;
  /** What one statement asks for and answers; it is not run. */
  describe(sql: string): Promise<StatementInfo>;
  /** Ends the running statement, if there is one. */
  interrupt(): void;
  /** Percent of the running statement that is done; below zero where DuckDB can't tell. */
  progress(): Promise<number>;
  /** Keeps other writers from the file while the work is done. */
  withWriteLock<T>(work: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Where several connections of a process write to one file: their turns, and what is told of each statement that was run. */
export interface StatementObserver {
  withWriteLock<T>(work: () => Promise<T>): Promise<T>;
  /** @throws where the statement must not run */
  beforeStatement(sql: string): void;
  onError(sql: string): void;
  afterStatement(sql: string): void;
  /** Makes sure that what a statement outside a transaction committed, or a commit itself, is safe on the disk. */
  ensureDurable(sql: string): Promise<void>;
}

/** The lock on the file keeps every other process away. */
const noObserver: StatementObserver = {
  withWriteLock: (work) => work(),
  beforeStatement: () => undefined,
  onError: () => undefined,
  afterStatement: () => undefined,
  ensureDurable: async () => undefined,
};

/** A connection of this process. */
export class LocalConnection implements Connection {
  readonly connection: DuckDBConnection;
  readonly #observer: StatementObserver;
  #isInTransaction = false;

  constructor(connection: DuckDBConnection, observer = noObserver) {
    this.connection = connection;
    this.#observer = observer;
  }

  async run(sql: string, bindings?: Bindings): Promise<number> {
    const { rowsChanged } = await this.#observe(sql, () => this.connection.run(sql, bindings?.values, bindings?.types));
    return rowsChanged;
  }

  async rows(sql: string, bindings?: Bindings): Promise<Row[]> {
    const reader = await this.#observe(sql, () =>
      this.connection.runAndReadAll(sql, bindings?.values, bindings?.types),
    );
    return readRows(reader);
  }

  async *chunks(sql: string, bindings?: Bindings): AsyncGenerator<Row[]> {
    this.#observer.beforeStatement(sql);
    yield* readChunks(await this.connection.stream(sql, bindings?.values, bindings?.types));
    await this.#afterStatement(sql);
  }

  async #observe<T>(sql: string, work: () => Promise<T>): Promise<T> {
    this.#observer.beforeStatement(sql);
    // A commit that fails ends the transaction too.
    if (/^\s*(commit|rollback)\b/i.test(sql)) this.#isInTransaction = false;
    try {
      const result = await work();
      await this.#afterStatement(sql);
      return result;
    } catch (error) {
      this.#observer.onError(sql);
      throw error;
    }
  }

  async #afterStatement(sql: string): Promise<void> {
    this.#observer.afterStatement(sql);
    if (/^\s*begin\b/i.test(sql)) this.#isInTransaction = true;
    if (!this.#isInTransaction) await this.#observer.ensureDurable(sql);
  }

  async describe(sql: string): Promise<StatementInfo> {
    const statement = await this.connection.prepare(sql);
    try {
      const parameters = Array.from({ length: statement.parameterCount }, (_, at) => parameterInfo(statement, at + 1));
      const columns = Array.from({ length: statement.columnCount }, (_, at): NamedType => ({
        name: statement.columnName(at),
        type: typeName(statement.columnType(at)),
      }));
      return { parameters, columns, isSelect: statement.statementType === StatementType.SELECT };
    } finally {
      statement.destroySync();
    }
  }

  interrupt(): void {
    this.connection.interrupt();
  }

  async progress(): Promise<number> {
    return this.connection.progress.percentage;
  }

  withWriteLock<T>(work: () => Promise<T>): Promise<T> {
    return this.#observer.withWriteLock(work);
  }

  async close(): Promise<void> {
    this.connection.closeSync();
  }
}

/** DuckDB tells no type of a parameter that is cast to several. */
function parameterInfo(statement: DuckDBPreparedStatement, index: number): NamedType {
  const name = statement.parameterName(index);
  try {
    return { name, type: typeName(statement.parameterType(index)) };
  } catch (error) {
    throw new Error(`parameter $${name} has several types`, { cause: error });
  }
}

/** JSON is a VARCHAR by another name. */
const typeName = (type: DuckDBType): string => type.alias ?? String(type);

/** How long to wait for a file another process holds, and whom to tell. */
export interface LockWait {
  seconds: number;
  notify(line: string): void;
  /** Ends the waiting. */
  signal: AbortSignal;
}
