import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { once } from 'node:events';
import pLimit, { type LimitFunction } from 'p-limit';
import { identifier, type DuckDb } from '../../warehouse/engine.ts';
import { readLines, readBindings, type ServerResponse, type ClientRequest } from '../../warehouse/remote-link.ts';
import type { Bindings } from '../../warehouse/link.ts';
import { socketName, workDirPrefix } from '../../warehouse/owner-record.ts';
import { withMemoryGuard } from '../../warehouse/user-sql/memory-guard.ts';
import type { Owner } from './owner.ts';

/** How often a guest is told how far its statement is, in milliseconds. */
const progressEvery = 250;
/** Statements of guests that run at the same time: each holds a thread, of which requests need some too. */
const statementsAtOnce = 5;
/** Most bytes of a socket's path; a longer one the system cuts off without a word. */
const longestAddress = 100;

/** Lets other commands of the same user work on the file by way of its owner: each has a connection of its own. */
export class Guests {
  readonly #owner: Owner;
  readonly #server: Server;
  readonly #visits = new Map<Socket, Promise<void>>();
  readonly #atOnce = pLimit(statementsAtOnce);
  #count = 0;
  readonly address: string;

  private constructor(owner: Owner) {
    this.#owner = owner;
    // Nobody but the user who runs the owner can enter the folder.
    const usual = join(owner.spool, socketName);
    this.address =
      Buffer.byteLength(usual) <= longestAddress ? usual : join(mkdtempSync(`/tmp/${workDirPrefix}`), socketName);
    this.#server = createServer((socket) => {
      const visit = this.#receive(socket)
        .catch(() => undefined)
        .finally(() => this.#visits.delete(socket));
      this.#visits.set(socket, visit);
    });
  }

  /** How many commands are connected. */
  get count(): number {
    return this.#visits.size;
  }

  static async admit(owner: Owner): Promise<Guests> {
    const guests = new Guests(owner);
    guests.#server.listen(guests.address);
    await once(guests.#server, 'listening');
    chmodSync(guests.address, 0o600);
    return guests;
  }

  /** Lets nobody in any more, and waits for those within. @param patience milliseconds until they are put out */
  async close(patience: number): Promise<void> {
    this.#server.close();
    const timer = setTimeout(() => this.#visits.forEach((_, socket) => socket.destroy()), patience);
    await Promise.allSettled(this.#visits.values());
    clearTimeout(timer);
    const folder = dirname(this.address);
    if (folder === this.#owner.spool) rmSync(this.address, { force: true });
    else rmSync(folder, { recursive: true, force: true });
  }

  async #receive(socket: Socket): Promise<void> {
    // A guest that goes away in the middle of a word is gone, no more.
    socket.on('error', () => undefined);
    const name = `guest_${(this.#count += 1)}`;
    const visit = new Visit(await this.#owner.another(), socket, join(this.#owner.spool, name), name, this.#atOnce);
    try {
      for await (const line of readLines(socket.setEncoding('utf8'))) visit.hear(JSON.parse(line) as ClientRequest);
    } catch {
      // What was cut off, or is no line of ours, is answered by nobody.
    } finally {
      await visit.end();
    }
  }
}

const brokenOff = (): Error => new Error('INTERRUPT Error: interrupted');

/** One guest: its statements, one after the other, and whether the file is its alone. */
class Visit {
  readonly #engine: DuckDb;
  readonly #socket: Socket;
  /** The guest's own folder in the spool, and the name of its own schema, if it brings macros and tables along. */
  readonly #room: string;
  readonly #schema: string;
  readonly #atOnce: LimitFunction;
  #last: Promise<void> = Promise.resolve();
  #running = 0;
  /** Number of the last statement that is wanted no more. */
  #leftUpTo = 0;
  /** Ends the waiting for its turn. */
  #leaveQueue: (() => void) | undefined;
  #release: (() => void) | undefined;

  constructor(engine: DuckDb, socket: Socket, room: string, schema: string, atOnce: LimitFunction) {
    this.#engine = engine;
    this.#socket = socket;
    this.#room = room;
    this.#schema = schema;
    this.#atOnce = atOnce;
  }

  /** @throws where that is no statement of a guest */
  hear(asked: ClientRequest): void {
    if (!Number.isSafeInteger(asked.id)) throw new Error('a statement without its number');
    if (asked.op === 'interrupt') this.#breakOff(asked.id);
    else this.#last = this.#last.then(() => this.#answer(asked));
  }

  /** What the guest began and did not end is as if it had never been. */
  async end(): Promise<void> {
    this.#breakOff(Infinity);
    this.#socket.destroy();
    await this.#last;
    await this.#rollBack();
    await this.#engine.run(`drop schema if exists memory.${identifier(this.#schema)} cascade`).catch(() => undefined);
    await this.#engine.close();
    this.#release?.();
    rmSync(this.#room, { recursive: true, force: true });
  }

  #breakOff(id: number): void {
    this.#leftUpTo = Math.max(this.#leftUpTo, id);
    if (this.#running === 0 || this.#running > id) return;
    this.#engine.interrupt();
    this.#leaveQueue?.();
  }

  async #answer(asked: ClientRequest): Promise<void> {
    const { id, op } = asked;
    const timer = op === 'run' ? setInterval(() => void this.#tellProgress(id), progressEvery) : undefined;
    this.#running = id;
    try {
      await this.#say({ id, done: (await this.#obey(asked)) ?? null });
    } catch (error) {
      await this.#say({ id, error: (error as Error).message }).catch(() => undefined);
    } finally {
      clearInterval(timer);
      this.#running = 0;
      this.#engine.clearInterrupt();
    }
  }

  async #obey({ id, op, sql = '', bindings: written }: ClientRequest): Promise<unknown> {
    this.#goOnWith(id);
    const bindings = written && readBindings(written);
    switch (op) {
      case 'enter':
        mkdirSync(this.#room, { mode: 0o700 });
        return this.#room;
      case 'run':
        return this.#atOnce(() => this.#engine.execute(sql, bindings));
      case 'rows':
        return withMemoryGuard(
          this.#engine,
          () => this.#engine.interrupt(),
          () => this.#sendRows(id, sql, bindings),
        );
      case 'describe':
        return this.#engine.describeInFile(sql);
      case 'alone':
        return this.#takeTurn();
      case 'together':
        await this.#rollBack();
        this.#release?.();
        this.#release = undefined;
        return undefined;
      case 'interrupt':
        return undefined;
    }
  }

  async #sendRows(id: number, sql: string, bindings: Bindings | undefined): Promise<void> {
    const chunks = this.#engine.chunks(sql, bindings);
    // A thread is held while DuckDB works, not while the guest reads.
    for (
      let { value } = await this.#atOnce(() => chunks.next());
      value;
      { value } = await this.#atOnce(() => chunks.next())
    ) {
      await this.#say({ id, rows: value });
      this.#goOnWith(id);
    }
  }

  #goOnWith(id: number): void {
    if (id <= this.#leftUpTo) throw brokenOff();
  }

  /** Whoever lets others write has nothing open; where all is committed there is nothing to be undone. */
  #rollBack(): Promise<void> {
    return this.#engine.run('rollback').catch(() => undefined);
  }

  /** Waits for its turn to write; it ends when the guest says so, or leaves. */
  #takeTurn(): Promise<void> {
    return new Promise((begin, giveUp) => {
      let hasLeft = false;
      this.#leaveQueue = () => {
        hasLeft = true;
        giveUp(brokenOff());
      };
      void this.#engine.withWriteLock(
        () =>
          new Promise<void>((release) => {
            this.#leaveQueue = undefined;
            if (hasLeft) return release();
            this.#release = release;
            begin();
          }),
      );
    });
  }

  async #tellProgress(id: number): Promise<void> {
    if (this.#socket.writableNeedDrain) return;
    await this.#say({ id, percent: await this.#engine.progress() }).catch(() => undefined);
  }

  /** Waits for a guest that reads more slowly than DuckDB answers. */
  async #say(answered: ServerResponse): Promise<void> {
    if (this.#socket.destroyed) throw brokenOff();
    if (this.#socket.write(`${JSON.stringify(answered)}\n`)) return;
    const { signal, abort } = stopper();
    await Promise.race([once(this.#socket, 'drain', { signal }), once(this.#socket, 'close', { signal })]).finally(
      abort,
    );
  }
}

function stopper(): { signal: AbortSignal; abort(): void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}
