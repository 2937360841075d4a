import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import pLimit, { type LimitFunction } from 'p-limit';
import type { Bindings, DatabaseSize } from '../../warehouse/connection.ts';
import { identifier, type DuckDb } from '../../warehouse/duckdb.ts';
import { socketName, workDirPrefix } from '../../warehouse/lock-file.ts';
import { readBindings, readLines, type ClientRequest, type ServerResponse } from '../../warehouse/remote-connection.ts';
import { withMemoryGuard } from '../../warehouse/user-sql/memory-guard.ts';
import type { DatabaseOwner } from './owner.ts';

/** Milliseconds between progress messages to a client. */
const progressIntervalMs = 250;
/** Max client statements at the same time: each holds a thread, and HTTP requests need threads too. */
const maxStatements = 5;
/** Max bytes of a socket path; the system silently truncates longer ones. */
const maxSocketPathBytes = 100;

/** Lets other commands of the same user work on the database through the server, each on its own connection. */
export class ClientServer {
  readonly #owner: DatabaseOwner;
  readonly #server: Server;
  readonly #connections = new Map<Socket, Promise<void>>();
  readonly #limit = pLimit(maxStatements);
  #connectionCount = 0;
  readonly socketPath: string;

  private constructor(owner: DatabaseOwner) {
    this.#owner = owner;
    // Only the user who runs the server can enter the folder.
    const preferredPath = join(owner.workDir, socketName);
    this.socketPath =
      Buffer.byteLength(preferredPath) <= maxSocketPathBytes
        ? preferredPath
        : join(mkdtempSync(`/tmp/${workDirPrefix}`), socketName);
    this.#server = createServer((socket) => {
      const connection = this.#accept(socket)
        .catch(() => undefined)
        .finally(() => this.#connections.delete(socket));
      this.#connections.set(socket, connection);
    });
  }

  /** Number of connected commands. */
  get count(): number {
    return this.#connections.size;
  }

  static async listen(owner: DatabaseOwner): Promise<ClientServer> {
    const clientServer = new ClientServer(owner);
    clientServer.#server.listen(clientServer.socketPath);
    await once(clientServer.#server, 'listening');
    chmodSync(clientServer.socketPath, 0o600);
    return clientServer;
  }

  /** Stops accepting clients, and waits for those connected. @param graceMs milliseconds until they are disconnected */
  async close(graceMs: number): Promise<void> {
    this.#server.close();
    const timer = setTimeout(() => this.#connections.forEach((_, socket) => socket.destroy()), graceMs);
    await Promise.allSettled(this.#connections.values());
    clearTimeout(timer);
    const folder = dirname(this.socketPath);
    if (folder === this.#owner.workDir) rmSync(this.socketPath, { force: true });
    else rmSync(folder, { recursive: true, force: true });
  }

  async #accept(socket: Socket): Promise<void> {
    // A client may disconnect in the middle of a message.
    socket.on('error', () => undefined);
    const name = `client_${(this.#connectionCount += 1)}`;
    const connection = new ClientConnection(
      await this.#owner.openWriter(),
      socket,
      join(this.#owner.workDir, name),
      name,
      this.#limit,
      (path, signal) => this.#owner.copyTo(path, signal),
    );
    try {
      for await (const line of readLines(socket.setEncoding('utf8')))
        connection.receive(JSON.parse(line) as ClientRequest);
    } catch {
      // A truncated or invalid line ends the connection without a response.
    } finally {
      await connection.close();
    }
  }
}

/** Copies the database into a new file; aborting the signal cancels it. */
type CopyDatabase = (path: string, signal: AbortSignal) => Promise<DatabaseSize>;

const interruptedError = (): Error => new Error('INTERRUPT Error: interrupted');

/** One client: its statements run in order, and it may hold the write lock. */
class ClientConnection {
  readonly #duckdb: DuckDb;
  readonly #socket: Socket;
  /** The client's folder in the work folder, and the schema of its temporary macros and tables. */
  readonly #workDir: string;
  readonly #schema: string;
  readonly #limit: LimitFunction;
  #queue: Promise<void> = Promise.resolve();
  #runningId = 0;
  /** ID of the last cancelled statement. */
  #cancelledUpTo = 0;
  readonly #copyDatabase: CopyDatabase;
  /** Cancels waiting for the write lock. */
  #cancelLockWait: (() => void) | undefined;
  /** Cancels copying the database. */
  #copyAbort: AbortController | undefined;
  #releaseLock: (() => void) | undefined;

  constructor(
    duckdb: DuckDb,
    socket: Socket,
    workDir: string,
    schema: string,
    limit: LimitFunction,
    copyDatabase: CopyDatabase,
  ) {
    this.#duckdb = duckdb;
    this.#socket = socket;
    this.#workDir = workDir;
    this.#schema = schema;
    this.#limit = limit;
    this.#copyDatabase = copyDatabase;
  }

  /** @throws Error for an invalid request */
  receive(request: ClientRequest): void {
    if (!Number.isSafeInteger(request.id)) throw new Error('a request has no ID');
    if (request.op === 'interrupt') this.#cancel(request.id);
    else this.#queue = this.#queue.then(() => this.#handle(request));
  }

  /** Cancels and rolls back unfinished work, and removes everything of the client. */
  async close(): Promise<void> {
    this.#cancel(Infinity);
    this.#socket.destroy();
    await this.#queue;
    await this.#rollBack();
    await this.#duckdb.run(`drop schema if exists memory.${identifier(this.#schema)} cascade`).catch(() => undefined);
    await this.#duckdb.close();
    this.#releaseLock?.();
    rmSync(this.#workDir, { recursive: true, force: true });
  }

  #cancel(id: number): void {
    this.#cancelledUpTo = Math.max(this.#cancelledUpTo, id);
    if (this.#runningId === 0 || this.#runningId > id) return;
    this.#duckdb.interrupt();
    this.#cancelLockWait?.();
    this.#copyAbort?.abort(interruptedError());
  }

  async #handle(request: ClientRequest): Promise<void> {
    const { id, op } = request;
    const timer = op === 'run' ? setInterval(() => void this.#sendProgress(id), progressIntervalMs) : undefined;
    this.#runningId = id;
    try {
      await this.#send({ id, done: (await this.#execute(request)) ?? null });
    } catch (error) {
      await this.#send({ id, error: (error as Error).message }).catch(() => undefined);
    } finally {
      clearInterval(timer);
      this.#runningId = 0;
      this.#duckdb.clearInterrupt();
    }
  }

  async #execute({ id, op, sql = '', path = '', bindings: rawBindings }: ClientRequest): Promise<unknown> {
    this.#assertNotCancelled(id);
    const bindings = rawBindings && readBindings(rawBindings);
    switch (op) {
      case 'enter':
        mkdirSync(this.#workDir, { mode: 0o700 });
        return this.#workDir;
      case 'run':
        return this.#limit(() => this.#duckdb.execute(sql, bindings));
      case 'rows':
        return withMemoryGuard(
          this.#duckdb,
          () => this.#duckdb.interrupt(),
          () => this.#sendRows(id, sql, bindings),
        );
      case 'describe':
        return this.#duckdb.describeInFile(sql);
      case 'copy':
        return this.#copy(path);
      case 'lock':
        return this.#acquireLock();
      case 'unlock':
        await this.#rollBack();
        this.#releaseLock?.();
        this.#releaseLock = undefined;
        return undefined;
      case 'interrupt':
        return undefined;
    }
  }

  /** Copies the database on a connection of its own, because this one may be in a transaction. */
  async #copy(path: string): Promise<DatabaseSize> {
    if (dirname(path) !== this.#workDir) throw new Error(`expected a file in ${this.#workDir}`);
    this.#copyAbort = new AbortController();
    const { signal } = this.#copyAbort;
    try {
      return await this.#limit(() => this.#copyDatabase(path, signal));
    } finally {
      this.#copyAbort = undefined;
    }
  }

  async #sendRows(id: number, sql: string, bindings: Bindings | undefined): Promise<void> {
    const chunks = this.#duckdb.chunks(sql, bindings);
    // The thread is held while DuckDB works, not while the client reads.
    for (
      let { value } = await this.#limit(() => chunks.next());
      value;
      { value } = await this.#limit(() => chunks.next())
    ) {
      await this.#send({ id, rows: value });
      this.#assertNotCancelled(id);
    }
  }

  #assertNotCancelled(id: number): void {
    if (id <= this.#cancelledUpTo) throw interruptedError();
  }

  /** Ends an open transaction, if any. */
  #rollBack(): Promise<void> {
    return this.#duckdb.run('rollback').catch(() => undefined);
  }

  /** Waits for the write lock; the client holds it until it releases it or disconnects. */
  #acquireLock(): Promise<void> {
    return new Promise((resolve, reject) => {
      let isCancelled = false;
      this.#cancelLockWait = () => {
        isCancelled = true;
        reject(interruptedError());
      };
      void this.#duckdb.withWriteLock(
        () =>
          new Promise<void>((release) => {
            this.#cancelLockWait = undefined;
            if (isCancelled) return release();
            this.#releaseLock = release;
            resolve();
          }),
      );
    });
  }

  async #sendProgress(id: number): Promise<void> {
    if (this.#socket.writableNeedDrain) return;
    await this.#send({ id, percent: await this.#duckdb.progress() }).catch(() => undefined);
  }

  /** Waits for a client that reads more slowly than DuckDB produces rows. */
  async #send(response: ServerResponse): Promise<void> {
    if (this.#socket.destroyed) throw interruptedError();
    if (this.#socket.write(`${JSON.stringify(response)}\n`)) return;
    const { signal, abort } = createAbort();
    await Promise.race([once(this.#socket, 'drain', { signal }), once(this.#socket, 'close', { signal })]).finally(
      abort,
    );
  }
}

function createAbort(): { signal: AbortSignal; abort(): void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}
