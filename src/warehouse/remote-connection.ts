import { connect, type Socket } from 'node:net';
import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  DuckDBTimestampValue,
  TIMESTAMP,
  VARCHAR,
  type DuckDBType,
  type DuckDBValue,
} from '@duckdb/node-api';
import type { StatementInfo } from '../catalog/catalog-database.ts';
import { WattduckError } from '../errors/wattduck-error.ts';
import type { Bindings, Connection, LockWait } from './connection.ts';
import type { Row } from './values.ts';

/**
 * What a guest asks of the owner: to be let in, a statement to be run, its turn to write and the end of it. All are answered one after the
 * other, each by its number; `interrupt` breaks off the one whose number it has, and is not answered itself.
 */
export interface ClientRequest {
  op: 'enter' | 'run' | 'rows' | 'describe' | 'alone' | 'together' | 'interrupt';
  id: number;
  sql?: string;
  bindings?: EncodedBindings;
}

/** What the owner answers, line by line: rows as they come, then that it is done, or what DuckDB said. */
export interface ServerResponse {
  id: number;
  rows?: Row[];
  done?: unknown;
  error?: string;
  percent?: number;
}

/** Bound values as JSON can carry them, each with the name of its type. */
type EncodedBindings = Record<string, [type: string, value: string | number | boolean | null]>;

const types: Record<string, DuckDBType> = { BIGINT, BOOLEAN, DOUBLE, TIMESTAMP, VARCHAR };

export const writeBindings = ({ values, types: typesByName }: Bindings): EncodedBindings =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, [String(typesByName[name]), encodeValue(value)]]),
  );

function encodeValue(value: DuckDBValue): string | number | boolean | null {
  if (value instanceof DuckDBTimestampValue) return String(value.micros);
  return typeof value === 'bigint' ? String(value) : (value as string | number | boolean | null);
}

export function readBindings(encoded: EncodedBindings): Bindings {
  const entries = Object.entries(encoded);
  return {
    types: Object.fromEntries(entries.map(([name, [type]]) => [name, types[type] ?? VARCHAR])),
    values: Object.fromEntries(entries.map(([name, [type, value]]) => [name, decodeValue(type, value)])),
  };
}

function decodeValue(type: string, value: string | number | boolean | null): DuckDBValue {
  if (value === null) return null;
  if (type === 'TIMESTAMP') return new DuckDBTimestampValue(BigInt(value));
  return type === 'BIGINT' ? BigInt(value) : value;
}

/** Lines of a stream as they come; one that breaks off is passed over. */
export async function* readLines(stream: AsyncIterable<string>): AsyncGenerator<string> {
  let partial: string[] = [];
  for await (const piece of stream) {
    const [first = '', ...others] = piece.split('\n');
    partial.push(first);
    if (others.length === 0) continue;
    const last = others.pop()!;
    yield partial.join('');
    yield* others;
    partial = [last];
  }
}

/** Milliseconds a turn to write is waited for in silence: other writers mostly take less. */
const quietMs = 500;
/** Milliseconds the owner has to answer once the command is interrupted. */
const interruptTimeoutMs = 500;
/** The longest a timer can be set, in milliseconds. */
const maxTimerMs = 2_147_483_647;

/** A connection in the process that owns the file, reached by a socket; one statement at a time, as everywhere. */
export class RemoteConnection implements Connection {
  readonly #socket: Socket;
  readonly #responses: AsyncGenerator<string>;
  readonly #lockWait: LockWait | undefined;
  /** Number of the newest statement. */
  #lastId = 0;
  /** Number of the statement that has not been answered to its end. */
  #runningId: number | undefined;
  #percent = -1;

  private constructor(socket: Socket, lockWait: LockWait | undefined) {
    this.#socket = socket;
    this.#responses = readLines(socket.setEncoding('utf8'));
    this.#lockWait = lockWait;
    // An owner that hangs does not keep the command from ending; it undoes what a guest that is gone has begun.
    const disconnect = (): void => void setTimeout(() => socket.destroy(), interruptTimeoutMs).unref();
    lockWait?.signal.addEventListener('abort', disconnect, { once: true });
    socket.once('close', () => lockWait?.signal.removeEventListener('abort', disconnect));
  }

  /**
   * Answers nothing where nobody listens.
   * @param lockWait how long to wait for a turn to write
   */
  static async open(socketPath: string, lockWait?: LockWait): Promise<RemoteConnection | undefined> {
    const socket = connect(socketPath);
    const isConnected = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
    // What goes wrong later ends the stream of answers, and is told there.
    socket.on('error', () => undefined);
    return isConnected ? new RemoteConnection(socket, lockWait) : undefined;
  }

