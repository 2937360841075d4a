import { createHash, randomBytes } from 'node:crypto';
import { WattduckError } from '../errors.ts';
import type { Engine } from '../warehouse/engine.ts';
import type { Owner } from './owner.ts';

/** What a token may do; each may do what stands before it, too. */
export const scopes = ['read', 'append', 'admin'] as const;
export type Scope = (typeof scopes)[number];

/** Who asks: the bearer of a token, or anybody where there are none. */
export interface Caller {
  /** Name of the token. */
  name?: string;
  scopes: readonly Scope[];
  /** Requests a day, UTC. */
  dailyLimit?: number;
}

/** The hosted services' tokens are long and random: a plain hash of one tells nothing. */
export const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');

export const newToken = (): string => `wd_${randomBytes(32).toString('base64url')}`;

const anybody: Caller = { scopes };

/** Knows every token of the file; those made or revoked while the server runs, too. */
export class Tokens {
  readonly #owner: Owner;
  #callers: ReadonlyMap<string, Caller> | undefined;
  #known = -1;
  /** Hashing costs more than all else of a cached answer. */
  readonly #hashes = new Map<string, string>();

  constructor(owner: Owner) {
    this.#owner = owner;
  }

  /**
   * Who bears this token.
   * @throws WattduckError no_token where one is needed and it is missing, unknown or revoked
   */
  async callerOf(token: string | undefined): Promise<Caller> {
    const callers = await this.#upToDate();
    if (callers === undefined) return anybody;
    if (token === undefined) throw new WattduckError('no_token', 'a token is needed', 'Send it as Authorization: Bearer TOKEN.');
    const caller = callers.get(this.#hash(token));
    if (!caller) throw new WattduckError('no_token', 'the token is not known, or was revoked', 'wattduck token create makes one.');
    return caller;
  }

  /** Whether a token was ever made: from then on one is needed. */
  async areNeeded(): Promise<boolean> {
    return (await this.#upToDate()) !== undefined;
  }

  async #upToDate(): Promise<ReadonlyMap<string, Caller> | undefined> {
    const { tokensVersion } = this.#owner;
    if (this.#known !== tokensVersion) {
      this.#callers = await callersIn(this.#owner.aside);
      this.#known = tokensVersion;
    }
    return this.#callers;
  }

  #hash(token: string): string {
    const known = this.#hashes.get(token);
    if (known !== undefined) return known;
    if (this.#hashes.size > 1000) this.#hashes.clear();
    const hash = hashOf(token);
    this.#hashes.set(token, hash);
    return hash;
  }
}

async function callersIn(engine: Engine): Promise<ReadonlyMap<string, Caller> | undefined> {
  const rows = await engine.rows('select name, hash, scopes, daily_limit, revoked_at from tokens');
  if (rows.length === 0) return undefined;
  return new Map(rows.filter((row) => row['revoked_at'] === null).map((row): [string, Caller] => {
    const limit = row['daily_limit'];
    return [String(row['hash']), { name: String(row['name']), scopes: reaching(String(row['scopes'])), ...(limit === null ? {} : { dailyLimit: Number(limit) }) }];
  }));
}

/** All that scopes written `read,append` allow. */
export function reaching(written: string): Scope[] {
  const highest = Math.max(...written.split(',').map((scope) => scopes.indexOf(scope as Scope)));
  return scopes.slice(0, highest + 1);
}

/** @throws WattduckError not_allowed */
export function requireScope(caller: Caller, scope: Scope): void {
  if (!caller.scopes.includes(scope)) {
    throw new WattduckError('not_allowed', `the token "${caller.name}" may not do this`, `It takes a token with the scope ${scope}.`);
  }
}
