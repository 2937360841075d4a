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
import type { Bindings, Connection, DatabaseSize, LockWait } from './connection.ts';
import type { Row } from './values.ts';

/**
 * A request of a client to the server that holds the file: connect, run a statement, copy the database, take or release the write
 * lock.
 * Responses come in order and carry the ID of the request. `interrupt` cancels the request with its ID and has no response.
 */
export interface ClientRequest {
  op: 'enter' | 'run' | 'rows' | 'describe' | 'copy' | 'lock' | 'unlock' | 'interrupt';
  id: number;
  /** Of `copy`: the new file, in the client's folder. */
  path?: string;
  sql?: string;
  bindings?: EncodedBindings;
}

/** A response of the server, one per line: rows or progress, then `done` or an error. */
export interface ServerResponse {
  id: number;
  rows?: Row[];
  done?: unknown;
  error?: string;
  percent?: number;
}

/** Bound values as JSON, each with the name of its type. */
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

/** Yields the complete lines of a stream. */
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

/** Milliseconds to wait for the write lock without notice; most writers need less. */
const quietMs = 500;
/** Milliseconds the server has to respond after an interrupt. */
const interruptTimeoutMs = 500;
/** Maximum delay of a timer, in milliseconds. */
const maxTimerMs = 2_147_483_647;

/** What a request is about. */
interface Work extends Pick<ClientRequest, 'sql' | 'path'> {
  bindings?: Bindings | undefined;
}

/** A connection in the server that holds the file, over a socket; it runs one statement at a time. */
export class RemoteConnection implements Connection {
  readonly #socket: Socket;
  readonly #responses: AsyncGenerator<string>;
  readonly #lockWait: LockWait | undefined;
  /** ID of the latest request. */
  #lastId = 0;
  /** ID of the request without a final response. */
  #runningId: number | undefined;
  #percent = -1;

  private constructor(socket: Socket, lockWait: LockWait | undefined) {
    this.#socket = socket;
    this.#responses = readLines(socket.setEncoding('utf8'));
    this.#lockWait = lockWait;
    // Disconnect from a server that hangs; it rolls back the transaction of a closed connection.
    const disconnect = (): void => void setTimeout(() => socket.destroy(), interruptTimeoutMs).unref();
    lockWait?.signal.addEventListener('abort', disconnect, { once: true });
    socket.once('close', () => lockWait?.signal.removeEventListener('abort', disconnect));
  }

  /**
   * Connects to a server; undefined if none listens.
   * @param lockWait how long to wait for the write lock
   */
  static async open(socketPath: string, lockWait?: LockWait): Promise<RemoteConnection | undefined> {
    const socket = connect(socketPath);
    const isConnected = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
    // A later error ends the stream of responses and is reported there.
    socket.on('error', () => undefined);
    return isConnected ? new RemoteConnection(socket, lockWait) : undefined;
  }

  /** Returns the folder the server created for this client; it is removed on disconnect. */
  async enter(): Promise<string> {
    return (await this.#request('enter')) as string;
  }

  async run(sql: string, bindings?: Bindings): Promise<number> {
    return (await this.#request('run', { sql, bindings })) as number;
  }

  async rows(sql: string, bindings?: Bindings): Promise<Row[]> {
    const all: Row[][] = [];
    for await (const rows of this.chunks(sql, bindings)) all.push(rows);
    return all.flat();
  }

  async *chunks(sql: string, bindings?: Bindings): AsyncGenerator<Row[]> {
    const id = this.#send('rows', { sql, bindings });
    try {
      for (;;) {
        const response = await this.#nextResponse(id);
        if (response.rows) yield response.rows;
        else if ('done' in response) return;
      }
    } finally {
      // A reader that stops early cancels the query; responses that are still on their way are skipped by ID.
      if (this.#runningId === id) this.interrupt();
    }
  }

  async describe(sql: string): Promise<StatementInfo> {
    return (await this.#request('describe', { sql })) as StatementInfo;
  }

  async copyDatabase(path: string): Promise<DatabaseSize> {
    return (await this.#request('copy', { path })) as DatabaseSize;
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
      // If the server has stopped, the work has already failed.
      await this.#request('unlock').catch(() => undefined);
    }
  }

  async close(): Promise<void> {
    this.#socket.end();
    this.#socket.destroySoon();
  }

  /** @throws WattduckError (database_busy) if the wait is over before the lock is free */
  async #acquireWriteLock(): Promise<void> {
    const { seconds = 0, notify } = this.#lockWait ?? {};
    let hasTimedOut = false;
    const notifyTimer = setTimeout(
      () => notify?.('another process is writing to the database; waiting (Ctrl-C to cancel)'),
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
      await this.#request('lock');
    } catch (error) {
      if (!hasTimedOut || error instanceof WattduckError) throw error;
      throw new WattduckError('database_busy', {}, error);
    } finally {
      clearTimeout(notifyTimer);
      clearTimeout(timeoutTimer);
    }
  }

  async #request(op: ClientRequest['op'], work: Work = {}): Promise<unknown> {
    const id = this.#send(op, work);
    for (;;) {
      const response = await this.#nextResponse(id);
      if ('done' in response) return response.done;
    }
  }

  /** Sends a request and returns its ID. */
  #send(op: ClientRequest['op'], { bindings, ...work }: Work): number {
    const id = (this.#lastId += 1);
    this.#runningId = id;
    this.#percent = -1;
    this.#write({
      op,
      id,
      ...work,
      ...(bindings ? { bindings: writeBindings(bindings) } : {}),
    });
    return id;
  }

  #write(request: ClientRequest): void {
    this.#socket.write(`${JSON.stringify(request)}\n`);
  }

  /** The next response to a request; responses to cancelled ones are skipped. */
  async #nextResponse(id: number): Promise<ServerResponse> {
    for (;;) {
      const { value, done } = await this.#responses.next().catch(() => ({ value: undefined, done: true }));
      if (done || value === undefined) {
        this.#runningId = undefined;
        throw new WattduckError('server_stopped');
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
