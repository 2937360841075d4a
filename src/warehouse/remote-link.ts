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
import type { Described } from '../catalog/engine-view.ts';
import { WattduckError } from '../errors.ts';
import type { Bindings, Link, Patience } from './link.ts';
import type { Row } from './values.ts';

/**
 * What a guest asks of the owner: to be let in, a statement to be run, its turn to write and the end of it. All are answered one after the
 * other, each by its number; `interrupt` breaks off the one whose number it has, and is not answered itself.
 */
export interface Asked {
  op: 'enter' | 'run' | 'rows' | 'describe' | 'alone' | 'together' | 'interrupt';
  id: number;
  sql?: string;
  bindings?: Written;
}

/** What the owner answers, line by line: rows as they come, then that it is done, or what DuckDB said. */
export interface Answered {
  id: number;
  rows?: Row[];
  done?: unknown;
  error?: string;
  percent?: number;
}

/** Bound values as JSON can carry them, each with the name of its type. */
type Written = Record<string, [type: string, value: string | number | boolean | null]>;

const types: Record<string, DuckDBType> = { BIGINT, BOOLEAN, DOUBLE, TIMESTAMP, VARCHAR };

export const writeBindings = ({ values, types: of }: Bindings): Written =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, [String(of[name]), plain(value)]]));

function plain(value: DuckDBValue): string | number | boolean | null {
  if (value instanceof DuckDBTimestampValue) return String(value.micros);
  return typeof value === 'bigint' ? String(value) : (value as string | number | boolean | null);
}

export function readBindings(written: Written): Bindings {
  const entries = Object.entries(written);
  return {
    types: Object.fromEntries(entries.map(([name, [type]]) => [name, types[type] ?? VARCHAR])),
    values: Object.fromEntries(entries.map(([name, [type, value]]) => [name, meant(type, value)])),
  };
}

function meant(type: string, value: string | number | boolean | null): DuckDBValue {
  if (value === null) return null;
  if (type === 'TIMESTAMP') return new DuckDBTimestampValue(BigInt(value));
  return type === 'BIGINT' ? BigInt(value) : value;
}

/** Lines of a stream as they come; one that breaks off is passed over. */
export async function* linesOf(stream: AsyncIterable<string>): AsyncGenerator<string> {
  let begun: string[] = [];
  for await (const piece of stream) {
    const [first = '', ...others] = piece.split('\n');
    begun.push(first);
    if (others.length === 0) continue;
    const last = others.pop()!;
    yield begun.join('');
    yield* others;
    begun = [last];
  }
}

/** Milliseconds a turn to write is waited for in silence: other writers mostly take less. */
const silence = 500;
/** Milliseconds the owner has to answer once the command is interrupted. */
const answerTime = 500;
/** The longest a timer can be set, in milliseconds. */
const longestTimer = 2_147_483_647;

/** A connection in the process that owns the file, reached by a socket; one statement at a time, as everywhere. */
export class RemoteLink implements Link {
  readonly #socket: Socket;
  readonly #answers: AsyncGenerator<string>;
  readonly #patience: Patience | undefined;
  /** Number of the newest statement. */
  #newest = 0;
  /** Number of the statement that has not been answered to its end. */
  #running: number | undefined;
  #percent = -1;

  private constructor(socket: Socket, patience: Patience | undefined) {
    this.#socket = socket;
    this.#answers = linesOf(socket.setEncoding('utf8'));
    this.#patience = patience;
    // An owner that hangs does not keep the command from ending; it undoes what a guest that is gone has begun.
    const leave = (): void => void setTimeout(() => socket.destroy(), answerTime).unref();
    patience?.stopped.addEventListener('abort', leave, { once: true });
    socket.once('close', () => patience?.stopped.removeEventListener('abort', leave));
  }

