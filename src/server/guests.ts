import { rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { once } from 'node:events';
import type { Engine } from '../warehouse/engine.ts';
import { linesOf, readBindings, type Answered, type Asked } from '../warehouse/remote-link.ts';
import type { Owner } from './owner.ts';

/** How often a guest is told how far its statement is, in milliseconds. */
const progressEvery = 250;

/** Lets other commands of the same user work on the file by way of its owner: each has a connection of its own. */
export class Guests {
  readonly #owner: Owner;
  readonly #server: Server;
  readonly #visits = new Map<Socket, Promise<void>>();
  readonly address: string;

  private constructor(owner: Owner) {
    this.#owner = owner;
    // Nobody but the user who runs the owner can enter the spool.
    this.address = join(owner.spool, 'guests');
    this.#server = createServer((socket) => {
      const visit = this.#receive(socket).finally(() => this.#visits.delete(socket));
      this.#visits.set(socket, visit);
    });
  }

  static async admit(owner: Owner): Promise<Guests> {
    const guests = new Guests(owner);
    guests.#server.listen(guests.address);
    await once(guests.#server, 'listening');
    return guests;
  }

  /** Lets nobody in any more, and waits for those within. @param patience milliseconds until they are put out */
  async close(patience: number): Promise<void> {
    this.#server.close();
    const timer = setTimeout(() => this.#visits.forEach((_, socket) => socket.destroy()), patience);
    await Promise.allSettled(this.#visits.values());
    clearTimeout(timer);
    rmSync(this.address, { force: true });
  }

  async #receive(socket: Socket): Promise<void> {
    // A guest that goes away in the middle of a word is gone, no more.
    socket.on('error', () => undefined);
    const engine = await this.#owner.another();
    const visit = new Visit(engine, socket);
    try {
      for await (const line of linesOf(socket.setEncoding('utf8'))) visit.hear(JSON.parse(line) as Asked);
    } catch {
      // What was cut off is answered by nobody.
    } finally {
      await visit.end();
    }
  }
}

/** One guest: its statements, one after the other, and whether the file is its alone. */
class Visit {
  readonly #engine: Engine;
  readonly #socket: Socket;
  #last: Promise<void> = Promise.resolve();
  #release: (() => void) | undefined;
  #hasLeft = false;

  constructor(engine: Engine, socket: Socket) {
    this.#engine = engine;
    this.#socket = socket;
  }

  hear(asked: Asked): void {
    if (asked.op === 'interrupt') this.#engine.interrupt();
    else this.#last = this.#last.then(() => this.#answer(asked));
  }

  /** What the guest began and did not end is as if it had never been. */
  async end(): Promise<void> {
    this.#hasLeft = true;
    this.#engine.interrupt();
    await this.#last;
    // A connection that is closed rolls back what it had open.
    await this.#engine.close();
    this.#release?.();
    this.#socket.destroy();
  }

  async #answer(asked: Asked): Promise<void> {
    const timer = asked.op === 'run' ? setInterval(() => void this.#tellProgress(), progressEvery) : undefined;
    try {
      await this.#say({ done: (await this.#obey(asked)) ?? null });
    } catch (error) {
      await this.#say({ error: (error as Error).message });
    } finally {
      clearInterval(timer);
    }
  }

  async #obey({ op, sql = '', bindings: written }: Asked): Promise<unknown> {
    const bindings = written && readBindings(written);
    switch (op) {
      case 'run':
        return this.#engine.runCounting(sql, bindings);
      case 'rows':
      case 'chunks':
        for await (const rows of this.#engine.chunks(sql, bindings)) await this.#say({ rows });
        return undefined;
      case 'describe':
        return this.#engine.describeThere(sql);
      case 'alone':
        return this.#takeTurn();
      case 'together':
        this.#release?.();
        this.#release = undefined;
        return undefined;
      case 'interrupt':
        return undefined;
    }
  }

  /** Waits for its turn to write; it ends when the guest says so, or leaves. */
  #takeTurn(): Promise<void> {
    return new Promise((begin) => {
      void this.#engine.alone(() => new Promise<void>((release) => {
        this.#release = release;
        if (this.#hasLeft) release();
        begin();
      }));
    });
  }

  async #tellProgress(): Promise<void> {
    await this.#say({ percent: await this.#engine.progress() });
  }

  /** Waits for a guest that reads more slowly than DuckDB answers. */
  async #say(answered: Answered): Promise<void> {
    if (this.#socket.destroyed) throw new Error('INTERRUPT Error: the guest has left');
    if (!this.#socket.write(`${JSON.stringify(answered)}\n`)) await Promise.race([once(this.#socket, 'drain'), once(this.#socket, 'close')]);
  }
}
