import { join } from 'node:path';
import { copyFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { scratch, wattduck } from '../support/cli.ts';
import { createSet } from '../support/report-cases.ts';
import { startCluster, users } from './cluster.ts';
import { readLedger } from './compare.ts';
import { change, Exporter } from './exporter.ts';

const folder = scratch();
const fixtures = join(folder, 'fixtures.duckdb');
const depot = join(folder, 'depot.duckdb');

beforeAll(async () => {
  const { status, stderr } = await wattduck(['ingest', 'fixtures/', '--db', fixtures]);
  expect(status, stderr).toBe(0);
  await createSet('depot', depot);
});

let copies = 0;
function copyOf(db: string): string {
  const copy = join(folder, `copy-${(copies += 1)}.duckdb`);
  copyFileSync(db, copy);
  return copy;
}

/** The line of a table in the output of an export. */
const lineOf = (output: string, table: string): string | undefined =>
  output.split('\n').find((line) => line.startsWith(`${table} `));

describe.each([
  ['one node', 1],
  ['three shards', 3],
])('on %s', (_, size) => {
  let exporter: Exporter;
  beforeAll(async () => {
    exporter = new Exporter(await startCluster(size), folder);
  });
  afterAll(() => exporter?.cluster.stop());

  test('loads all rows of all sources, then nothing', async () => {
    await exporter.createTables('ev');
    const first = await exporter.export('ev', fixtures);
    expect(lineOf(first, 'charging_sessions')).toMatch(/ 13,027 rows, 24 months loaded \(13,027 new\)$/);
    expect(lineOf(first, 'sites')).toMatch(/ 12 rows, loaded \(12 new\)$/);
    await exporter.expectEqual('ev', fixtures);
    const ledger = await readLedger(exporter.cluster.nodes[0]!, 'ev');
    const second = await exporter.export('ev', fixtures);
    expect(lineOf(second, 'charging_sessions')).toMatch(/ 13,027 rows, 24 unchanged$/);
    expect(lineOf(second, 'sites')).toMatch(/ 12 rows, unchanged$/);
    expect(second).not.toContain('loaded');
    expect(await readLedger(exporter.cluster.nodes[0]!, 'ev')).toBe(ledger);
  });

  test('loads the months that changed', async () => {
    const db = copyOf(depot);
    await exporter.createTables('changes');
    await exporter.export('changes', db);
    // A correction with an older version, as --force and SQL make them.
    await change(
      db,
      `update charging_sessions set energy_kwh = energy_kwh + 1, "timestamp" = timestamp '2001-01-01'
       where session_id = (select min(session_id) from charging_sessions)`,
    );
    const corrected = await exporter.export('changes', db);
    expect(lineOf(corrected, 'charging_sessions')).toMatch(/ 1 month loaded.* \(1 updated\)$/);
    await exporter.expectEqual('changes', db);

    await change(
      db,
      'delete from charging_sessions where session_id = (select max(session_id) from charging_sessions)',
    );
    expect(lineOf(await exporter.export('changes', db), 'charging_sessions')).toMatch(/ \(1 removed\)$/);
    await exporter.expectEqual('changes', db);

    // A new month, and a row that moves to another one.
    await change(
      db,
      `insert into charging_sessions by name
       select * replace ('new' as session_id, timestamp '2031-05-01 00:00:00' as start_time) from charging_sessions limit 1`,
      `update charging_sessions set start_time = timestamp '2031-06-30 23:59:59.999999'
       where session_id = (select min(session_id) from charging_sessions)`,
    );
    expect(lineOf(await exporter.export('changes', db), 'charging_sessions')).toMatch(
      / 3 months loaded.* \(2 new, 1 removed\)$/,
    );
    await exporter.expectEqual('changes', db);

    // It moves back, and a whole table becomes empty.
    await change(
      db,
      `update charging_sessions set start_time = start_time - interval 6 year where session_id = (select min(session_id) from charging_sessions)`,
      'delete from sites',
    );
    expect(lineOf(await exporter.export('changes', db), 'sites')).toMatch(/ 0 rows, loaded \(\d+ removed\)$/);
    await exporter.expectEqual('changes', db);
    expect(await exporter.export('changes', db)).not.toContain('loaded');
  });

  test('keeps hostile values, unusual times and equal rows', async () => {
    const db = copyOf(depot);
    await exporter.createTables('hostile');
    const hostile = `chr(39) || '\\\\N \\t {x:String} "\`' || chr(0) || chr(10) || ' ü🔌'`;
    await change(
      db,
      `insert into charging_sessions by name select * replace (${hostile} as session_id, ${hostile} as station_id) from charging_sessions limit 1`,
      `insert into charging_sessions by name
       select * replace ('old' as session_id, timestamp '1900-01-01' as start_time) from charging_sessions limit 1`,
      `insert into charging_sessions by name
       select * replace ('far' as session_id, timestamp '2299-12-30 23:59:59.999999' as start_time) from charging_sessions limit 1`,
      ...[1, 2, 3].map(() => "insert into issue_acknowledgements values ('x', null, timestamp '2025-01-01')"),
    );
    await exporter.export('hostile', db);
    await exporter.expectEqual('hostile', db);
    await change(db, "delete from charging_sessions where session_id in ('old', 'far')");
    await exporter.export('hostile', db);
    await exporter.expectEqual('hostile', db);
  });

  test('compares everything after the ledger was emptied', async () => {
    const db = copyOf(depot);
    await exporter.createTables('restored');
    await exporter.export('restored', db);
    await change(db, 'delete from charging_sessions where month(start_time) = 1', 'delete from sites');
    for (const node of exporter.cluster.nodes)
      await node.query(`truncate table restored.export_ledger${size === 1 ? '' : '_local'}`);
    await exporter.export('restored', db);
    await exporter.expectEqual('restored', db);
  });

  test('needs few grants', async () => {
    const user = size === 1 ? 'loader' : 'spreader';
    const env = { WATTDUCK_CLICKHOUSE_PASSWORD: users[user].password };
    await exporter.createTables('loaded');
    const args = exporter.args('loaded', depot).with(2, exporter.address('loaded', user));
    const loaded = await wattduck(args, { env });
    expect(loaded.status, loaded.stderr).toBe(0);
    await exporter.expectEqual('loaded', depot);
    const denied = await wattduck(exporter.args('loaded', depot).with(2, exporter.address('loaded', 'reader')), {
      env: { WATTDUCK_CLICKHOUSE_PASSWORD: users.reader.password },
    });
    expect(denied.status).toBe(1);
    expect(denied.stderr).toMatch(/^error: user reader of ClickHouse lacks the grant INSERT/);
    const wrong = await wattduck(args, { env: { WATTDUCK_CLICKHOUSE_PASSWORD: 'wrong' } });
    expect(wrong.status).toBe(1);
    expect(wrong.stderr).toMatch(/rejected user \w+\. Check the user and WATTDUCK_CLICKHOUSE_PASSWORD\.$/m);
  });

  test('rejects tables that do not fit', async () => {
    await exporter.createTables('unfit');
    await exporter.export('unfit', depot);
    const fails = async (message: RegExp, args = exporter.args('unfit', depot)): Promise<void> => {
      const { status, stderr } = await wattduck(args);
      expect(status, stderr).toBeGreaterThan(0);
      expect(stderr).toMatch(message);
    };
    if (size === 1)
      await fails(/does not distribute its rows over cluster ev/, [
        ...exporter.args('unfit', depot),
        '--cluster',
        'ev',
      ]);
    else {
      await fails(
        /distributes its rows over cluster ev\. Use --cluster ev\./,
        exporter.args('unfit', depot).toSpliced(3, 2),
      );
      await fails(/cluster nowhere not found/, exporter.args('unfit', depot).with(4, 'nowhere'));
      await fails(/table `missing`\.`\w+` not found\. Run the statements of/, exporter.args('missing', depot));
    }
    const nodes = exporter.cluster.nodes;
    for (const node of nodes)
      for (const each of size === 1 ? ['sites'] : ['sites', 'sites_all'])
        await node.query(`alter table unfit.${each} drop column city`);
    if (size === 1) {
      // The export adds a column; the rows are as before.
      await exporter.export('unfit', depot);
      await nodes[0]!.query('select city from unfit.sites');
    } else
      await fails(/has no column city\. Run on every node: alter table `unfit`\.`sites` add column .*; alter table/);
    for (const node of nodes)
      await node.query(
        `insert into unfit.export_runs${size === 1 ? '' : '_local'} (run_id, export_number, schema_version, wattduck, shards) values ('new', 99, 99, '99.0', ${size})`,
      );
    if (size === 1) await fails(/database unfit was written by a newer wattduck \(99\.0\)\. Update wattduck\./);
  });

  test('one export at a time', async () => {
    await exporter.createTables('busy');
    const runs = await Promise.all([1, 2, 3].map(() => wattduck([...exporter.args('busy', depot), '--wait', '0'])));
    const refused = runs.filter(({ status }) => status !== 0);
    for (const { status, stderr } of refused) {
      expect(status, stderr).toBe(5);
      expect(stderr).toContain('another export is writing to');
    }
    expect(refused.length).toBeGreaterThanOrEqual(2);
    const waiting = await Promise.all([1, 2].map(() => exporter.run('busy', depot)));
    for (const { status, stderr } of waiting) expect(status, stderr).toBe(0);
    await exporter.expectEqual('busy', depot);
  });
});
