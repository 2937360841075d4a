import { createHash, randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import type { AnswerShape, Report } from '../catalog/definitions.ts';
import { inZone } from '../warehouse/zone.ts';
import type { Given } from '../warehouse/binder.ts';
import { endings, piecesOf, type Ending } from './formats.ts';
import type { Owner } from './owner.ts';
import type { Usage } from './usage.ts';
import { stopsFor, tookTooLong, type Deadline } from './deadline.ts';

/** Largest answer that is kept in memory and sent as a whole; larger ones are sent as they come. */
const largestKept = 1_048_576;
const keptInAll = 67_108_864;

interface Kept {
  version: number;
  etag: string;
  body: Buffer;
}

/** What of a report is asked for, and in which form. */
export interface Wanted {
  report: Report;
  given: Given;
  ending: Ending;
  shape: AnswerShape;
  /** Name of the caller's token. */
  caller?: string | undefined;
}

/** Answers reports: from memory where nothing was written since, else by running them. */
export class Answers {
  readonly #owner: Owner;
  readonly #usage: Usage;
  readonly #now: () => Date;
  readonly #tz: string;
  readonly #seconds: number;
  /** Tells answers of this run of the server from those of another. */
  readonly #run = randomUUID();
  readonly #kept = new LRUCache<string, Kept>({ maxSize: keptInAll, maxEntrySize: largestKept, sizeCalculation: ({ body }, key) => body.length + key.length });
  readonly counts = { kept: 0, computed: 0 };

  constructor(owner: Owner, usage: Usage, settings: { now: () => Date; tz: string; seconds: number }) {
    this.#owner = owner;
    this.#usage = usage;
    this.#now = settings.now;
    this.#tz = settings.tz;
    this.#seconds = settings.seconds;
  }

  /** An answer that is still right, if there is one. */
  keptFor(request: FastifyRequest): Kept | undefined {
    const kept = request.method === 'GET' || request.method === 'HEAD' ? this.#kept.get(request.url) : undefined;
    return kept?.version === this.#owner.dataVersion ? kept : undefined;
  }

  async send(request: FastifyRequest, reply: FastifyReply, wanted: Wanted): Promise<unknown> {
    const { report, ending } = wanted;
    const version = this.#owner.dataVersion;
    reply.type(endings[ending]);
    const keeps = this.#isKeepable(request, wanted);
    if (keeps) {
      const etag = this.#etag(request.url, version);
      if (request.headers['if-none-match'] === etag) return reply.code(304).header('etag', etag).send();
      reply.header('etag', etag);
    }
    if (report.tables.includes('requests')) await this.#usage.flush();
    const deadline = stopsFor(request, this.#seconds);
    try {
      return await this.#owner.read(async (engine) => {
        const context = { now: this.#now(), label: (name: string) => name, caller: wanted.caller };
        const pieces = piecesOf(engine, report, inZone(report, wanted.given, this.#tz), context, ending, wanted.shape);
        const { body, rest } = await beginning(pieces);
        this.counts.computed += 1;
        if (rest !== undefined) return sendOn(reply, [body], rest, deadline);
        if (keeps) this.#kept.set(request.url, { version, etag: this.#etag(request.url, version), body });
        return reply.send(body);
      }, deadline.signal);
    } catch (error) {
      throw deadline.hasPassed ? tookTooLong(this.#seconds, error) : error;
    } finally {
      deadline.clear();
    }
  }

  /** Sends what was kept; its type is that of its route. */
  sendKept(request: FastifyRequest, reply: FastifyReply, { etag, body }: Kept, ending: Ending): FastifyReply {
    this.counts.kept += 1;
    reply.header('etag', etag);
    if (request.headers['if-none-match'] === etag) return reply.code(304).send();
    return reply.type(endings[ending]).send(body);
  }

  /** Whether asking again means the same, whoever asks: what looks at the clock, the caller or the log of requests does not. */
  #isKeepable(request: FastifyRequest, { report, given }: Wanted): boolean {
    const now = report.parameters.find(({ role }) => role === 'now');
    const looksAside = report.tables.some((table) => table === 'requests' || table === 'tokens') || report.parameters.some(({ role }) => role === 'caller');
    return (request.method === 'GET' || request.method === 'HEAD') && !looksAside && (!now || given[now.name] !== undefined);
  }

  #etag(url: string, version: number): string {
    return `W/"${createHash('sha1').update(`${this.#run} ${version} ${url}`).digest('base64url')}"`;
  }
}

/** The first part of an answer: all of it, where it is short. */
export async function beginning(pieces: AsyncGenerator<string | Buffer>): Promise<{ body: Buffer; rest?: AsyncGenerator<string | Buffer> }> {
  const parts: Buffer[] = [];
  let size = 0;
  for (let { value, done } = await pieces.next(); ; { value, done } = await pieces.next()) {
    if (done || value === undefined) return { body: Buffer.concat(parts) };
    const part = typeof value === 'string' ? Buffer.from(value) : value;
    parts.push(part);
    size += part.length;
    if (size > largestKept) return { body: Buffer.concat(parts), rest: pieces };
  }
}

/** Sends an answer as it comes; a reader that stands still for too long is cut off. */
export async function sendOn(reply: FastifyReply, first: readonly Buffer[], rest: AsyncGenerator<string | Buffer>, deadline: Deadline): Promise<FastifyReply> {
  async function* all(): AsyncGenerator<string | Buffer> {
    yield* first;
    for await (const piece of rest) {
      deadline.refresh();
      yield piece;
    }
  }
  const stream = Readable.from(all(), { objectMode: false });
  deadline.signal.addEventListener('abort', () => stream.destroy(), { once: true });
  reply.send(stream);
  await finished(reply.raw).catch(() => undefined);
  // The connection is another's only when its query has ended.
  await rest.return(undefined).catch(() => undefined);
  return reply;
}
