import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import pLimit, { type LimitFunction } from 'p-limit';
import type { Bindings } from '../../warehouse/connection.ts';
import { identifier, type DuckDb } from '../../warehouse/duckdb.ts';
import { socketName, workDirPrefix } from '../../warehouse/lock-file.ts';
import { readBindings, readLines, type ClientRequest, type ServerResponse } from '../../warehouse/remote-connection.ts';
import { withMemoryGuard } from '../../warehouse/user-sql/memory-guard.ts';
import type { DatabaseOwner } from './owner.ts';

/** How often a guest is told how far its statement is, in milliseconds. */
const progressIntervalMs = 250;
/** Statements of guests that run at the same time: each holds a thread, of which requests need some too. */
const maxStatements = 5;
/** Most bytes of a socket's path; a longer one the system cuts off without a word. */
const maxSocketPathBytes = 100;

/** Lets other commands of the same user work on the file by way of its owner: each has a connection of its own. */
export class ClientServer {
  readonly #owner: DatabaseOwner;
  readonly #server: Server;
  readonly #connections = new Map<Socket, Promise<void>>();
  readonly #limit = pLimit(maxStatements);
  #connectionCount = 0;
  readonly socketPath: string;

  private constructor(owner: DatabaseOwner) {
    this.#owner = owner;
    // Nobody but the user who runs the owner can enter the folder.
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

  /** How many commands are connected. */
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

  /** Lets nobody in any more, and waits for those within. @param graceMs milliseconds until they are put out */
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
    // A guest that goes away in the middle of a word is gone, no more.
    socket.on('error', () => undefined);
    const name = `guest_${(this.#connectionCount += 1)}`;
    const connection = new ClientConnection(
      await this.#owner.openWriter(),
      socket,
      join(this.#owner.workDir, name),
      name,
      this.#limit,
    );
    try {
      for await (const line of readLines(socket.setEncoding('utf8')))
        connection.receive(JSON.parse(line) as ClientRequest);
    } catch {
      // What was cut off, or is no line of ours, is answered by nobody.
    } finally {
      await connection.close();
    }
  }
}

const interruptedError = (): Error => new Error('INTERRUPT Error: interrupted');

/** One guest: its statements, one after the other, and whether the file is its alone. */
class ClientConnection {
  readonly #duckdb: DuckDb;
  readonly #socket: Socket;
  /** The guest's own folder in the spool, and the name of its own schema, if it brings macros and tables along. */
  readonly #workDir: string;
  readonly #schema: string;
  readonly #limit: LimitFunction;
  #queue: Promise<void> = Promise.resolve();
  #runningId = 0;
  /** Number of the last statement that is wanted no more. */
  #cancelledUpTo = 0;
  /** Ends the waiting for its turn. */
  #cancelLockWait: (() => void) | undefined;
  #releaseLock: (() => void) | undefined;

  constructor(duckdb: DuckDb, socket: Socket, workDir: string, schema: string, limit: LimitFunction) {
    this.#duckdb = duckdb;
    this.#socket = socket;
    this.#workDir = workDir;
    this.#schema = schema;
    this.#limit = limit;
  }

  /** @throws where that is no statement of a guest */
  receive(request: ClientRequest): void {
    if (!Number.isSafeInteger(request.id)) throw new Error('a statement without its number');
    if (request.op === 'interrupt') this.#cancel(request.id);
    else this.#queue = this.#queue.then(() => this.#handle(request));
  }

  /** What the guest began and did not end is as if it had never been. */
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

  async #execute({ id, op, sql = '', bindings: rawBindings }: ClientRequest): Promise<unknown> {
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

  async #sendRows(id: number, sql: string, bindings: Bindings | undefined): Promise<void> {
    const chunks = this.#duckdb.chunks(sql, bindings);
    // A thread is held while DuckDB works, not while the guest reads.
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

  /** Whoever lets others write has nothing open; where all is committed there is nothing to be undone. */
  #rollBack(): Promise<void> {
    return this.#duckdb.run('rollback').catch(() => undefined);
  }

  /** Waits for its turn to write; it ends when the guest says so, or leaves. */
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

  /** Waits for a guest that reads more slowly than DuckDB answers. */
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