  /**
   * Answers nothing where nobody listens.
   * @param patience how long to wait for a turn to write
   */
  static async open(address: string, patience?: Patience): Promise<RemoteLink | undefined> {
    const socket = connect(address);
    const reached = await new Promise<boolean>((settle) => {
      socket.once('connect', () => settle(true));
      socket.once('error', () => settle(false));
    });
    // What goes wrong later ends the stream of answers, and is told there.
    socket.on('error', () => undefined);
    return reached ? new RemoteLink(socket, patience) : undefined;
  }

  /** Answers the folder the owner made for this guest within its spool; it is gone when the guest is. */
  async enter(): Promise<string> {
    return (await this.#ask('enter')) as string;
  }

  async run(sql: string, bindings?: Bindings): Promise<number> {
    return (await this.#ask('run', sql, bindings)) as number;
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
        const answer = await this.#next(id);
        if (answer.rows) yield answer.rows;
        else if ('done' in answer) return;
      }
    } finally {
      // Of a reader that leaves before the end, the owner is to compute no more; what is under way is passed over by its number.
      if (this.#running === id) this.interrupt();
    }
  }

  async describe(sql: string): Promise<Described> {
    return (await this.#ask('describe', sql)) as Described;
  }

  interrupt(): void {
    if (this.#running !== undefined) this.#write({ op: 'interrupt', id: this.#running });
  }

  async progress(): Promise<number> {
    return this.#percent;
  }

  async alone<T>(work: () => Promise<T>): Promise<T> {
    await this.#takeTurn();
    try {
      return await work();
    } finally {
      // Where the owner has ended, the work has said so.
      await this.#ask('together').catch(() => undefined);
    }
  }

  async close(): Promise<void> {
    this.#socket.end();
    this.#socket.destroySoon();
  }

  /** @throws WattduckError (in_use) where patience is at its end before the turn has come */
  async #takeTurn(): Promise<void> {
    const { seconds = 0, tell } = this.#patience ?? {};
    let hasGivenUp = false;
    const telling = setTimeout(
      () => tell?.('another process writes to the database; waiting for it to end (Ctrl-C stops waiting)'),
      silence,
    );
    const givingUp = setTimeout(
      () => {
        hasGivenUp = true;
        this.interrupt();
      },
      Math.min(Math.max(seconds * 1000, silence), longestTimer),
    );
    try {
      await this.#ask('alone');
    } catch (error) {
      if (!hasGivenUp || error instanceof WattduckError) throw error;
      throw new WattduckError(
        'in_use',
        'another process writes to the database',
        'Wait until it ends, or stop it.',
        error,
      );
    } finally {
      clearTimeout(telling);
      clearTimeout(givingUp);
    }
  }

  async #ask(op: Asked['op'], sql?: string, bindings?: Bindings): Promise<unknown> {
    const id = this.#send(op, sql, bindings);
    for (;;) {
      const answer = await this.#next(id);
      if ('done' in answer) return answer.done;
    }
  }

  /** Answers the number of the statement. */
  #send(op: Asked['op'], sql?: string, bindings?: Bindings): number {
    const id = (this.#newest += 1);
    this.#running = id;
    this.#percent = -1;
    this.#write({
      op,
      id,
      ...(sql === undefined ? {} : { sql }),
      ...(bindings ? { bindings: writeBindings(bindings) } : {}),
    });
    return id;
  }

  #write(asked: Asked): void {
    this.#socket.write(`${JSON.stringify(asked)}\n`);
  }

  /** The next answer to a statement; those to one that was left are passed over. */
  async #next(id: number): Promise<Answered> {
    for (;;) {
      const { value, done } = await this.#answers.next().catch(() => ({ value: undefined, done: true }));
      if (done || value === undefined) {
        this.#running = undefined;
        throw new WattduckError(
          'failed',
          'the server that holds the database has ended',
          'Nothing was half done: run it again.',
        );
      }
      const answer = JSON.parse(value) as Answered;
      if (answer.id !== id) continue;
      if (answer.error !== undefined || 'done' in answer) this.#running = undefined;
      if (answer.error !== undefined) throw new Error(answer.error);
      if (answer.percent !== undefined) this.#percent = answer.percent;
      return answer;
    }
  }
}
