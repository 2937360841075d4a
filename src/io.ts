import type { Readable } from 'node:stream';
import { colouredText, plainText } from './text/plain-text.ts';

/** Streams, environment and clock of a command; tests replace them. */
export interface Io {
  stdin: Readable;
  stdout: OutputStream;
  stderr: OutputStream;
  env: NodeJS.ProcessEnv;
  cwd: string;
  now(): Date;
}

export interface OutputStream {
  /** Returns false if the reader is behind; `drain` follows when it has caught up. */
  write(text: string): unknown;
  once?(event: 'drain', listener: () => void): unknown;
  isTTY: boolean;
  /** Width of the terminal, if any. */
  columns?: number | undefined;
  /** Height of the terminal, if any. */
  rows?: number | undefined;
  /** Writes text that is free of control characters already. */
  writeFiltered?(text: string): unknown;
}

export const processIo = (): Io => ({
  stdin: process.stdin,
  stdout: process.stdout as OutputStream,
  stderr: process.stderr as OutputStream,
  env: process.env,
  cwd: process.cwd(),
  now: () => new Date(),
});

/** Removes control characters from text for a terminal. */
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

  writeFiltered(text: string): unknown {
    return this.#stream.write(text);
  }

  once(event: 'drain', listener: () => void): unknown {
    // A stream without `once` is never behind.
    return this.#stream.once ? this.#stream.once(event, listener) : listener();
  }

  get isTTY(): boolean {
    return this.#stream.isTTY;
  }

  get columns(): number | undefined {
    return this.#stream.columns;
  }

  get rows(): number | undefined {
    return this.#stream.rows;
  }
}

/** Limits stderr, and stdout if it is a terminal, to plain text. */
export const withPlainTextStreams = (io: Io): Io => ({
  ...io,
  stderr: new PlainTextStream(io.stderr),
  stdout: io.stdout.isTTY ? new PlainTextStream(io.stdout) : io.stdout,
});

/** Writes coloured text; every value in it must have passed `plainLine`. */
export const writeColoured = (stream: OutputStream, text: string): unknown =>
  stream instanceof PlainTextStream ? stream.writeColoured(text) : stream.write(text);

/** Text as a terminal shows it, without control characters; values in coloured text must have passed `plainLine`. */
export const terminalText = (stream: OutputStream, text: string, isColoured: boolean): string =>
  stream instanceof PlainTextStream ? (isColoured ? colouredText(text) : plainText(text)) : text;

/** Whether a stream gets colours: NO_COLOR and TERM=dumb turn them off, FORCE_COLOR on; default: only in a terminal. */
export function hasColour(stream: OutputStream, env: NodeJS.ProcessEnv): boolean {
  if (env['NO_COLOR']) return false;
  if (env['FORCE_COLOR'] !== undefined) return !['0', 'false'].includes(env['FORCE_COLOR']);
  return stream.isTTY && env['TERM'] !== 'dumb';
}
