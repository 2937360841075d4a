import { BIGINT, BOOLEAN, DOUBLE, DuckDBTimestampValue, TIMESTAMP, VARCHAR, type DuckDBType, type DuckDBValue } from '@duckdb/node-api';
import { connect, type Socket } from 'node:net';
import type { Described } from '../catalog/engine-view.ts';
import { WattduckError } from '../errors.ts';
import type { Bindings, Link } from './link.ts';
import type { Row } from './values.ts';

/** What a guest asks of the owner: a statement to be run, or one of these words. */
export interface Asked {
  op: 'run' | 'rows' | 'chunks' | 'describe' | 'alone' | 'together' | 'interrupt';
  sql?: string;
  bindings?: Written;
}

/** What the owner answers, line by line: rows as they come, then that it is done, or what DuckDB said. */
export interface Answered {
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
  let rest = '';
  for await (const piece of stream) {
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}

/** A connection in the process that owns the file, reached by a socket; one statement at a time, as everywhere. */
export class RemoteLink implements Link {
  readonly #socket: Socket;
  readonly #answers: AsyncGenerator<string>;
  #percent = -1;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#answers = linesOf(socket.setEncoding('utf8'));
  }

  /** Answers nothing where nobody listens. */
  static async open(address: string): Promise<RemoteLink | undefined> {
    const socket = connect(address);
    const reached = await new Promise<boolean>((settle) => {
      socket.once('connect', () => settle(true));
      socket.once('error', () => settle(false));
    });
    // What goes wrong later ends the stream of answers, and is told there.
    socket.on('error', () => undefined);
    return reached ? new RemoteLink(socket) : undefined;
  }

  async run(sql: string, bindings?: Bindings): Promise<number> {
    return (await this.#ask('run', sql, bindings)) as number;
  }

  async rows(sql: string, bindings?: Bindings): Promise<Row[]> {
    const all: Row[][] = [];
    await this.#ask('rows', sql, bindings, (rows) => void all.push(rows));
    return all.flat();
  }

  async *chunks(sql: string, bindings?: Bindings): AsyncGenerator<Row[]> {
    this.#send({ op: 'chunks', sql, ...(bindings ? { bindings: writeBindings(bindings) } : {}) });
    for (;;) {
      const answer = await this.#next();
      if (answer.rows) yield answer.rows;
      else if ('done' in answer) return;
    }
  }

  async describe(sql: string): Promise<Described> {
    return (await this.#ask('describe', sql)) as Described;
  }

  interrupt(): void {
    this.#send({ op: 'interrupt' });
  }

  async progress(): Promise<number> {
    return this.#percent;
  }

  async alone<T>(work: () => Promise<T>): Promise<T> {
    await this.#ask('alone');
    try {
      return await work();
    } finally {
      await this.#ask('together');
    }
  }

  async close(): Promise<void> {
    this.#socket.end();
    this.#socket.destroySoon();
  }

  async #ask(op: Asked['op'], sql?: string, bindings?: Bindings, take: (rows: Row[]) => void = () => undefined): Promise<unknown> {
    this.#send({ op, ...(sql === undefined ? {} : { sql }), ...(bindings ? { bindings: writeBindings(bindings) } : {}) });
    for (;;) {
      const answer = await this.#next();
      if (answer.rows) take(answer.rows);
      else if ('done' in answer) return answer.done;
    }
  }

  #send(asked: Asked): void {
    this.#socket.write(`${JSON.stringify(asked)}\n`);
  }

  async #next(): Promise<Answered> {
    const { value, done } = await this.#answers.next().catch(() => ({ value: undefined, done: true }));
    if (done || value === undefined) {
      throw new WattduckError('failed', 'the server that holds the database has ended', 'Nothing was half done: run it again.');
    }
    const answer = JSON.parse(value) as Answered;
    if (answer.error !== undefined) throw new Error(answer.error);
    if (answer.percent !== undefined) this.#percent = answer.percent;
    return answer;
  }
}
