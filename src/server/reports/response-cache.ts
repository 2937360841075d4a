import { createHash, randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import type { AnswerShape, Chart, RawParameters, Report } from '../../catalog/definitions.ts';
import { topologicalOrder } from '../../catalog/views.ts';
import { parseCalendarPeriod } from '../../text/calendar-period.ts';
import type { RunContext } from '../../reports/run-report.ts';
import type { DuckDb } from '../../warehouse/duckdb.ts';
import type { RequestLog } from '../access/request-log.ts';
import { withDeadline, type Deadline } from '../http/deadline.ts';
import { looksCompressed, skipCompression } from '../http/compression.ts';
import { etagMatches, ifNoneMatch, stripWeak } from '../http/etag.ts';
import type { DatabaseOwner } from '../owner/owner.ts';
import { mediaTypes, reportChunks, type ResponseFormat } from './formats.ts';
import { encodeNotes, noteHeaderName } from './note-header.ts';

/** Max bytes of a response that is cached; larger ones are streamed. */
const maxEntryBytes = 1_048_576;
const maxCacheBytes = 67_108_864;

interface CachedResponse {
  version: number;
  /** Media type. */
  type: string;
  etag: string;
  /** Value of the header with the notes. */
  note: string | undefined;
  rows: number | undefined;
  body: Buffer;
}

/** A request for a report. */
export interface ReportRequest {
  report: Report;
  params: RawParameters;
  format: ResponseFormat;
  shape: AnswerShape;
  /** The chart to draw, for SVG. */
  chart?: Chart | undefined;
  /** Name of the token. */
  caller?: string | undefined;
}

/** A request for something made of reports, such as a tile of a page. */
export interface ContentRequest {
  /** Media type. */
  type: string;
  /** Whether the content depends on the address and the data alone. */
  isStable: boolean;
  /** Name of the token. */
  caller?: string | undefined;
  create(duckdb: DuckDb, context: RunContext): Promise<string>;
}

/** Answers report requests: from the cache until the next write, otherwise by running the report. */
export class ReportResponder {
  readonly #owner: DatabaseOwner;
  readonly #requestLog: RequestLog;
  readonly #now: () => Date;
  readonly #tz: string | undefined;
  readonly #currency: string | undefined;
  readonly #holidays: RunContext['holidays'];
  readonly #seconds: number;
  /** Keeps ETags of different server runs apart. */
  readonly #runId = randomUUID();
  readonly #cache = new LRUCache<string, CachedResponse>({
    maxSize: maxCacheBytes,
    maxEntrySize: maxEntryBytes,
    sizeCalculation: ({ body, note = '' }, key) => body.length + note.length + key.length,
  });
  /** Responses from the cache, and computed ones. */
  readonly counts = { kept: 0, computed: 0 };

  constructor(
    owner: DatabaseOwner,
    requestLog: RequestLog,
    settings: {
      now: () => Date;
      tz: string | undefined;
      currency?: string | undefined;
      holidays?: RunContext['holidays'];
      seconds: number;
    },
  ) {
    this.#owner = owner;
    this.#requestLog = requestLog;
    this.#now = settings.now;
    this.#tz = settings.tz;
    this.#currency = settings.currency;
    this.#holidays = settings.holidays;
    this.#seconds = settings.seconds;
  }

  /** The cached response to a request, if it is current. */
  lookup(request: FastifyRequest): CachedResponse | undefined {
    const cached = request.method === 'GET' || request.method === 'HEAD' ? this.#cache.get(request.url) : undefined;
    return cached?.version === this.#owner.dataVersion ? cached : undefined;
  }

  /** Runs a report and sends the result, or 304 if the client has it. */
  async send(request: FastifyRequest, reply: FastifyReply, reportRequest: ReportRequest): Promise<unknown> {
    const { report, format } = reportRequest;
    // Read before the query: a write during it makes this response outdated.
    const version = this.#owner.dataVersion;
    const etag = this.#isCacheable(request, reportRequest) ? this.#etag(request.url, version) : undefined;
    // A client that sends this ETag got the response, so it need not be computed.
    if (etag !== undefined && ifNoneMatch(request).includes(stripWeak(etag)))
      return reply.code(304).header('etag', etag).send();
    if (report.tables.includes('requests')) await this.#requestLog.flush();
    await withDeadline(request, this.#seconds, (deadline) =>
      this.#owner.read(async (duckdb) => {
        const context = this.runContext(reportRequest.caller);
        let notes: readonly string[] = [];
        request.rows = 0;
        const chunks = reportChunks(
          duckdb,
          report,
          reportRequest.params,
          context,
          { ...reportRequest, onRows: (count) => void (request.rows! += count) },
          (reportNotes) => void (notes = reportNotes),
        );
        const { body, rest } = await bufferStart(chunks);
        this.counts.computed += 1;
        const note = encodeNotes(notes);
        if (etag !== undefined && rest === undefined)
          this.#cache.set(request.url, { version, type: mediaTypes[format], etag, note, rows: request.rows, body });
        if (note !== undefined) reply.header(noteHeaderName, note);
        return respond(request, reply.type(mediaTypes[format]), { etag, body, rest }, deadline);
      }, deadline.signal),
    );
    return reply;
  }

  /** Creates content and sends it, or 304 if the client has it. Content whose creation fails is not cached. */
  async sendContent(
    request: FastifyRequest,
    reply: FastifyReply,
    { type, isStable, caller, create }: ContentRequest,
  ): Promise<unknown> {
    const version = this.#owner.dataVersion;
    const etag = isStable ? this.#etag(request.url, version) : undefined;
    if (etag !== undefined && ifNoneMatch(request).includes(stripWeak(etag)))
      return reply.code(304).header('etag', etag).send();
    const text = await withDeadline(request, this.#seconds, ({ signal }) =>
      this.#owner.read((duckdb) => create(duckdb, this.runContext(caller)), signal),
    );
    this.counts.computed += 1;
    const body = Buffer.from(text);
    if (etag !== undefined) {
      this.#cache.set(request.url, { version, type, etag, note: undefined, rows: undefined, body });
      reply.header('etag', etag);
    }
    return reply.type(type).send(body);
  }

  /** The context in which requests run reports. @param caller name of the token */
  runContext(caller: string | undefined): RunContext {
    return {
      now: this.#now(),
      label: (name) => name,
      defaultTimeZone: this.#tz,
      baseCurrency: this.#currency,
      holidays: this.#holidays,
      caller,
    };
  }

  /** Changes with every write, and with every start of the server. */
  get dataTag(): string {
    return this.#etag('data', this.#owner.dataVersion).replaceAll(/^W\/|"/g, '');
  }

  /** Sends a cached response, or 304 if the client has it. */
  sendCached(
    request: FastifyRequest,
    reply: FastifyReply,
    { etag, type, note, rows, body }: CachedResponse,
  ): FastifyReply {
    this.counts.kept += 1;
    request.rows = rows;
    reply.header('etag', etag);
    if (note !== undefined) reply.header(noteHeaderName, note);
    return etagMatches(request, etag) ? reply.code(304).send() : reply.type(type).send(body);
  }

  #isCacheable(request: FastifyRequest, { report, params }: ReportRequest): boolean {
    return (request.method === 'GET' || request.method === 'HEAD') && isStable(report, params);
  }

  #etag(url: string, version: number): string {
    return `W/"${createHash('sha1').update(`${this.#runId} ${version} ${url}`).digest('base64url')}"`;
  }
}

