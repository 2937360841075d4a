import { BIGINT, VARCHAR } from '@duckdb/node-api';
import { LRUCache } from 'lru-cache';
import { WattduckError } from '../../errors/wattduck-error.ts';
import type { Io } from '../../io.ts';
import { clipMessage, clipped } from '../../text/plain-text.ts';
import { duckdbError } from '../../warehouse/duckdb-errors.ts';
import type { DatabaseOwner } from '../owner/owner.ts';
import type { Caller } from './tokens.ts';

/** Milliseconds until counted requests are written down. */
const flushIntervalMs = 5000;
/** Most counts kept by the minute while they can't be written; beyond, they are kept by the hour. */
const maxMinuteCounts = 10_000;
/** Days whose requests are remembered. */
const maxDays = 8;

/** Status of a request that is not answered yet, and of one whose answer did not reach its end. */
const pendingStatus = 0;
export const clientClosedRequest = 499;
/** Status of what was refused for coming too often: it uses up nothing. */
const tooManyRequests = 429;

const msOf = { minute: 60_000, day: 86_400_000 };

interface RequestEntry {
  /** In which it came in, since 1970, UTC. */
  minute: number;
  token: string | null;
  endpoint: string;
}

interface RequestCount extends RequestEntry {
  status: number;
  requests: number;
  milliseconds: number;
}

/** What a token's bearer may still do today. */
export interface Quota {
  limit: number;
  /** After this request; below zero where it is one too many. */
  remaining: number;
  /** Seconds until the day, UTC, is over. */
  reset: number;
}

/** Tells how a request ended; only the first time counts. */
export type FinishRequest = (status: number, milliseconds: number) => void;

/** Counts requests by minute, token, route and status, and writes the counts into the file in batches. */
export class RequestLog {
  readonly #owner: DatabaseOwner;
  readonly #io: Pick<Io, 'now' | 'stderr'>;
  #counts = new Map<string, RequestCount>();
  /** Each with whether it is written down as such. */
  readonly #pending = new Map<RequestEntry, boolean>();
  /** Requests of each token by day since 1970, UTC: a clock that is set back finds the earlier day as it was. */
  readonly #days = new LRUCache<number, Map<string, number>>({ max: maxDays });
  readonly #timer: NodeJS.Timeout;
  #writing: Promise<void> = Promise.resolve();
  #isFailing = false;

  private constructor(owner: DatabaseOwner, io: Pick<Io, 'now' | 'stderr'>, day: number, used: Map<string, number>) {
    this.#owner = owner;
    this.#io = io;
    this.#days.set(day, used);
    this.#timer = setInterval(() => void this.flush(), flushIntervalMs);
    this.#timer.unref();
  }

  static async open(owner: DatabaseOwner, io: Pick<Io, 'now' | 'stderr'>): Promise<RequestLog> {
    const day = Math.floor(io.now().getTime() / msOf.day);
    const rows = await owner.systemConnection.rows(
      `select token, sum(requests)::bigint as n from requests where token is not null and minute >= make_timestamp_ms(${day * msOf.day}) and status <> ${tooManyRequests} group by token`,
    );
    return new RequestLog(owner, io, day, new Map(rows.map(({ token, n }) => [String(token), Number(n)])));
  }

  /** Takes one request of a limited token off its day, and says what is left; nothing where there is no limit. */
  takeQuota({ name, dailyLimit }: Caller): Quota | undefined {
    if (name === undefined || dailyLimit === undefined) return undefined;
    const now = this.#io.now().getTime();
    const day = Math.floor(now / msOf.day);
    const today = this.#usedOn(day);
    const used = (today.get(name) ?? 0) + 1;
    if (used <= dailyLimit) today.set(name, used);
    return { limit: dailyLimit, remaining: dailyLimit - used, reset: Math.ceil(((day + 1) * msOf.day - now) / 1000) };
  }

