import { VARCHAR } from '@duckdb/node-api';
import { WattduckError } from '../errors.ts';
import type { Caller } from './auth.ts';
import type { Owner } from './owner.ts';

/** Milliseconds until counted requests are written down. */
const flushEvery = 5000;

interface Count {
  minute: string;
  token: string | null;
  endpoint: string;
  status: number;
  requests: number;
  milliseconds: number;
}

/** What a token's bearer may still do today. */
export interface Allowance {
  limit: number;
  remaining: number;
  /** Seconds until the day, UTC, is over. */
  reset: number;
}

/** Counts requests by minute, token, route and status, and writes the counts into the file in batches. */
export class Usage {
  readonly #owner: Owner;
  readonly #now: () => Date;
  #counts = new Map<string, Count>();
  readonly #today = new Map<string, number>();
  #day: string;
  #timer: NodeJS.Timeout;
  #writing: Promise<void> = Promise.resolve();

  private constructor(owner: Owner, now: () => Date, today: ReadonlyMap<string, number>) {
    this.#owner = owner;
    this.#now = now;
    this.#day = dayOf(now());
    for (const [name, requests] of today) this.#today.set(name, requests);
    this.#timer = setInterval(() => void this.flush(), flushEvery);
    this.#timer.unref();
  }

  static async open(owner: Owner, now: () => Date): Promise<Usage> {
    const rows = await owner.aside.rows(`select token, sum(requests)::bigint as n from requests where token is not null and minute >= '${dayOf(now())}'::timestamp group by token`);
    return new Usage(owner, now, new Map(rows.map(({ token, n }) => [String(token), Number(n)])));
  }

  /**
   * Lets one request of a limited token through, and says what is left; nothing where there is no limit.
   * @throws WattduckError too_many
   */
  admit({ name, dailyLimit }: Caller): Allowance | undefined {
    if (name === undefined || dailyLimit === undefined) return undefined;
    const now = this.#now();
    if (dayOf(now) !== this.#day) {
      this.#day = dayOf(now);
      this.#today.clear();
    }
    const before = this.#today.get(name) ?? 0;
    this.#today.set(name, before + 1);
    const midnight = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate() + 1);
    return { limit: dailyLimit, remaining: dailyLimit - before - 1, reset: Math.ceil((midnight - now.getTime()) / 1000) };
  }

  count(token: string | undefined, endpoint: string, status: number, milliseconds: number): void {
    this.#add({ minute: this.#now().toISOString().slice(0, 16), token: token ?? null, endpoint, status, requests: 1, milliseconds });
  }

  #add(more: Count): void {
    const key = [more.minute, more.token, more.endpoint, more.status].join('\n');
    const count = this.#counts.get(key);
    if (!count) this.#counts.set(key, more);
    else {
      count.requests += more.requests;
      count.milliseconds += more.milliseconds;
    }
  }

  /** Writes down what was counted; what can't be written now is written with the next. */
  flush(): Promise<void> {
    return (this.#writing = this.#writing.then(() => this.#write()));
  }

  async #write(): Promise<void> {
    if (this.#counts.size === 0) return;
    const counts = [...this.#counts.values()];
    this.#counts = new Map();
    const shape = '[{"minute":"TIMESTAMP","token":"VARCHAR","endpoint":"VARCHAR","status":"INTEGER","requests":"BIGINT","milliseconds":"DOUBLE"}]';
    const insert = `insert into requests select minute, token, endpoint, status, requests, milliseconds from (select unnest(from_json($counts, '${shape}'), recursive := true))`;
    await this.#owner.log(insert, { values: { counts: JSON.stringify(counts) }, types: { counts: VARCHAR } }).catch(() => {
      for (const count of counts) this.#add(count);
    });
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
  }
}

const dayOf = (at: Date): string => at.toISOString().slice(0, 10);

/** @throws WattduckError too_many where nothing is left */
export function refuseBeyond({ limit, remaining, reset }: Allowance): void {
  if (remaining < 0) throw new WattduckError('too_many', `the ${limit} requests a day of this token are used up`, `Come back in ${reset} seconds, at midnight UTC.`);
}
