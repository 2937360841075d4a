import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll } from 'vitest';
import type { OutputStream } from '../../src/io.ts';
import { main } from '../../src/main.ts';

export interface CliResult {
  status: number;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  /** Width of the terminal; a pipe if absent. */
  terminal?: number;
  stdin?: string | Buffer;
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  now?: Date;
}

/** Runs the program in this process, with streams that record their output. */
export async function wattduck(args: string[], options: RunOptions = {}): Promise<CliResult> {
  const output = { stdout: '', stderr: '' };
  const out = (name: keyof typeof output): OutputStream => ({
    write: (text: string) => {
      output[name] += text;
    },
    isTTY: options.terminal !== undefined && name === 'stdout',
    ...(options.terminal === undefined ? {} : { columns: options.terminal }),
  });
  const status = await main(args, {
    stdin: Readable.from(options.stdin === undefined ? [] : [Buffer.from(options.stdin)]),
    stdout: out('stdout'),
    stderr: out('stderr'),
    env: options.env ?? {},
    cwd: options.cwd ?? process.cwd(),
    now: () => options.now ?? new Date('2026-01-01T00:00:00Z'),
  });
  return { status, ...output };
}

/** The same with the setting UTC, for data whose sites share another time zone. */
export const wattduckInUtc = (args: string[], options: RunOptions = {}): Promise<CliResult> =>
  wattduck(args, { ...options, env: { WATTDUCK_TZ: 'UTC', ...options.env } });

/** A temporary folder, removed after the test file. */
export function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'wattduck-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