  /** Answers the folder the owner made for this guest within its spool; it is gone when the guest is. */
  async enter(): Promise<string> {
    return (await this.#request('enter')) as string;
  }

  async run(sql: string, bindings?: Bindings): Promise<number> {
    return (await this.#request('run', sql, bindings)) as number;
  }

  async rows(sql: string, bindings?: Bindings): Promise<Row[]> {
    const all: Row[][] = [];
    for await (const rows of this.chunks(sql, bindings)) all.push(rows);
    return all.flat();
  }

  async *chunks(sql: string, bindings?: Bindings): AsyncGenerator<Row[]> {
    const id = this.#send('rows', sql, bindings);
    try {
      for (;;) {
        const response = await this.#nextResponse(id);
        if (response.rows) yield response.rows;
        else if ('done' in response) return;
      }
    } finally {
      // Of a reader that leaves before the end, the owner is to compute no more; what is under way is passed over by its number.
      if (this.#runningId === id) this.interrupt();
    }
  }

  async describe(sql: string): Promise<StatementInfo> {
    return (await this.#request('describe', sql)) as StatementInfo;
  }

  interrupt(): void {
    if (this.#runningId !== undefined) this.#write({ op: 'interrupt', id: this.#runningId });
  }

  async progress(): Promise<number> {
    return this.#percent;
  }

  async withWriteLock<T>(work: () => Promise<T>): Promise<T> {
    await this.#acquireWriteLock();
    try {
      return await work();
    } finally {
      // Where the owner has ended, the work has said so.
      await this.#request('together').catch(() => undefined);
    }
  }

  async close(): Promise<void> {
    this.#socket.end();
    this.#socket.destroySoon();
  }

  /** @throws WattduckError (database_locked) where patience is at its end before the turn has come */
  async #acquireWriteLock(): Promise<void> {
    const { seconds = 0, notify } = this.#lockWait ?? {};
    let hasTimedOut = false;
    const notifyTimer = setTimeout(
      () => notify?.('another process writes to the database; waiting for it to end (Ctrl-C stops waiting)'),
      quietMs,
    );
    const timeoutTimer = setTimeout(
      () => {
        hasTimedOut = true;
        this.interrupt();
      },
      Math.min(Math.max(seconds * 1000, quietMs), maxTimerMs),
    );
    try {
      await this.#request('alone');
    } catch (error) {
      if (!hasTimedOut || error instanceof WattduckError) throw error;
      throw new WattduckError(
        'database_locked',
        'another process writes to the database',
        'Wait until it ends, or stop it.',
        error,
      );
    } finally {
      clearTimeout(notifyTimer);
      clearTimeout(timeoutTimer);
    }
  }

  async #request(op: ClientRequest['op'], sql?: string, bindings?: Bindings): Promise<unknown> {
    const id = this.#send(op, sql, bindings);
    for (;;) {
      const response = await this.#nextResponse(id);
      if ('done' in response) return response.done;
    }
  }

  /** Answers the number of the statement. */
  #send(op: ClientRequest['op'], sql?: string, bindings?: Bindings): number {
    const id = (this.#lastId += 1);
    this.#runningId = id;
    this.#percent = -1;
    this.#write({
      op,
      id,
      ...(sql === undefined ? {} : { sql }),
      ...(bindings ? { bindings: writeBindings(bindings) } : {}),
    });
    return id;
  }

  #write(request: ClientRequest): void {
    this.#socket.write(`${JSON.stringify(request)}\n`);
  }

  /** The next answer to a statement; those to one that was left are passed over. */
  async #nextResponse(id: number): Promise<ServerResponse> {
    for (;;) {
      const { value, done } = await this.#responses.next().catch(() => ({ value: undefined, done: true }));
      if (done || value === undefined) {
        this.#runningId = undefined;
        throw new WattduckError(
          'failed',
          'the server that holds the database has ended',
          'Nothing was half done: run it again.',
        );
      }
      const response = JSON.parse(value) as ServerResponse;
      if (response.id !== id) continue;
      if (response.error !== undefined || 'done' in response) this.#runningId = undefined;
      if (response.error !== undefined) throw new Error(response.error);
      if (response.percent !== undefined) this.#percent = response.percent;
      return response;
    }
  }
}
