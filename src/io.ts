import type { Readable } from 'node:stream';
import { colouredText, plainText } from './text/plain-text.ts';

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
  columns?: number | undefined;
}

export const processIo = (): Io => ({
  stdin: process.stdin,
  stdout: process.stdout as Out,
  stderr: process.stderr as Out,
  env: process.env,
  cwd: process.cwd(),
  now: () => new Date(),
});

/** A stream that people read. */
class PlainOut implements Out {
  readonly #out: Out;

  constructor(out: Out) {
    this.#out = out;
  }

  write(text: string): unknown {
    return this.#out.write(plainText(text));
  }

  writeColoured(text: string): unknown {
    return this.#out.write(colouredText(text));
  }

  once(event: 'drain', listener: () => void): unknown {
    // A stream without it is never behind.
    return this.#out.once ? this.#out.once(event, listener) : listener();
  }

  get isTTY(): boolean {
    return this.#out.isTTY;
  }

  get columns(): number | undefined {
    return this.#out.columns;
  }
}

/** The same streams, of which those that people read are given plain text alone: stderr always, stdout where it is a terminal. */
export const forReaders = (io: Io): Io => ({
  ...io,
  stderr: new PlainOut(io.stderr),
  stdout: io.stdout.isTTY ? new PlainOut(io.stdout) : io.stdout,
});

/** Writes text with colours, in which every value has been through `plainLine`. */
export const writeColoured = (out: Out, text: string): unknown =>
  out instanceof PlainOut ? out.writeColoured(text) : out.write(text);

/** Colour, decided per stream: NO_COLOR and TERM=dumb turn it off, FORCE_COLOR on, a terminal has it. */
export function hasColour(out: Out, env: NodeJS.ProcessEnv): boolean {
  if (env['NO_COLOR']) return false;
  if (env['FORCE_COLOR'] !== undefined) return !['0', 'false'].includes(env['FORCE_COLOR']);
  return out.isTTY && env['TERM'] !== 'dumb';
}
