import { WattduckError } from '../../errors/wattduck-error.ts';
import { runAction } from '../../reports/run-action.ts';
import type { DatabaseOwner } from '../owner/owner.ts';
import { hashToken } from './tokens.ts';

/** Variable with the first token of a database. */
export const firstTokenVariable = 'WATTDUCK_TOKEN';
/** Name of that token. */
const firstTokenName = 'admin';

/** Bounds of its characters. Its hash has no salt, so it must be too long to guess. */
const [minLength, maxLength] = [32, 512];

/**
 * The token of the environment; undefined if it is not set.
 * @throws WattduckError (weak_first_token), which does not contain the token
 */
export function readFirstToken(env: NodeJS.ProcessEnv): string | undefined {
  const token = env[firstTokenVariable];
  if (token === undefined || token === '') return undefined;
  const isStrong = /^[!-~]+$/.test(token) && token.length >= minLength && token.length <= maxLength;
  // A few repeated characters are easy to guess.
  if (!isStrong || new Set(token).size < 8)
    throw new WattduckError('weak_first_token', { variable: firstTokenVariable, min: minLength, max: maxLength });
  return token;
}

/** Creates an admin token in a database without tokens. Returns a note for the user; undefined if the token is valid already. */
export function createFirstToken(owner: DatabaseOwner, token: string, now: Date): Promise<string | undefined> {
  return owner.writeSystem((duckdb) =>
    duckdb.withWriteLock(async () => {
      const hash = hashToken(token);
      const rows = await duckdb.rows('select name, hash, revoked_at from tokens');
      const known = rows.find((row) => row['hash'] === hash);
      if (known !== undefined)
        return known['revoked_at'] === null
          ? undefined
          : `warning: ${firstTokenVariable} is the revoked token "${String(known['name'])}"; requests with it are rejected`;
      if (rows.length > 0)
        return `warning: ${firstTokenVariable} is ignored: the database already has tokens (add one with \`wattduck token create NAME\`)`;
      const action = await owner.catalog.action('token_create');
      const params = { name: firstTokenName, hash, scopes: 'admin' };
      await runAction(duckdb, action, params, { now, label: (name) => name });
      return `token "${firstTokenName}" (admin) was created from ${firstTokenVariable}`;
    }),
  );
}