  /** Counts a request that was let through: from now on, so that the log never lags behind what is left of the day. */
  startRequest(token: string | undefined, endpoint: string): FinishRequest {
    const request = this.#createEntry(token, endpoint);
    const today = this.#usedOn(Math.floor(request.minute / (msOf.day / msOf.minute)));
    this.#pending.set(request, false);
    return (status, milliseconds) => {
      const isWritten = this.#pending.get(request);
      if (!this.#pending.delete(request)) return;
      if (isWritten) this.#add(request, pendingStatus, -1, 0);
      this.#add(request, status, 1, milliseconds);
      const used = token === undefined ? undefined : today.get(token);
      if (status === tooManyRequests && used !== undefined) today.set(token!, used - 1);
    };
  }

  /** Counts a request that was not let through. */
  recordRejected(token: string | undefined, endpoint: string, status: number, milliseconds: number): void {
    this.#add(this.#createEntry(token, endpoint), status, 1, milliseconds);
  }

  #usedOn(day: number): Map<string, number> {
    const used = this.#days.get(day) ?? new Map<string, number>();
    this.#days.set(day, used);
    return used;
  }

  #createEntry(token: string | undefined, endpoint: string): RequestEntry {
    return { minute: Math.floor(this.#io.now().getTime() / msOf.minute), token: token ?? null, endpoint };
  }

  #add({ minute, token, endpoint }: RequestEntry, status: number, requests: number, milliseconds: number): void {
    const key = `${minute} ${status} ${endpoint} ${token ?? ''}`;
    const count = this.#counts.get(key);
    if (count) {
      count.requests += requests;
      count.milliseconds += milliseconds;
    } else this.#counts.set(key, { minute, token, endpoint, status, requests, milliseconds });
  }

  /** Writes down what was counted; what can't be written now is written with the next. */
  flush(): Promise<void> {
    return (this.#writing = this.#writing.then(() => this.#write()));
  }

  async #write(): Promise<void> {
    for (const [request, isWritten] of this.#pending) {
      if (!isWritten) this.#add(request, pendingStatus, 1, 0);
      this.#pending.set(request, true);
    }
    const counts = [...this.#counts.values()].filter(({ requests }) => requests !== 0);
    this.#counts = new Map();
    if (counts.length === 0) return;
    const first = BigInt(Math.min(...counts.map(({ minute }) => minute)) * msOf.minute);
    try {
      await this.#owner.log(mergeSql, {
        values: { counts: JSON.stringify(counts), first },
        types: { counts: VARCHAR, first: BIGINT },
      });
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing)
        this.#io.stderr.write(
          `the log of requests can not be written now and is retried: ${clipMessage((duckdbError(error, 'the database') as Error).message.split('\n')[0]!)}\n`,
        );
      this.#isFailing = true;
      for (const count of counts) {
        const minute = counts.length <= maxMinuteCounts ? count.minute : count.minute - (count.minute % 60);
        this.#add({ ...count, minute }, count.status, count.requests, count.milliseconds);
      }
    }
  }

  /** Writes down the last of them. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
    if (this.#isFailing) this.#io.stderr.write('the requests since then are not in the log\n');
  }
}

const countsShape =
  '[{"minute":"BIGINT","token":"VARCHAR","endpoint":"VARCHAR","status":"INTEGER","requests":"BIGINT","milliseconds":"DOUBLE"}]';
/** One row a minute, token, route and status, however often it is written; the bound on the minute spares reading the rest. */
const mergeSql = `merge into requests using (
    select make_timestamp_ms(minute * ${msOf.minute}) as minute, token, endpoint, status, requests, milliseconds
    from (select unnest(from_json($counts, '${countsShape}'), recursive := true))
  ) as more
  on requests.minute >= make_timestamp_ms($first) and requests.minute = more.minute and requests.token is not distinct from more.token
    and requests.endpoint = more.endpoint and requests.status = more.status
  when matched and requests.requests + more.requests = 0 then delete
  when matched then update set requests = requests.requests + more.requests, milliseconds = requests.milliseconds + more.milliseconds
  when not matched then insert values (more.minute, more.token, more.endpoint, more.status, more.requests, more.milliseconds)`;

/** @throws WattduckError (too_many_requests) where nothing is left */
export function assertQuota({ limit, remaining, reset }: Quota): void {
  if (remaining < 0)
    throw new WattduckError(
      'too_many_requests',
      clipped`the ${limit} requests a day of this token are used up`,
      clipped`Come back in ${reset} seconds, at midnight UTC.`,
    );
}
