import { hash, randomBytes } from 'node:crypto';
import { WattduckError } from '../../errors/wattduck-error.ts';
import type { DuckDb } from '../../warehouse/duckdb.ts';
import type { DatabaseOwner } from '../owner/owner.ts';

/** Scopes of tokens. None includes another, so that a token that sends data cannot read; only admin includes all. */
export const scopes = ['read', 'append', 'sql', 'admin'] as const;

export type Scope = (typeof scopes)[number];

/** The holder of a token, or anybody while no token exists. */
export interface Caller {
  /** Name of the token. */
  name?: string;
  scopes: readonly Scope[];
  /** Max requests per day, UTC. */
  dailyLimit?: number;
}

/** Hash of a token. It needs no salt: a token is long and random. */
export const hashToken = (token: string): string => hash('sha256', token);

/** A new random token. */
export const newToken = (): string => `wd_${randomBytes(32).toString('base64url')}`;

const anonymousCaller: Caller = { scopes };

/** The tokens of a database, including those created or revoked while the server runs. */
export class Tokens {
  readonly #owner: DatabaseOwner;
  #callers: ReadonlyMap<string, Caller> | undefined;
  #loadedVersion = -1;

  constructor(owner: DatabaseOwner) {
    this.#owner = owner;
  }

  /**
   * The caller with this token. The lookup is by hash, so its timing leaks nothing: a client cannot choose the hash of its guess.
   * @throws WattduckError (token_required, invalid_token)
   */
  async callerOf(token: string | undefined): Promise<Caller> {
    const callers = await this.#currentCallers();
    if (callers === undefined) return anonymousCaller;
    if (token === undefined) throw new WattduckError('token_required');
    const caller = callers.get(hashToken(token));
    if (!caller) throw new WattduckError('invalid_token');
    return caller;
  }

  /** The caller whose token has this hash; undefined if it was revoked. */
  async callerWithHash(tokenHash: string): Promise<Caller | undefined> {
    return (await this.#currentCallers())?.get(tokenHash);
  }

  /** True once a token was ever created: from then on every request needs one. */
  async areRequired(): Promise<boolean> {
    return (await this.#currentCallers()) !== undefined;
  }

  async #currentCallers(): Promise<ReadonlyMap<string, Caller> | undefined> {
    const { tokensVersion } = this.#owner;
    if (this.#loadedVersion !== tokensVersion) {
      this.#callers = await loadCallers(this.#owner.systemConnection);
      this.#loadedVersion = tokensVersion;
    }
    return this.#callers;
  }
}

async function loadCallers(duckdb: DuckDb): Promise<ReadonlyMap<string, Caller> | undefined> {
  const rows = await duckdb.rows('select name, hash, scopes, daily_limit, revoked_at from tokens');
  if (rows.length === 0) return undefined;
  return new Map(
    rows
      .filter((row) => row['revoked_at'] === null)
      .map((row): [string, Caller] => {
        const limit = row['daily_limit'];
        return [
          String(row['hash']),
          {
            name: String(row['name']),
            scopes: parseScopes(String(row['scopes'])),
            ...(limit === null ? {} : { dailyLimit: Number(limit) }),
          },
        ];
      }),
  );
}

/** Parses scopes written as `read,append`; admin gives all of them. */
export function parseScopes(text: string): Scope[] {
  const words = text.split(',');
  return scopes.filter((scope) => words.includes('admin') || words.includes(scope));
}
