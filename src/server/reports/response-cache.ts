import { createHash, randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import type { AnswerShape, RawParameters, Report } from '../../catalog/definitions.ts';
import { topologicalOrder } from '../../catalog/views.ts';
import { withDefaultTimeZone } from '../../warehouse/time-zone.ts';
import type { RequestLog } from '../access/request-log.ts';
import { withDeadline, type Deadline } from '../http/deadline.ts';
import { etagMatches, ifNoneMatch, stripWeak } from '../http/etag.ts';
import type { DatabaseOwner } from '../owner/owner.ts';
import { mediaTypes, reportChunks, type ResponseFormat } from './formats.ts';

/** Largest answer that is kept in memory and sent as a whole; larger ones are sent as they come. */
const maxEntryBytes = 1_048_576;
const maxCacheBytes = 67_108_864;

interface CachedResponse {
  version: number;
  etag: string;
  body: Buffer;
}

/** What of a report is asked for, and in which form. */
export interface ReportRequest {
  report: Report;
  params: RawParameters;
  format: ResponseFormat;
  shape: AnswerShape;
  /** Name of the caller's token. */
  caller?: string | undefined;
}

/** Answers reports: from memory where nothing was written since, else by running them. */
export class ReportResponder {
  readonly #owner: DatabaseOwner;
  readonly #requestLog: RequestLog;
  readonly #now: () => Date;
  readonly #tz: string;
  readonly #seconds: number;
  /** Tells answers of this run of the server from those of another. */
  readonly #runId = randomUUID();
  readonly #cache = new LRUCache<string, CachedResponse>({
    maxSize: maxCacheBytes,
    maxEntrySize: maxEntryBytes,
    sizeCalculation: ({ body }, key) => body.length + key.length,
  });
  readonly counts = { kept: 0, computed: 0 };

  constructor(
    owner: DatabaseOwner,
    requestLog: RequestLog,
    settings: { now: () => Date; tz: string; seconds: number },
  ) {
    this.#owner = owner;
    this.#requestLog = requestLog;
    this.#now = settings.now;
    this.#tz = settings.tz;
    this.#seconds = settings.seconds;
  }

  /** An answer that is still right, if there is one. */
  lookup(request: FastifyRequest): CachedResponse | undefined {
    const cached = request.method === 'GET' || request.method === 'HEAD' ? this.#cache.get(request.url) : undefined;
    return cached?.version === this.#owner.dataVersion ? cached : undefined;
  }

  async send(request: FastifyRequest, reply: FastifyReply, reportRequest: ReportRequest): Promise<unknown> {
    const { report, format } = reportRequest;
    // Read first: what is written meanwhile makes this answer an old one.
    const version = this.#owner.dataVersion;
    const etag = this.#isCacheable(request, reportRequest) ? this.#etag(request.url, version) : undefined;
    // Only who was answered knows the tag.
    if (etag !== undefined && ifNoneMatch(request).includes(stripWeak(etag)))
      return reply.code(304).header('etag', etag).send();
    if (report.tables.includes('requests')) await this.#requestLog.flush();
    await withDeadline(request, this.#seconds, (deadline) =>
      this.#owner.read(async (duckdb) => {
        const context = { now: this.#now(), label: (name: string) => name, caller: reportRequest.caller };
        const pieces = reportChunks(
          duckdb,
          report,
          withDefaultTimeZone(report, reportRequest.params, this.#tz),
          context,
          format,
          reportRequest.shape,
        );
        const { body, rest } = await bufferStart(pieces);
        this.counts.computed += 1;
        if (etag !== undefined && rest === undefined) this.#cache.set(request.url, { version, etag, body });
        return respond(request, reply.type(mediaTypes[format]), { etag, body, rest }, deadline);
      }, deadline.signal),
    );
    return reply;
  }

  /** Sends what was kept; its type is that of its route. */
  sendCached(
    request: FastifyRequest,
    reply: FastifyReply,
    { etag, body }: CachedResponse,
    format: ResponseFormat,
  ): FastifyReply {
    this.counts.kept += 1;
    reply.header('etag', etag);
    return etagMatches(request, etag) ? reply.code(304).send() : reply.type(mediaTypes[format]).send(body);
  }

  /** Whether asking again means the same: what looks at the clock, at who asks or at the log of requests does not. */
  #isCacheable(request: FastifyRequest, { report, params }: ReportRequest): boolean {
    const dependsOnRequest = report.parameters.some(
      ({ name, role }) => role === 'caller' || (role === 'now' && params[name] === undefined),
    );
    const readsSystemTables = report.tables.some((table) => table === 'requests' || table === 'tokens');
    const isVolatile = [
      report,
      ...report.views,
      ...(report.forecast ? topologicalOrder([report.forecast.series]) : []),
    ].some(({ sql }) => volatileSql.test(sql));
    return (
      (request.method === 'GET' || request.method === 'HEAD') && !dependsOnRequest && !readsSystemTables && !isVolatile
    );
  }

  #etag(url: string, version: number): string {
    return `W/"${createHash('sha1').update(`${this.#runId} ${version} ${url}`).digest('base64url')}"`;
  }
}

/** SQL that answers something else each time. */
const volatileSql =
  /\b(now|today|(get_)?current_(date|time|timestamp)|local(time|timestamp)|transaction_timestamp|random|(gen_random_)?uuid(v\d)?)\b/i;

type Pieces = AsyncGenerator<string | Buffer>;

/** The first part of an answer: all of it, where it is short. */
export async function bufferStart(pieces: Pieces): Promise<{ body: Buffer; rest?: Pieces }> {
  const chunks: Buffer[] = [];
  let size = 0;
  for (let { value, done } = await pieces.next(); ; { value, done } = await pieces.next()) {
    if (done || value === undefined) return { body: Buffer.concat(chunks) };
    const chunk = typeof value === 'string' ? Buffer.from(value) : value;
    chunks.push(chunk);
    size += chunk.length;
    if (size > maxEntryBytes) return { body: Buffer.concat(chunks), rest: pieces };
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
  const isUnchanged = etag !== undefined && etagMatches(request, etag);
  if (rest && !isUnchanged && request.method !== 'HEAD') return streamRest(reply, body, rest, deadline);
  await rest?.return(undefined);
  if (isUnchanged) reply.code(304).send();
  // How long the answer to a HEAD would have been is not known.
  else reply.send(rest ? Readable.from([]) : body);
}

/** Sends an answer as it comes; a reader that stands still for too long is cut off. */
async function streamRest(reply: FastifyReply, first: Buffer, rest: Pieces, deadline: Deadline): Promise<void> {
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
