import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll } from 'vitest';
import type { LockRecord } from '../../src/warehouse/owner-record.ts';

export interface Ended {
  status: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** The program in a process of its own, in a folder of its own. */
export interface Running {
  child: ChildProcess;
  /** What was written so far. */
  written: { stdout: string; stderr: string };
  ended: Promise<Ended>;
}

export interface Surroundings {
  cwd: string;
  /** What comes by standard input; nothing otherwise. */
  stdin?: string;
  /** Whether standard input stays open. */
  holds?: boolean;
  env?: NodeJS.ProcessEnv;
  /** Kilobytes a file may have. */
  fileLimit?: number;
}

/** Starts the built program. */
export function begin(
  args: readonly string[],
  { cwd, stdin = '', holds = false, env = {}, fileLimit }: Surroundings,
): Running {
  const command = [process.execPath, resolve('bin/wattduck.js'), ...args];
  const limited =
    fileLimit === undefined ? command : ['bash', '-c', `ulimit -f ${fileLimit}; exec "$0" "$@"`, ...command];
  const child = spawn(limited[0]!, limited.slice(1), {
    cwd,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  afterAll(() => void child.kill('SIGKILL'));
  // A program that reads nothing may end before all was written to it.
  child.stdin.on('error', () => undefined);
  if (!holds) child.stdin.end(stdin);
  const written = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => (written[name] += text));
  const ended = once(child, 'close').then(([status, signal]) => ({
    status: status as number | null,
    signal: signal as NodeJS.Signals | null,
    ...written,
  }));
  return { child, written, ended };
}

export const run = (args: readonly string[], surroundings: Surroundings): Promise<Ended> =>
  begin(args, surroundings).ended;

/** Makes folders of their own, each with a copy of a database in it, and one for what is temporary. */
export function homesIn(
  folder: string,
  database: string,
): () => { cwd: string; db: string; spools: string; env: NodeJS.ProcessEnv } {
  let made = 0;
  return () => {
    const cwd = join(folder, `home-${(made += 1)}`);
    const [spools, db] = [join(cwd, 'tmp'), join(cwd, 'x.duckdb')];
    mkdirSync(spools, { recursive: true });
    copyFileSync(database, db);
    return { cwd, db, spools, env: { TMPDIR: spools } };
  };
}

/** Asks again and again until there is an answer. */
export async function until<T>(
  ask: () => T | undefined | false | Promise<T | undefined | false>,
  what: string,
): Promise<T> {
  for (let tries = 0; tries < 3000; tries += 1) {
    const answer = await ask();
    if (answer) return answer;
    await setTimeout(10);
  }
  throw new Error(`in vain: ${what}`);
}

export interface Server extends Running {
  url: string;
  record: LockRecord;
}

export const recordOf = (db: string): LockRecord => JSON.parse(readFileSync(`${db}.owner`, 'utf8')) as LockRecord;

/** A server that listens. @param db the whole path */
export async function serving(
  db: string,
  surroundings: Surroundings,
  options: readonly string[] = [],
): Promise<Server> {
  const server = begin(['serve', '--db', db, '--port', '0', ...options], surroundings);
  const url = await until(() => {
    if (server.child.exitCode !== null) throw new Error(`the server ended: ${server.written.stderr}`);
    return / serves .* at (\S+) \(/.exec(server.written.stderr)?.[1];
  }, 'the server listens');
  return { ...server, url, record: recordOf(db) };
}

/** Ends a server as a service manager does. */
export async function endedBy(server: Server, signal: NodeJS.Signals): Promise<Ended> {
  server.child.kill(signal);
  return server.ended;
}

/** What a server that ended leaves behind: nothing. */
export const leftBehind = (db: string, { spool }: LockRecord): string[] =>
  [`${db}.owner`, `${db}.wal`, `${db}.tmp`, spool].filter((path) => existsSync(path));
