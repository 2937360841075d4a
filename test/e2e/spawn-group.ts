import { spawn, type ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';
import { afterAll, expect } from 'vitest';
import { wattduck } from '../support/cli.ts';

/** The program in a process of its own. */
export interface SpawnedGroup {
  child: ChildProcess;
  ended: Promise<{ status: number | null; signal: NodeJS.Signals | null; stdout: string; stderr: string }>;
}

/** Starts the built program as the leader of a group of its own, so that whatever it may start is seen too. */
export function spawnCliGroup(args: string[], tempDir: string): SpawnedGroup {
  const child = spawn(process.execPath, [resolve('bin/wattduck.js'), ...args], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TMPDIR: tempDir },
  });
  afterAll(() => void child.kill('SIGKILL'));
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name]!.setEncoding('utf8').on('data', (text: string) => (output[name] += text));
  const ended = new Promise<Awaited<SpawnedGroup['ended']>>((done, failed) => {
    child.once('error', failed);
    child.once('close', (status, signal) => done({ status, signal, ...output }));
  });
  return { child, ended };
}

/** Whether any process of the group still runs. */
export function isAlive({ child }: SpawnedGroup): boolean {
  try {
    return process.kill(-child.pid!, 0);
  } catch {
    return false;
  }
}

/** The rows of one select, by the program itself. */
export async function select(db: string, statement: string): Promise<Record<string, unknown>[]> {
  const { status, stdout, stderr } = await wattduck(['sql', statement, '--db', db, '--json']);
  expect([status, stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as Record<string, unknown>[];
}

/** What a database holds: every row of its tables in two figures, whatever their order. */
export async function databaseContent(db: string): Promise<unknown> {
  return select(
    db,
    `select
       (select [count(*)::varchar, sum(hash(s))::varchar] from charging_sessions s) as sessions,
       (select list([parse_filename(file), rows_read::varchar, rows_new::varchar, rows_updated::varchar, rows_unchanged::varchar, rows_quarantined::varchar] order by file) from ingests) as ledger,
       (select [count(*)::varchar, sum(hash(parse_filename(file), line, column_name, value, reason, raw))::varchar] from quarantine) as quarantine`,
  );
}

/** Sessions `from` to `to`, every 97th with energy that is no number. */
export function sessionsCsv(from: number, to: number, version: string): string {
  const lines = ['session_id,station_id,start_time,energy_kwh,timestamp'];
  for (let n = from; n < to; n += 1) {
    lines.push(`s${n},station ${n % 97},2024-01-01 0${n % 9}:00:00,${n % 97 === 3 ? 'n/a' : n % 50},${version}`);
  }
  return `${lines.join('\n')}\n`;
}
