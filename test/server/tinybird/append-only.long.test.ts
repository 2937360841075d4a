import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { dataSets, startInProcessServer } from '../../support/in-process-server.ts';
import { makeToken, withToken } from '../../support/tokens.ts';

const files = dataSets('depot', 'dozen');
const server = await startInProcessServer({ files });
const {
  app,
  routes,
  context: { owner },
} = server;
const secret = 'zqx-stored-zqx';
const issue = (id: string): string => `/api/v1/analytics/issues/${id}/acknowledge`;

// Every stored text, except for the row keys, is the secret.
const sources = await owner.catalog.sources();
await owner.write((duckdb) =>
  duckdb.withWriteLock(async () => {
    for (const { name, key, columns } of sources) {
      const present = (await duckdb.tableColumns(name, 'db')).map((column) => column.name);
      const texts = columns.filter(
        (column) =>
          column.type === 'VARCHAR' &&
          !key.includes(column.name) &&
          present.includes(column.name) &&
          !/^(status|state|type|severity|timezone|currency|metric|operator)$/.test(column.name),
      );
      if (texts.length > 0)
        await duckdb.run(
          `update db.main.${name} set ${texts.map((column) => `${column.name} = '${secret}'`).join(', ')}`,
        );
    }
    await duckdb.run(`update quarantine set value = '${secret}', raw = '${secret}', reason = '${secret}'`);
    await duckdb.run(`insert into issue_acknowledgements values ('dep_seen', '${secret}', timestamp '2025-06-03')`);
  }),
);
await makeToken(server, secret);
const append = await makeToken(server, 'exporter', { scopes: 'append' });
const both = await makeToken(server, 'app', { scopes: 'read,append' });
const admin = await makeToken(server, 'root', { scopes: 'admin' });

describe('an acknowledgement', () => {
  const post = async (id: string, token: string, payload: object = { note: 'On the way' }): Promise<unknown[]> => {
    const { statusCode, body } = await app.inject({ method: 'POST', url: issue(id), payload, ...withToken(token) });
    return [statusCode, JSON.parse(body)];
  };

  test('is confirmed without the issue to a token that cannot read', async () => {
    expect(await post('dep_open', append)).toEqual([200, { issue_id: 'dep_open', status: 'acknowledged' }]);
    expect(await post('dep_seen', append, {})).toEqual([200, { issue_id: 'dep_seen', status: 'acknowledged' }]);
    expect(await post('dep_done', append)).toMatchObject([409, { error: { code: 'issue_resolved' } }]);
    expect(await post('dep_none', append)).toMatchObject([404, { error: { code: 'record_not_found' } }]);
  });

  test('returns the issue to a token that can read', async () => {
    for (const token of [both, admin]) {
      const [status, document] = await post('dep_open', token);
      expect([status, document]).toEqual([
        200,
        expect.objectContaining({
          issue_id: 'dep_open',
          status: 'acknowledged',
          description: secret,
          note: 'On the way',
        }),
      ]);
      expect(Object.keys(document as object)).toHaveLength(13);
    }
  });

  test('is stored in both cases', async () => {
    expect(
      await owner.systemConnection.rows(
        "select issue_id, count(*)::integer as n from issue_acknowledgements where note = 'On the way' group by issue_id",
      ),
    ).toEqual([{ issue_id: 'dep_open', n: 3 }]);
  });
});

describe('a token that only sends data', () => {
  const dozen = readFileSync(files.find((file) => file.endsWith('dozen.csv'))!);
  const faulty = readFileSync(files.find((file) => file.endsWith('faulty.csv'))!);
  const sites = readFileSync(files.find((file) => file.endsWith('sites.csv'))!);
  const ids = ['depot_n', 'dep_seen', 'sites'];
  const queries = [
    '',
    '?name=sites',
    '?name=site',
    '?name=issues',
    '?q=from+issues',
    '?delete_condition=true&dry_run=true',
    '?token_name=*',
    '?from=2025-06-01&to=2025-07-01',
  ];
  const bodies: [type: string, payload: string | Buffer][] = [
    ['application/json', '{"site_id":"depot_n"}'],
    ['application/json', '{"issue_id":"dep_seen"}'],
    ['application/json', '{"note":"x"}'],
    ['application/json', '[{"site_id":"depot_n","site_name":5},{"site_id":"depot_n"}]'],
    ['text/csv', sites],
    ['text/csv', dozen],
    // The same file again would replace its rejected rows.
    ['text/csv', `${faulty}x4,A,never,1\n`],
    ['text/csv', 'site_id,site_name\ndepot_n\n"'],
    ['text/plain', 'from issues'],
    ['application/x-www-form-urlencoded', 'q=from+issues'],
    ['application/x-www-form-urlencoded', 'delete_condition=true&dry_run=true'],
  ];

  test('reads nothing back, whatever it requests and sends', { timeout: 120_000 }, async () => {
    const told: string[] = [];
    const statuses = new Map<number, number>();
    const ask = async (method: string, url: string, type?: string, payload?: string | Buffer): Promise<void> => {
      const answer = await app.inject({
        method: method as 'GET',
        url,
        ...(payload === undefined ? {} : { payload }),
        headers: { ...withToken(append).headers, ...(type === undefined ? {} : { 'content-type': type }) },
      });
      statuses.set(answer.statusCode, (statuses.get(answer.statusCode) ?? 0) + 1);
      if ((answer.body + JSON.stringify(answer.headers)).includes(secret))
        told.push(`${method} ${url} ${String(payload)}: ${answer.body}`);
    };
    for (const [route, methods] of routes) {
      const paths = route.includes(':') ? ids.map((id) => route.replaceAll(/:\w+/g, id)) : [route];
      for (const path of paths) {
        for (const method of methods) {
          const tried = method === 'POST' ? queries : queries.slice(0, 1);
          for (const query of tried) {
            if (method === 'POST' && /events|datasources|issues|sql/.test(path))
              for (const [type, payload] of bodies) await ask(method, path + query, type, payload);
            else await ask(method, path + query);
          }
        }
      }
    }
    expect(told).toEqual([]);
    // Some rows were imported.
    expect(statuses.get(200)).toBeGreaterThan(15);
    expect(statuses.get(202)).toBeGreaterThan(5);
    expect(statuses.get(403)).toBeGreaterThan(100);
  });

  test('could have read it with the scope read', async () => {
    for (const url of [
      '/v0/pipes/issues.json?as_of=2025-06-10',
      '/v0/pipes/tokens.json',
      '/v0/pipes/quarantine_rows.json',
      '/v0/sql?q=from+issues',
    ]) {
      expect([url, (await app.inject({ url, ...withToken(admin) })).body]).toEqual([
        url,
        expect.stringContaining(secret),
      ]);
    }
  });
});
