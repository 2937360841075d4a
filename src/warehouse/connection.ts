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

/** A connection to DuckDB: in this process, or in the server that holds the file. */
export interface Connection {
  /** Returns the number of changed rows. */
  run(sql: string, bindings?: Bindings): Promise<number>;
  rows(sql: string, bindings?: Bindings): Promise<Row[]>;
  /** Streams rows chunk by chunk. */
  chunks(sql: string, bindings?: Bindings): AsyncGenerator<Row[]>;
  /** Parameters and columns of a statement, without running it. */
  describe(sql: string): Promise<StatementInfo>;
  /** Cancels the running statement, if any. */
  interrupt(): void;
  /** Progress of the running statement in percent; negative if DuckDB does not know. */
  progress(): Promise<number>;
  /** Runs the work while no one else can write to the file. */
  withWriteLock<T>(work: () => Promise<T>): Promise<T>;
  /** Lets the server copy the database into a new file in the client's work folder; undefined for a local connection. */
  copyDatabase?(path: string): Promise<DatabaseSize>;
  /** Number of rows in tables of another engine. */
  estimateRows?(tables: readonly string[]): Promise<number>;
  close(): Promise<void>;
}

/** Contents of a database file. */
export interface DatabaseSize {
  tables: number;
  rows: number;
}

/** Coordinates several connections of one process that write to the same file. */
export interface StatementObserver {
  withWriteLock<T>(work: () => Promise<T>): Promise<T>;
  /** @throws if the statement must not run */
  beforeStatement(sql: string): void;
  onError(sql: string): void;
  afterStatement(sql: string): void;
  /** Ensures that a commit, or a statement outside a transaction, is durable on disk. */
  ensureDurable(sql: string): Promise<void>;
}

/** Does nothing: a process with one connection holds the lock of the file alone. */
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
    // A failed commit ends the transaction too.
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
      return {
        parameters,
        columns: columnsOf(statement),
        isSelect: statement.statementType === StatementType.SELECT,
      };
    } finally {
      statement.destroySync();
    }
  }

  /** Names and types of the columns of a select. */
  async describeColumns(sql: string): Promise<NamedType[]> {
    const statement = await this.connection.prepare(sql);
    try {
      return columnsOf(statement);
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

const columnsOf = (statement: DuckDBPreparedStatement): NamedType[] =>
  Array.from({ length: statement.columnCount }, (_, at) => ({
    name: statement.columnName(at),
    type: typeName(statement.columnType(at)),
  }));

/** @throws Error for a parameter that is cast to several types, for which DuckDB reports none */
function parameterInfo(statement: DuckDBPreparedStatement, index: number): NamedType {
  const name = statement.parameterName(index);
  try {
    return { name, type: typeName(statement.parameterType(index)) };
  } catch (error) {
    throw new Error(`parameter $${name} has several types`, { cause: error });
  }
}

/** The alias comes first: JSON is an alias of VARCHAR. */
const typeName = (type: DuckDBType): string => type.alias ?? String(type);

/** How long to wait for a locked database, and how to report the wait. */
export interface LockWait {
  seconds: number;
  notify(line: string): void;
  /** Cancels the wait. */
  signal: AbortSignal;
}
