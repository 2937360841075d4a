import { runAction } from '../../src/reports/run-action.ts';
import { hashToken, newToken, type Scope } from '../../src/server/access/tokens.ts';
import type { InProcessServer } from './in-process-server.ts';

/** Creates a token in the database of a server, as the server would, and returns it. */
export async function makeToken(
  { context: { owner, io } }: Pick<InProcessServer, 'context'>,
  name: string,
  { scopes = 'read', dailyLimit }: { scopes?: Scope | 'read,append'; dailyLimit?: number } = {},
): Promise<string> {
  const token = newToken();
  const params = { name, hash: hashToken(token), scopes, daily_limit: dailyLimit?.toString() };
  const action = await owner.catalog.action('token_create');
  await owner.write((duckdb) => runAction(duckdb, action, params, { now: io.now(), label: (each) => each }));
  return token;
}

export const withToken = (token: string): { headers: { authorization: string } } => ({
  headers: { authorization: `Bearer ${token}` },
});

/** Rows of the request log, summed over all minutes. */
export async function requestCounts({
  context: { owner, requestLog },
}: InProcessServer): Promise<[token: unknown, endpoint: unknown, status: unknown, requests: number][]> {
  await requestLog.flush();
  const rows = await owner.systemConnection.rows(
    'select token, endpoint, status, sum(requests) as n from requests group by all order by all',
  );
  return rows.map(({ token, endpoint, status, n }) => [token, endpoint, status, Number(n)]);
}
