import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll } from 'vitest';
import type { LockRecord } from '../../src/warehouse/lock-file.ts';

export interface ExitResult {
  status: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** The program in a process of its own, in a folder of its own. */
export interface SpawnedCli {
  child: ChildProcess;
  /** What was written so far. */
  output: { stdout: string; stderr: string };
  ended: Promise<ExitResult>;
}

export interface SpawnOptions {
  cwd: string;
  /** What comes by standard input; nothing otherwise. */
  stdin?: string;
  /** Whether standard input stays open. */
  keepStdinOpen?: boolean;
  env?: NodeJS.ProcessEnv;
  /** Kilobytes a file may have. */
  fileLimit?: number;
}

/** Starts the built program. */
export function spawnCli(
  args: readonly string[],
  { cwd, stdin = '', keepStdinOpen = false, env = {}, fileLimit }: SpawnOptions,
): SpawnedCli {
  const command = [process.execPath, resolve('bin/wattduck.js'), ...args];
  const limitedCommand =
    fileLimit === undefined ? command : ['bash', '-c', `ulimit -f ${fileLimit}; exec "$0" "$@"`, ...command];
  const child = spawn(limitedCommand[0]!, limitedCommand.slice(1), {
    cwd,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  afterAll(() => void child.kill('SIGKILL'));
  // A program that reads nothing may end before all was written to it.
  child.stdin.on('error', () => undefined);
  if (!keepStdinOpen) child.stdin.end(stdin);
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => (output[name] += text));
  const ended = once(child, 'close').then(([status, signal]) => ({
    status: status as number | null,
    signal: signal as NodeJS.Signals | null,
    ...output,
  }));
  return { child, output, ended };
}

export const runCli = (args: readonly string[], options: SpawnOptions): Promise<ExitResult> =>
  spawnCli(args, options).ended;

/** Makes folders of their own, each with a copy of a database in it, and one for what is temporary. */
export function createHomes(
  folder: string,
  database: string,
): () => { cwd: string; db: string; tempDir: string; env: NodeJS.ProcessEnv } {
  let homeCount = 0;
  return () => {
    const cwd = join(folder, `home-${(homeCount += 1)}`);
    const [tempDir, db] = [join(cwd, 'tmp'), join(cwd, 'x.duckdb')];
    mkdirSync(tempDir, { recursive: true });
    copyFileSync(database, db);
    return { cwd, db, tempDir, env: { TMPDIR: tempDir } };
  };
}

/** Asks again and again until there is an answer. */
export async function waitFor<T>(
  attempt: () => T | undefined | false | Promise<T | undefined | false>,
  description: string,
): Promise<T> {
  for (let tries = 0; tries < 3000; tries += 1) {
    const answer = await attempt();
    if (answer) return answer;
    await setTimeout(10);
  }
  throw new Error(`not in time: ${description}`);
}

export interface SpawnedServer extends SpawnedCli {
  url: string;
  lockFile: LockRecord;
}

export const readLockFile = (db: string): LockRecord => JSON.parse(readFileSync(`${db}.owner`, 'utf8')) as LockRecord;

/** A server that listens. @param db the whole path */
export async function spawnServer(
  db: string,
  options: SpawnOptions,
  flags: readonly string[] = [],
): Promise<SpawnedServer> {
  const server = spawnCli(['serve', '--db', db, '--port', '0', ...flags], options);
  const url = await waitFor(() => {
    if (server.child.exitCode !== null) throw new Error(`the server ended: ${server.output.stderr}`);
    return /Serving .* at (\S+) \(/.exec(server.output.stderr)?.[1];
  }, 'the server listens');
  return { ...server, url, lockFile: readLockFile(db) };
}

/** Ends a server as a service manager does. */
export async function stopServer(server: SpawnedServer, signal: NodeJS.Signals): Promise<ExitResult> {
  server.child.kill(signal);
  return server.ended;
}

/** What a server that ended leaves behind: nothing. */
export const leftoverFiles = (db: string, { spool: workDir }: LockRecord): string[] =>
  [`${db}.owner`, `${db}.wal`, `${db}.tmp`, workDir].filter((path) => existsSync(path));
