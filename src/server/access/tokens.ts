import { hash, randomBytes } from 'node:crypto';
import { WattduckError } from '../../errors/wattduck-error.ts';
import type { DuckDb } from '../../warehouse/duckdb.ts';
import type { DatabaseOwner } from '../owner/owner.ts';

/** What a token may do: each stands for itself, so that what only sends data reads none; admin stands for all of them. */
export const scopes = ['read', 'append', 'sql', 'admin'] as const;

export type Scope = (typeof scopes)[number];

/** Who asks: the bearer of a token, or anybody where there are none. */
export interface Caller {
  /** Name of the token. */
  name?: string;
  scopes: readonly Scope[];
  /** Requests a day, UTC. */
  dailyLimit?: number;
}

/** A token is long and random: it can't be guessed from a plain hash of it. */
export const hashToken = (token: string): string => hash('sha256', token);

export const newToken = (): string => `wd_${randomBytes(32).toString('base64url')}`;

const anonymousCaller: Caller = { scopes };

/** Knows every token of the file; those made or revoked while the server runs, too. */
export class Tokens {
  readonly #owner: DatabaseOwner;
  #callers: ReadonlyMap<string, Caller> | undefined;
  #loadedVersion = -1;

  constructor(owner: DatabaseOwner) {
    this.#owner = owner;
  }

  /**
   * Who bears this token. It is looked up by its hash: how long that takes tells nothing of any token, for nobody can choose the
   * hash of what he tries.
   * @throws WattduckError (unauthorized) where one is needed and it is missing, unknown or revoked
   */
  async callerOf(token: string | undefined): Promise<Caller> {
    const callers = await this.#currentCallers();
    if (callers === undefined) return anonymousCaller;
    if (token === undefined)
      throw new WattduckError('unauthorized', 'a token is needed', 'Send it as Authorization: Bearer TOKEN.');
    const caller = callers.get(hashToken(token));
    if (!caller)
      throw new WattduckError(
        'unauthorized',
        'the token is not known, or was revoked',
        'wattduck token create makes one.',
      );
    return caller;
  }

  /** Whether a token was ever made: from then on one is needed. */
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

/** All that scopes written `read,append` allow. */
export function parseScopes(text: string): Scope[] {
  const words = text.split(',');
  return scopes.filter((scope) => words.includes('admin') || words.includes(scope));
}
