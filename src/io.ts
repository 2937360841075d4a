import type { Readable } from 'node:stream';
import { colouredText, plainText } from './text/plain-text.ts';

/** Everything a command touches outside itself, so that tests can hand it something else. */
export interface Io {
  stdin: Readable;
  stdout: OutputStream;
  stderr: OutputStream;
  env: NodeJS.ProcessEnv;
  cwd: string;
  now(): Date;
}

export interface OutputStream {
  /** False where the reader is behind; it then tells `drain` when it is not. */
  write(text: string): unknown;
  once?(event: 'drain', listener: () => void): unknown;
  isTTY: boolean;
  /** Width of the terminal, where there is one. */
  columns?: number | undefined;
}

export const processIo = (): Io => ({
  stdin: process.stdin,
  stdout: process.stdout as OutputStream,
  stderr: process.stderr as OutputStream,
  env: process.env,
  cwd: process.cwd(),
  now: () => new Date(),
});

/** A stream that people read. */
class PlainTextStream implements OutputStream {
  readonly #stream: OutputStream;

  constructor(stream: OutputStream) {
    this.#stream = stream;
  }

  write(text: string): unknown {
    return this.#stream.write(plainText(text));
  }

  writeColoured(text: string): unknown {
    return this.#stream.write(colouredText(text));
  }

  once(event: 'drain', listener: () => void): unknown {
    // A stream without it is never behind.
    return this.#stream.once ? this.#stream.once(event, listener) : listener();
  }

  get isTTY(): boolean {
    return this.#stream.isTTY;
  }

  get columns(): number | undefined {
    return this.#stream.columns;
  }
}

/** The same streams, of which those that people read are given plain text alone: stderr always, stdout where it is a terminal. */
export const withPlainTextStreams = (io: Io): Io => ({
  ...io,
  stderr: new PlainTextStream(io.stderr),
  stdout: io.stdout.isTTY ? new PlainTextStream(io.stdout) : io.stdout,
});

/** Writes text with colours, in which every value has been through `plainLine`. */
export const writeColoured = (stream: OutputStream, text: string): unknown =>
  stream instanceof PlainTextStream ? stream.writeColoured(text) : stream.write(text);

/** Colour, decided per stream: NO_COLOR and TERM=dumb turn it off, FORCE_COLOR on, a terminal has it. */
export function hasColour(stream: OutputStream, env: NodeJS.ProcessEnv): boolean {
  if (env['NO_COLOR']) return false;
  if (env['FORCE_COLOR'] !== undefined) return !['0', 'false'].includes(env['FORCE_COLOR']);
  return stream.isTTY && env['TERM'] !== 'dumb';
}
