import { LRUCache } from 'lru-cache';
import { WattduckError } from '../../errors/wattduck-error.ts';
import { pluralize } from '../../text/format-number.ts';

/** Max failed logins of an address in a window, and milliseconds of the window. */
const [maxFailures, windowMs] = [10, 60_000];
/** Max addresses to count. */
const maxAddresses = 10_000;

/** Limits failed logins by client address. */
export class LoginLimit {
  readonly #failures: LRUCache<string, number>;

  constructor(now: () => Date) {
    this.#failures = new LRUCache({
      max: maxAddresses,
      ttl: windowMs,
      ttlResolution: 0,
      noUpdateTTL: true,
      perf: { now: () => now().getTime() },
    });
  }

  /** Seconds until an address can try again; 0 if it can. */
  waitSeconds(address: string): number {
    const failures = this.#failures.get(address) ?? 0;
    return failures < maxFailures ? 0 : Math.max(0, Math.ceil(this.#failures.getRemainingTTL(address) / 1000));
  }

  recordFailure(address: string): void {
    this.#failures.set(address, (this.#failures.get(address) ?? 0) + 1);
  }
}

/** The error of an address that must wait. */
export const loginLimitError = (seconds: number): WattduckError =>
  new WattduckError('login_limit_reached', { wait: pluralize(seconds, 'second') });
