import { createHash, randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import type { AnswerShape, RawParameters, Report } from '../../catalog/definitions.ts';
import { topologicalOrder } from '../../catalog/views.ts';
import { withDefaultTimeZone } from '../../warehouse/zone.ts';
import type { Usage } from '../access/request-log.ts';
import { inTime, type Deadline } from '../http/deadline.ts';
import { isKnown, opaque, tagsIn } from '../http/etag.ts';
import type { Owner } from '../owner/owner.ts';
import { endings, piecesOf, type Ending } from './formats.ts';

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
  given: RawParameters;
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
  readonly #kept = new LRUCache<string, Kept>({
    maxSize: keptInAll,
    maxEntrySize: largestKept,
    sizeCalculation: ({ body }, key) => body.length + key.length,
  });
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
    // Read first: what is written meanwhile makes this answer an old one.
    const version = this.#owner.dataVersion;
    const etag = this.#isKeepable(request, wanted) ? this.#etag(request.url, version) : undefined;
    // Only who was answered knows the tag.
    if (etag !== undefined && tagsIn(request).includes(opaque(etag)))
      return reply.code(304).header('etag', etag).send();
    if (report.tables.includes('requests')) await this.#usage.flush();
    await inTime(request, this.#seconds, (deadline) =>
      this.#owner.read(async (engine) => {
        const context = { now: this.#now(), label: (name: string) => name, caller: wanted.caller };
        const pieces = piecesOf(
          engine,
          report,
          withDefaultTimeZone(report, wanted.given, this.#tz),
          context,
          ending,
          wanted.shape,
        );
        const { body, rest } = await beginning(pieces);
        this.counts.computed += 1;
        if (etag !== undefined && rest === undefined) this.#kept.set(request.url, { version, etag, body });
        return respond(request, reply.type(endings[ending]), { etag, body, rest }, deadline);
      }, deadline.signal),
    );
    return reply;
  }

  /** Sends what was kept; its type is that of its route. */
  sendKept(request: FastifyRequest, reply: FastifyReply, { etag, body }: Kept, ending: Ending): FastifyReply {
    this.counts.kept += 1;
    reply.header('etag', etag);
    return isKnown(request, etag) ? reply.code(304).send() : reply.type(endings[ending]).send(body);
  }

  /** Whether asking again means the same: what looks at the clock, at who asks or at the log of requests does not. */
  #isKeepable(request: FastifyRequest, { report, given }: Wanted): boolean {
    const isOpen = report.parameters.some(
      ({ name, role }) => role === 'caller' || (role === 'now' && given[name] === undefined),
    );
    const looksAside = report.tables.some((table) => table === 'requests' || table === 'tokens');
    const isRestless = [
      report,
      ...report.views,
      ...(report.forecast ? topologicalOrder([report.forecast.series]) : []),
    ].some(({ sql }) => restless.test(sql));
    return (request.method === 'GET' || request.method === 'HEAD') && !isOpen && !looksAside && !isRestless;
  }

  #etag(url: string, version: number): string {
    return `W/"${createHash('sha1').update(`${this.#run} ${version} ${url}`).digest('base64url')}"`;
  }
}

/** SQL that answers something else each time. */
const restless =
  /\b(now|today|(get_)?current_(date|time|timestamp)|local(time|timestamp)|transaction_timestamp|random|(gen_random_)?uuid(v\d)?)\b/i;

type Pieces = AsyncGenerator<string | Buffer>;

/** The first part of an answer: all of it, where it is short. */
export async function beginning(pieces: Pieces): Promise<{ body: Buffer; rest?: Pieces }> {
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

/** Sends an answer, of which there may be more to come. It does not wait for the client, and so does not return the reply, which does. */
export async function respond(
  request: FastifyRequest,
  reply: FastifyReply,
  { etag, body, rest }: { etag?: string | undefined; body: Buffer; rest?: Pieces | undefined },
  deadline: Deadline,
): Promise<void> {
  if (etag !== undefined) reply.header('etag', etag);
  const isUnchanged = etag !== undefined && isKnown(request, etag);
  if (rest && !isUnchanged && request.method !== 'HEAD') return sendOn(reply, body, rest, deadline);
  await rest?.return(undefined);
  if (isUnchanged) reply.code(304).send();
  // How long the answer to a HEAD would have been is not known.
  else reply.send(rest ? Readable.from([]) : body);
}

/** Sends an answer as it comes; a reader that stands still for too long is cut off. */
async function sendOn(reply: FastifyReply, first: Buffer, rest: Pieces, deadline: Deadline): Promise<void> {
  async function* all(): Pieces {
    yield first;
    for await (const piece of rest) {
      deadline.refresh();
      yield piece;
    }
  }
  const stream = Readable.from(all(), { objectMode: false });
  deadline.signal.addEventListener(
    'abort',
    () => {
      stream.destroy();
      reply.raw.destroy();
    },
    { once: true },
  );
  reply.send(stream);
  await finished(reply.raw).catch(() => undefined);
  // The connection is another's only when its query has ended.
  await rest.return(undefined).catch(() => undefined);
}
