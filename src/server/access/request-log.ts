import { BIGINT, VARCHAR } from '@duckdb/node-api';
import { LRUCache } from 'lru-cache';
import { WattduckError } from '../../errors/wattduck-error.ts';
import type { Io } from '../../io.ts';
import { pluralize } from '../../text/format-number.ts';
import { clipMessage } from '../../text/plain-text.ts';
import { duckdbError } from '../../warehouse/duckdb-errors.ts';
import type { DatabaseOwner } from '../owner/owner.ts';
import type { Caller } from './tokens.ts';

/** Milliseconds between writes to the database. */
const flushIntervalMs = 5000;
/** Max counts kept per minute while writing fails; beyond that, they are kept per hour. */
const maxMinuteCounts = 10_000;
/** Days whose quota counts are kept in memory. */
const maxDays = 8;

/** Status of a request without a response yet. */
const pendingStatus = 0;
/** Status of a request whose client left before the end of the response, as nginx logs it. */
export const clientClosedRequest = 499;
/** Status of requests over the quota; they do not count towards it. */
const tooManyRequests = 429;

const msOf = { minute: 60_000, day: 86_400_000 };

interface RequestEntry {
  /** Minutes since 1970, UTC. */
  minute: number;
  token: string | null;
  endpoint: string;
}

interface RequestCount extends RequestEntry {
  status: number;
  requests: number;
  milliseconds: number;
}

/** Requests left of a token's daily limit. */
export interface Quota {
  limit: number;
  /** Requests left after this one; below zero if it is over the limit. */
  remaining: number;
  /** Seconds until midnight UTC. */
  reset: number;
}

/** Records the status and duration of a request; only the first call counts. */
export type FinishRequest = (status: number, milliseconds: number) => void;

/** Counts requests by minute, token, route and status, and writes the counts to the database in batches. */
export class RequestLog {
  readonly #owner: DatabaseOwner;
  readonly #io: Pick<Io, 'now' | 'stderr'>;
  #counts = new Map<string, RequestCount>();
  /** Requests without a response yet; true once one is in the database with the pending status. */
  readonly #pending = new Map<RequestEntry, boolean>();
  /** Requests of each token by day since 1970, UTC. Earlier days are kept in case the clock is set back. */
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

  /** Counts one request towards the daily limit of a token; undefined if it has no limit. */
  takeQuota({ name, dailyLimit }: Caller): Quota | undefined {
    if (name === undefined || dailyLimit === undefined) return undefined;
    const now = this.#io.now().getTime();
    const day = Math.floor(now / msOf.day);
    const today = this.#usedOn(day);
    const used = (today.get(name) ?? 0) + 1;
    if (used <= dailyLimit) today.set(name, used);
    return { limit: dailyLimit, remaining: dailyLimit - used, reset: Math.ceil(((day + 1) * msOf.day - now) / 1000) };
  }

  /** Counts an accepted request at once, so that the log never lags behind the quota. */
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

  /** Counts a request that was rejected before its route ran. */
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

  /** Writes the counts to the database; counts that fail are kept for the next write. */
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
          `warning: request log not saved, retrying: ${clipMessage((duckdbError(error, 'the database') as Error).message.split('\n')[0]!)}\n`,
        );
      this.#isFailing = true;
      for (const count of counts) {
        const minute = counts.length <= maxMinuteCounts ? count.minute : count.minute - (count.minute % 60);
        this.#add({ ...count, minute }, count.status, count.requests, count.milliseconds);
      }
    }
  }

  /** Writes the last counts. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
    if (this.#isFailing) this.#io.stderr.write('warning: requests since then are not in the request log\n');
  }
}

const countsShape =
  '[{"minute":"BIGINT","token":"VARCHAR","endpoint":"VARCHAR","status":"INTEGER","requests":"BIGINT","milliseconds":"DOUBLE"}]';
/** Keeps one row per minute, token, route and status; the lower bound on the minute avoids reading older rows. */
const mergeSql = `merge into requests using (
    select make_timestamp_ms(minute * ${msOf.minute}) as minute, token, endpoint, status, requests, milliseconds
    from (select unnest(from_json($counts, '${countsShape}'), recursive := true))
  ) as added
  on requests.minute >= make_timestamp_ms($first) and requests.minute = added.minute and requests.token is not distinct from added.token
    and requests.endpoint = added.endpoint and requests.status = added.status
  when matched and requests.requests + added.requests = 0 then delete
  when matched then update set requests = requests.requests + added.requests, milliseconds = requests.milliseconds + added.milliseconds
  when not matched then insert values (added.minute, added.token, added.endpoint, added.status, added.requests, added.milliseconds)`;

/** @throws WattduckError (rate_limit_exceeded) */
export function assertQuota({ limit, remaining, reset }: Quota): void {
  if (remaining < 0)
    throw new WattduckError('rate_limit_exceeded', {
      limit: pluralize(limit, 'request'),
      reset: pluralize(reset, 'second'),
    });
}