/**
 * False for reports whose result depends on the clock, on the caller, or on the request log.
 * @param isPeriodOver whether the period has ended, so that a comparison does not depend on the clock
 */
export function isStable(report: Report, params: RawParameters, isPeriodOver = false): boolean {
  const dependsOnRequest = report.parameters.some(
    ({ name, role }) =>
      role === 'caller' ||
      (role === 'now' && params[name] === undefined) ||
      // Both depend on the current day.
      (role === 'compare' && params[name] !== undefined && !isPeriodOver) ||
      (role === 'period' && params[name] !== undefined && !parseCalendarPeriod(params[name])),
  );
  const readsSystemTables = report.tables.some((table) => table === 'requests' || table === 'tokens');
  const isVolatile = [
    report,
    ...report.views,
    ...topologicalOrder([...(report.forecast ? [report.forecast.series] : []), ...report.notes]),
  ].some(({ sql }) => volatileSql.test(sql));
  return !dependsOnRequest && !readsSystemTables && !isVolatile;
}

/** SQL functions whose result changes between calls. */
const volatileSql =
  /\b(now|today|(get_)?current_(date|time|timestamp)|local(time|timestamp)|transaction_timestamp|random|(gen_random_)?uuid(v\d)?)\b/i;

type Chunks = AsyncGenerator<string | Buffer>;

/** Buffers the start of a response: all of it if it is short enough to be cached, otherwise `rest` follows. */
export async function bufferStart(source: Chunks): Promise<{ body: Buffer; rest?: Chunks }> {
  const chunks: Buffer[] = [];
  let size = 0;
  for (let { value, done } = await source.next(); ; { value, done } = await source.next()) {
    if (done || value === undefined) return { body: Buffer.concat(chunks) };
    const chunk = typeof value === 'string' ? Buffer.from(value) : value;
    chunks.push(chunk);
    size += chunk.length;
    if (size > maxEntryBytes) return { body: Buffer.concat(chunks), rest: source };
  }
}

/** Sends a response whose rest may still follow. It resolves to nothing: the reply is a thenable that waits for the client. */
export async function respond(
  request: FastifyRequest,
  reply: FastifyReply,
  { etag, body, rest }: { etag?: string | undefined; body: Buffer; rest?: Chunks | undefined },
  deadline: Deadline,
): Promise<void> {
  if (etag !== undefined) reply.header('etag', etag);
  const isUnchanged = etag !== undefined && etagMatches(request, etag);
  // Of a stream, only its first bytes are known here.
  if (looksCompressed(body)) skipCompression(request);
  if (rest && !isUnchanged && request.method !== 'HEAD') return streamRest(reply, body, rest, deadline);
  await rest?.return(undefined);
  if (isUnchanged) reply.code(304).send();
  // The length of a streamed response to HEAD is unknown.
  else reply.send(rest ? Readable.from([]) : body);
}

/** Streams a response; a client that stops reading for too long is disconnected. */
async function streamRest(reply: FastifyReply, first: Buffer, rest: Chunks, deadline: Deadline): Promise<void> {
  async function* all(): Chunks {
    yield first;
    for await (const chunk of rest) {
      deadline.refresh();
      yield chunk;
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
  // The connection may be reused only after its query has ended.
  await rest.return(undefined).catch(() => undefined);
}
