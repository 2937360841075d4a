import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { scratch, wattduck } from '../support/cli.ts';
import { begin, endedBy, run, serving } from './serving.ts';

const folder = scratch();
const env = { TMPDIR: join(folder, 'tmp') };
mkdirSync(env.TMPDIR);
const db = join(folder, 'killed.duckdb');

/** Sends rows until nobody answers, and tells which were acknowledged. */
async function send(url: string, round: number, writer: number): Promise<string[]> {
  const acknowledged: string[] = [];
  for (let n = 0; ; n += 1) {
    const ids = Array.from({ length: 50 }, (_, row) => `${round}-${writer}-${n}-${row}`);
    const body = ids.map((id) => JSON.stringify({ session_id: id, station_id: `S${writer}`, start_time: '2024-01-01 00:00:00', energy_kwh: row(id) })).join('\n');
    try {
      const response = await fetch(`${url}/v0/events?name=charging_sessions&wait=true`, { method: 'POST', body });
      const told = await response.json();
      expect([response.status, told]).toEqual([200, { successful_rows: 50, quarantined_rows: 0 }]);
    } catch (error) {
      // The server is gone; what was under way was promised to nobody.
      if (error instanceof TypeError) return acknowledged;
      throw error;
    }
    acknowledged.push(...ids);
  }
}

const row = (id: string): number => Number(id.split('-').at(-1));

test('of a server killed at any moment nothing acknowledged is lost, and no batch is in by half', async () => {
  const acknowledged: string[] = [];
  for (const [round, moment] of [120, 260, 430, 700, 1100].entries()) {
    const server = await serving(db, { cwd: folder, env });
    const writers = [1, 2, 3].map((writer) => send(server.url, round, writer));
    // An import of another process goes on beside.
    const file = join(folder, `sites-${round}.csv`);
    writeFileSync(file, `site_id,site_name,timezone\nsite-${round},Site,UTC\n`);
    const guest = begin(['ingest', file, '--db', db, '--wait', '0'], { cwd: folder, env });
    await setTimeout(moment);
    await endedBy(server, 'SIGKILL');
    acknowledged.push(...(await Promise.all(writers)).flat());
    await guest.ended;
  }
  expect(acknowledged.length).toBeGreaterThan(500);
  const { stdout } = await wattduck(['sql', 'select session_id, energy_kwh from charging_sessions', '--db', db, '--format', 'csv']);
  const found = new Map(stdout.trim().split('\n').slice(1).map((line): [string, number] => [line.split(',')[0]!, Number(line.split(',')[1])]));
  expect(acknowledged.filter((id) => found.get(id) !== row(id))).toEqual([]);
  const batches = new Map<string, number>();
  for (const id of found.keys()) batches.set(id.slice(0, id.lastIndexOf('-')), (batches.get(id.slice(0, id.lastIndexOf('-'))) ?? 0) + 1);
  expect([...batches].filter(([, rows]) => rows !== 50)).toEqual([]);
  expect((await run(['doctor', '--db', db], { cwd: folder, env })).status).toBe(0);
}, 120_000);
