import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { scratch, wattduck } from '../support/cli.ts';
import { seededRandom } from '../e2e/kill-timing.ts';
import { spawnCli, type SpawnedCli } from '../e2e/spawn-cli.ts';
import { startCluster } from './cluster.ts';
import { readLedger } from './compare.ts';
import { change, Exporter } from './exporter.ts';

const folder = scratch();
const db = join(folder, 'network.duckdb');
const random = seededRandom(20_251_127);
let exporter: Exporter;
/** Milliseconds that the work of an export takes. */
let duration = 1000;

beforeAll(async () => {
  const { status, stderr } = await wattduck(['ingest', 'fixtures/', '--db', db]);
  expect(status, stderr).toBe(0);
  await change(
    db,
    "delete from charging_sessions where start_time < timestamp '2025-10-01'",
    "delete from charge_point_events where event_time < timestamp '2025-11-01'",
    "delete from customer_events where event_timestamp < timestamp '2025-12-01'",
  );
  exporter = new Exporter(await startCluster(3), folder);
  for (const database of ['killed', 'control']) await exporter.createTables(database);
});
afterAll(() => exporter?.cluster.stop());

let changes = 0;
/** Corrects, deletes, adds and moves rows in several months. */
async function changeRows(): Promise<void> {
  changes += 1;
  await change(
    db,
    `update charging_sessions set energy_kwh = coalesce(energy_kwh, 0) + 1 where hash(session_id, ${changes}) % 4 = 0`,
    `delete from charging_sessions where hash(session_id, ${changes}) % 50 = 1`,
    `insert into charging_sessions by name
     select * replace (session_id || '-${changes}' as session_id) from charging_sessions where hash(session_id, ${changes}) % 50 = 2`,
    `update charging_sessions set start_time = start_time + interval 1 month where hash(session_id, ${changes}) % 50 = 3`,
    `update charge_point_events set status = 'change ${changes}' where hash(event_id, ${changes}) % 10 = 0`,
    `update sites set site_name = site_name || '.' where hash(site_id, ${changes}) % 2 = 0`,
    `insert into issue_acknowledgements values ('issue-${changes}', 'seen', timestamp '2025-12-31' + interval ${changes} minute)`,
  );
}

/** Number of exports that had the lease. */
const countRuns = async (node = 0): Promise<number> =>
  Number(await exporter.cluster.nodes[node]!.query('select max(export_number) from killed.export_runs final'));

/** Starts an export, and waits for a moment of its work. */
async function startExport(): Promise<SpawnedCli & { hasEnded(): boolean }> {
  const runs = await countRuns();
  const cli = spawnCli(exporter.args('killed', db), { cwd: folder });
  let isEnded = false;
  void cli.ended.then(() => (isEnded = true));
  while (!isEnded && (await countRuns()) === runs) await setTimeout(20);
  await setTimeout(random() * duration);
  return { ...cli, hasEnded: () => isEnded };
}

/** Starts the nodes that died. ClickHouse in a library sometimes takes its peers with it. */
async function restartNodes(): Promise<void> {
  for (const node of exporter.cluster.nodes) {
    const isRunning = await fetch(`${node.url}/ping`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (!isRunning) {
      await node.kill();
      await node.restart();
    }
  }
}

const failureHint = /^error: .*(Check that every node runs|Check host and port)/m;

/** Repeats an export until no node dies. */
async function exportAgain(database: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    await restartNodes();
    const { status, stderr } = await exporter.run(database, db);
    if (status === 0) return;
    expect(stderr).toMatch(failureHint);
    expect(tries, stderr).toBeLessThan(10);
  }
}

/** Completes the export, and compares it with one that nothing disturbed. */
async function expectComplete(): Promise<void> {
  await exportAgain('killed');
  const started = performance.now();
  await exportAgain('control');
  duration = (performance.now() - started) * 0.6;
  const [node] = exporter.cluster.nodes;
  expect(await readLedger(node!, 'killed')).toBe(await readLedger(node!, 'control'));
  await exporter.expectEqual('killed', db);
}

test('an export that is killed at any moment can be repeated', { timeout: 900_000 }, async () => {
  let kills = 0;
  for (let attempts = 0; kills < 20; attempts += 1) {
    expect(attempts).toBeLessThan(60);
    const cli = await startExport();
    if (!cli.hasEnded()) kills += 1;
    cli.child.kill('SIGKILL');
    const { signal } = await cli.ended;
    // A few kills of one export, or it ended before.
    if (signal === null || kills % 4 === 0) {
      await expectComplete();
      await changeRows();
    }
  }
});

test('an export during which a node dies fails and can be repeated', { timeout: 900_000 }, async () => {
  let kills = 0;
  for (let attempts = 0; kills < 5; attempts += 1) {
    expect(attempts).toBeLessThan(20);
    await changeRows();
    const cli = await startExport();
    const node = exporter.cluster.nodes[attempts % 3]!;
    await node.kill();
    const { status, stderr } = await cli.ended;
    if (status !== 0) {
      kills += 1;
      expect(status, stderr).toBe(1);
      expect(stderr).toMatch(failureHint);
    }
    await expectComplete();
  }
});
