import type { Readable } from 'node:stream';

/** Everything a command touches outside itself, so that tests can hand it something else. */
export interface Io {
  stdin: Readable;
  stdout: Out;
  stderr: Out;
  env: NodeJS.ProcessEnv;
  cwd: string;
  now(): Date;
}

export interface Out {
  /** False where the reader is behind; it then tells `drain` when it is not. */
  write(text: string): unknown;
  once?(event: 'drain', listener: () => void): unknown;
  isTTY: boolean;
  /** Width of the terminal, where there is one. */
  columns?: number;
}

export const processIo = (): Io => ({
  stdin: process.stdin,
  stdout: process.stdout as Out,
  stderr: process.stderr as Out,
  env: process.env,
  cwd: process.cwd(),
  now: () => new Date(),
});

/** Colour, decided per stream: NO_COLOR and TERM=dumb turn it off, FORCE_COLOR on, a terminal has it. */
export function hasColour(out: Out, env: NodeJS.ProcessEnv): boolean {
  if (env['NO_COLOR']) return false;
  if (env['FORCE_COLOR'] !== undefined) return !['0', 'false'].includes(env['FORCE_COLOR']);
  return out.isTTY && env['TERM'] !== 'dumb';
}
