import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scratch, wattduck } from '../support/cli.ts';
import { leftoverFiles, runCli, spawnServer, stopServer } from './spawn-cli.ts';
import { sessionsCsv } from './spawn-group.ts';

/** How long everybody works at once, in milliseconds; a patient machine may be given more. */
const span = Number(process.env['WATTDUCK_LAW_SECONDS'] ?? 30) * 1000;

const folder = scratch();
const at = (name: string): string => join(folder, name);

/** Resident memory of a process in MB, where the system tells. */
function residentMegabytes(pid: number): number {
  try {
    return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024;
  } catch {
    return 0;
  }
}

/** What was promised to whom: ids a writer was told are in. */
type Promised = Set<string>;

const files = [
  'energy_by_charge_point.json',
  'station_analytics.csv',
  'get_sessions.ndjson?limit=5000',
  'user_usage.parquet',
  'issues.json?as_of=2025-12-31',
  'energy_by_time_of_day.prometheus?from=2024-01-01&to=2024-02-01',
  'quarantine_summary.json',
];

test('readers, writers over HTTP and commands at once: every row that was acknowledged is there once, and nobody sees a fault', async () => {
  const db = at('together.duckdb');
  mkdirSync(at('temporary'));
  const surroundings = { cwd: folder, env: { TMPDIR: at('temporary') } };
  writeFileSync(at('first.csv'), sessionsCsv(0, 5000, '2024-02-01 00:00:00'));
  const issues = Array.from(
    { length: 50 },
    (_, n) => `i${n},S,faulted,critical,It broke,open,2025-12-01 00:00:00`,
  ).join('\n');
  writeFileSync(at('issues.csv'), `issue_id,charge_point_id,type,severity,description,status,created_at\n${issues}\n`);
  expect(await wattduck(['ingest', at('first.csv'), at('issues.csv'), '--db', db])).toMatchObject({ status: 0 });

  const server = await spawnServer(db, surroundings);
  const end = performance.now() + span;
  const isOn = (): boolean => performance.now() < end;
  const [events, imported, acknowledged]: [Promised, Promised, string[]] = [new Set(), new Set(), []];
  const counts = { reads: 0, posts: 0, imports: 0, notes: 0, reports: 0 };
  let largest = 0;

  async function read(first: number): Promise<void> {
    for (let n = first; isOn(); n += 1) {
      const path = `/v0/pipes/${files[n % files.length]}`;
      const response = await fetch(`${server.url}${path}`);
      const body = await response.text();
      expect([path, response.status, response.status === 200 ? '' : body]).toEqual([path, 200, '']);
      counts.reads += 1;
      largest = Math.max(largest, residentMegabytes(server.child.pid!));
    }
  }

  /** Sends sessions; what was answered with a count is promised. */
  async function post(writer: number): Promise<void> {
    for (let n = 0; isOn(); n += 1) {
      const ids = Array.from({ length: 20 }, (_, row) => `http-${writer}-${n}-${row}`);
      const body = ids
        .map((id) =>
          JSON.stringify({
            session_id: id,
            station_id: `H${writer}`,
            start_time: '2024-01-01 00:00:00',
            timestamp: '2024-01-02 00:00:00',
            energy_kwh: 1,
          }),
        )
        .join('\n');
      const response = await fetch(`${server.url}/v0/events?name=charging_sessions&wait=true`, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/x-ndjson' },
      });
      const text = await response.text();
      expect([response.status, JSON.parse(text)]).toEqual([200, { successful_rows: 20, quarantined_rows: 0 }]);
      for (const id of ids) events.add(id);
      counts.posts += 1;
    }
  }

  async function ingest(writer: number): Promise<void> {
    for (let n = 0; isOn(); n += 1) {
      const [from, name] = [97_000_000 * writer + n * 970 + 4, `part-${writer}-${n}.csv`];
      // 90 sessions without a bad one among them; some come with a column of their own.
      const text = sessionsCsv(from, from + 90, '2024-02-01 00:00:00')
        .trim()
        .split('\n');
      const own = n % 3 === 2 ? text.map((line, at) => `${line},${at === 0 ? 'location' : `Street ${n}`}`) : text;
      writeFileSync(at(name), `${own.join('\n')}\n`);
      const ended = await runCli(['ingest', name, '--db', db], surroundings);
      expect([ended.status, ended.stderr.replace(/^another process is writing[^\n]*\n/, '')]).toEqual([0, '']);
      expect(ended.stdout).toContain('90 rows read = 90 new');
      for (let id = from; id < from + 90; id += 1) imported.add(`s${id}`);
      counts.imports += 1;
    }
  }

  async function acknowledge(): Promise<void> {
    for (let n = 0; isOn(); n += 1) {
      const note = `note ${n}`;
      if (n % 10 === 9) {
        expect(await runCli(['issues', 'ack', `i${n % 50}`, '--note', note, '--db', db], surroundings)).toMatchObject({
          status: 0,
        });
      } else {
        const response = await fetch(`${server.url}/api/v1/analytics/issues/i${n % 50}/acknowledge`, {
          method: 'POST',
          body: JSON.stringify({ note }),
          headers: { 'content-type': 'application/json' },
        });
        expect([response.status, ((await response.json()) as { note: string }).note]).toEqual([200, note]);
      }
      acknowledged.push(note);
      counts.notes += 1;
    }
  }

  async function report(): Promise<void> {
    while (isOn()) {
      const ended = await runCli(['report', 'user-usage', '--format', 'csv', '--db', db], surroundings);
      expect([ended.status, ended.stderr]).toEqual([0, '']);
      counts.reports += 1;
    }
  }

  await Promise.all([read(0), read(3), post(1), post(2), ingest(1), ingest(2), acknowledge(), report()]);

  expect(Object.entries(counts).filter(([, count]) => count === 0)).toEqual([]);
  // What is kept of answers is bounded, and so is DuckDB.
  expect(largest).toBeLessThan(1500);
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
  const ended = await stopServer(server, 'SIGTERM');
  expect([ended.status, ended.stderr.split('\n').filter((line) => !/^Serving |^Shutting down|^$/.test(line))]).toEqual([
    0,
    [],
  ]);
  expect(leftoverFiles(db, server.lockFile)).toEqual([]);

  const rows = async (statement: string): Promise<Record<string, unknown>[]> => {
    const { status, stdout, stderr } = await wattduck(['sql', statement, '--db', db, '--json']);
    expect([status, stderr]).toEqual([0, '']);
    return JSON.parse(stdout) as Record<string, unknown>[];
  };
  const promised = [...events, ...imported];
  const found = (
    await rows(
      "select session_id, count(*) as n from charging_sessions where session_id not in (select 's' || range from range(5000)) group by all",
    )
  ).map(({ session_id: id, n }) => [id, n]);
  expect(new Map(found as [string, number][])).toEqual(new Map(promised.map((id) => [id, 1])));
  expect((await rows('select note from issue_acknowledgements')).map(({ note }) => note).toSorted()).toEqual(
    acknowledged.toSorted(),
  );
  // Requests are counted too: every read of a pipe, once.
  const [logged] = await rows("select sum(requests)::bigint as n from requests where endpoint like '%/v0/pipes/%'");
  expect(Number(logged!['n'])).toBe(counts.reads);
});
