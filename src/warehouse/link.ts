import {
  StatementType,
  type DuckDBConnection,
  type DuckDBPreparedStatement,
  type DuckDBType,
  type DuckDBValue,
} from '@duckdb/node-api';
import type { Described, Typed } from '../catalog/engine-view.ts';
import { chunksOf, rowsOf, type Row } from './values.ts';

export interface Bindings {
  values: Record<string, DuckDBValue>;
  types: Record<string, DuckDBType>;
}

/** What carries statements to DuckDB: a connection of this process, or one in the process that owns the file. */
export interface Link {
  /** Answers how many rows were changed. */
  run(sql: string, bindings?: Bindings): Promise<number>;
  rows(sql: string, bindings?: Bindings): Promise<Row[]>;
  /** Rows chunk by chunk, never all of them in memory. */
  chunks(sql: string, bindings?: Bindings): AsyncGenerator<Row[]>;
  /** What one statement asks for and answers; it is not run. */
  describe(sql: string): Promise<Described>;
  /** Ends the running statement, if there is one. */
  interrupt(): void;
  /** Percent of the running statement that is done; below zero where DuckDB can't tell. */
  progress(): Promise<number>;
  /** Keeps other writers from the file while the work is done. */
  alone<T>(work: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Where several connections of a process write to one file: their turns, and what is told of each statement that was run. */
export interface Watch {
  alone<T>(work: () => Promise<T>): Promise<T>;
  /** @throws where the statement must not run */
  willRun(sql: string): void;
  hasFailed(sql: string): void;
  hasRun(sql: string): void;
  /** Makes sure that what a statement outside a transaction committed, or a commit itself, is safe on the disk. */
  secure(sql: string): Promise<void>;
}

/** The lock on the file keeps every other process away. */
const unwatched: Watch = {
  alone: (work) => work(),
  willRun: () => undefined,
  hasFailed: () => undefined,
  hasRun: () => undefined,
  secure: async () => undefined,
};

/** A connection of this process. */
export class LocalLink implements Link {
  readonly connection: DuckDBConnection;
  readonly #watch: Watch;
  #isInTransaction = false;

  constructor(connection: DuckDBConnection, watch = unwatched) {
    this.connection = connection;
    this.#watch = watch;
  }

  async run(sql: string, bindings?: Bindings): Promise<number> {
    const { rowsChanged } = await this.#watched(sql, () => this.connection.run(sql, bindings?.values, bindings?.types));
    return rowsChanged;
  }

  async rows(sql: string, bindings?: Bindings): Promise<Row[]> {
    const reader = await this.#watched(sql, () =>
      this.connection.runAndReadAll(sql, bindings?.values, bindings?.types),
    );
    return rowsOf(reader);
  }

  async *chunks(sql: string, bindings?: Bindings): AsyncGenerator<Row[]> {
    this.#watch.willRun(sql);
    yield* chunksOf(await this.connection.stream(sql, bindings?.values, bindings?.types));
    await this.#hasRun(sql);
  }

  async #watched<T>(sql: string, work: () => Promise<T>): Promise<T> {
    this.#watch.willRun(sql);
    // A commit that fails ends the transaction too.
    if (/^\s*(commit|rollback)\b/i.test(sql)) this.#isInTransaction = false;
    try {
      const done = await work();
      await this.#hasRun(sql);
      return done;
    } catch (error) {
      this.#watch.hasFailed(sql);
      throw error;
    }
  }

  async #hasRun(sql: string): Promise<void> {
    this.#watch.hasRun(sql);
    if (/^\s*begin\b/i.test(sql)) this.#isInTransaction = true;
    if (!this.#isInTransaction) await this.#watch.secure(sql);
  }

  async describe(sql: string): Promise<Described> {
    const statement = await this.connection.prepare(sql);
    try {
      const parameters = Array.from({ length: statement.parameterCount }, (_, at) => parameterOf(statement, at + 1));
      const columns = Array.from({ length: statement.columnCount }, (_, at): Typed => ({
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

  alone<T>(work: () => Promise<T>): Promise<T> {
    return this.#watch.alone(work);
  }

  async close(): Promise<void> {
    this.connection.closeSync();
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
const typeName = (type: DuckDBType): string => type.alias ?? String(type);

/** How long to wait for a file another process holds, and whom to tell. */
export interface Patience {
  seconds: number;
  tell(line: string): void;
  /** Ends the waiting. */
  stopped: AbortSignal;
}
