import { expect, test } from 'vitest';
import { functionKinds, tableFunctions } from '../../../src/warehouse/user-sql/functions.ts';
import { foldName } from '../../../src/warehouse/user-sql/limits.ts';
import { startInProcessServer } from '../../support/in-process-server.ts';
import { disguisedNames, heavy, lookalikes, rejected } from './hostile-statements.ts';

const memoryLimit = 500 * 1024 ** 2;
const { app, context, stderrText } = await startInProcessServer({
  files: ['test/reports/data/dozen'],
  seconds: 1,
  memoryLimit: '500MiB',
});
await context.owner.systemConnection.run(
  "insert into tokens values ('board', 'the-hash', 'read', null, timestamp '2025-01-01', timestamp '2025-01-02')",
);
await context.owner.systemConnection.run('delete from tokens');

/** A response that was cut off has no status. */
const ask = async (q: string): Promise<{ status: number; error: string; body: string }> => {
  const answer = await app
    .inject({ method: 'POST', url: '/v0/sql', headers: { 'content-type': 'text/plain' }, payload: q })
    .catch(() => undefined);
  if (answer === undefined) return { status: 408, error: 'cut off', body: '' };
  const { statusCode, body } = answer;
  return { status: statusCode, error: statusCode === 200 ? '' : (JSON.parse(body) as { error: string }).error, body };
};

test.each(rejected.map((statement) => [statement.slice(0, 100), statement]))(
  'rejected before it runs: %s',
  async (_, statement) => {
    const { status, error } = await ask(statement);
    expect([status, error]).toEqual([
      400,
      expect.stringMatching(
        /not allowed|\(\) requires|The maximum is|could make|could take|longer text or list|syntax error|expression depth|grouping set count|tree depth/i,
      ),
    ]);
  },
  20_000,
);

test.each(heavy.map((statement) => [statement.slice(0, 100), statement]))(
  'answered, out of time or out of memory: %s',
  async (_, statement) => {
    const before = process.memoryUsage.rss();
    let peak = 0;
    const timer = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 20);
    const { status, error } = await ask(statement);
    clearInterval(timer);
    expect([200, 408, 422], `${status} ${error}`).toContain(status);
    expect(Math.max(peak - before, 0)).toBeLessThan(memoryLimit + 1024 ** 3);
  },
  60_000,
);

test.each(disguisedNames.map((statement) => [statement]))(
  'a name with another letter names no table of ours: %s',
  async (statement) => {
    const { status, body } = await ask(statement);
    expect([status, body]).toEqual([400, expect.stringMatching(/table .* not found/)]);
    expect(body).not.toContain('the-hash');
  },
);

test('names are case-folded as DuckDB folds them, whatever letters they contain', async () => {
  for (const [letter] of lookalikes) expect(foldName(`x${letter}Y`), letter).toBe(`x${letter}y`);
  // Checked with DuckDB itself: a column of one name is not found by the other.
  for (const [letter, ascii] of lookalikes) {
    const { status } = await ask(`select "${ascii}" from (select 1 as "${letter}")`);
    expect(status, letter).toBe(400);
  }
});

test('every function of DuckDB is accepted by name, or rejected', async () => {
  const rows = await context.owner.systemConnection.rows(
    "select distinct function_name as name from duckdb_functions() where function_type in ('scalar', 'aggregate', 'macro') order by 1",
  );
  const names = rows
    .map(({ name }) => String(name))
    .filter((name) => /^[a-z_]\w*$/i.test(name) && !functionKinds.has(foldName(name)));
  expect(names.length).toBeGreaterThan(250);
  for (const name of names)
    expect((await ask(`select ${name}(1)`)).error, name).toMatch(/not allowed|syntax error|Only SELECT/);
  const tables = await context.owner.systemConnection.rows(
    "select distinct function_name as name from duckdb_functions() where function_type in ('table', 'table_macro')",
  );
  for (const { name } of tables)
    if (!tableFunctions.has(String(name)))
      expect((await ask(`from ${String(name)}(1)`)).error, String(name)).toMatch(/not allowed/);
});

test('every accepted function exists in DuckDB', async () => {
  const rows = await context.owner.systemConnection.rows(
    'select distinct function_name as name from duckdb_functions()',
  );
  const known = new Set(rows.map(({ name }) => String(name).toLowerCase()));
  // Some are keywords that the parser turns into function calls.
  const byParser = ['current_date', 'current_localtime', 'current_localtimestamp', 'get_current_time', 'count_star'];
  expect(
    [...functionKinds.keys()].filter((name) => /^\w/.test(name) && !known.has(name) && !byParser.includes(name)),
  ).toEqual([]);
});

test('the server answers while a statement uses up its time limit', async () => {
  const running = Promise.all(heavy.slice(0, 6).map(ask));
  for (let times = 0; times < 20; times += 1) expect((await app.inject('/healthz')).statusCode).toBe(200);
  for (const { status } of await running) expect([200, 408, 422]).toContain(status);
});

test('show tables lists each table of the user once, and no system table', async () => {
  for (const statement of ['show tables', 'SHOW TABLES;', ' show all tables ']) {
    expect(JSON.parse((await ask(statement)).body)).toMatchObject({ data: [{ name: 'charging_sessions' }], rows: 1 });
  }
});

test('no unexpected errors occurred, and the server still runs', async () => {
  const { body } = await ask('select count(*) as n from charging_sessions');
  expect(JSON.parse(body).data).toEqual([{ n: 12 }]);
  expect(stderrText()).toBe('');
});
