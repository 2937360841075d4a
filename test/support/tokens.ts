import { runAction } from '../../src/reports/run-action.ts';
import { hashOf, newToken, type Scope } from '../../src/server/access/tokens.ts';
import type { Served } from './server.ts';

/** Makes a token in the file of a server, as one made by the server itself would be, and answers it. */
export async function makeToken(
  { parts: { owner, io } }: Pick<Served, 'parts'>,
  name: string,
  { scopes = 'read', dailyLimit }: { scopes?: Scope | 'read,append'; dailyLimit?: number } = {},
): Promise<string> {
  const token = newToken();
  const given = { name, hash: hashOf(token), scopes, daily_limit: dailyLimit?.toString() };
  const action = await owner.catalog.action('token_create');
  await owner.write((engine) => runAction(engine, action, given, { now: io.now(), label: (each) => each }));
  return token;
}

export const bearing = (token: string): { headers: { authorization: string } } => ({
  headers: { authorization: `Bearer ${token}` },
});

/** What the log of requests holds, the requests of all its minutes together. */
export async function logged({
  parts: { owner, usage },
}: Served): Promise<[token: unknown, endpoint: unknown, status: unknown, requests: number][]> {
  await usage.flush();
  const rows = await owner.aside.rows(
    'select token, endpoint, status, sum(requests) as n from requests group by all order by all',
  );
  return rows.map(({ token, endpoint, status, n }) => [token, endpoint, status, Number(n)]);
}
