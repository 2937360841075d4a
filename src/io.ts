import type { Readable } from 'node:stream';
import { colouredText, plainLine, plainText } from './text/plain-text.ts';
import { wrapWords } from './text/wrap-words.ts';

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
  /** Whether it has messages: their lines wrap at words, and --quiet and --verbose apply to them. */
  readonly #hasMessages: boolean;
  verbosity: 'quiet' | 'normal' | 'verbose' = 'normal';

  constructor(stream: OutputStream, hasMessages = false) {
    this.#stream = stream;
    this.#hasMessages = hasMessages;
  }

  write(text: string): unknown {
    return this.verbosity === 'quiet' ? true : this.#stream.write(this.#wrapped(plainText(text)));
  }

  writeColoured(text: string): unknown {
    return this.verbosity === 'quiet' ? true : this.#stream.write(this.#wrapped(colouredText(text)));
  }

  writeFiltered(text: string): unknown {
    return this.#stream.write(text);
  }

  /** Writes a message that --quiet does not hide. */
  writeAlways(text: string): unknown {
    return this.#stream.write(this.#wrapped(colouredText(text)));
  }

  #wrapped(text: string): string {
    const { columns } = this;
    return this.#hasMessages && this.#stream.isTTY && columns ? wrapWords(text, columns) : text;
  }

  once(event: 'drain', listener: () => void): unknown {
    // A stream without `once` is never behind.
    return this.#stream.once ? this.#stream.once(event, listener) : listener();
  }

  get isTTY(): boolean {
    // Progress is shown on terminals only, and not with --quiet.
    return this.#stream.isTTY && this.verbosity !== 'quiet';
  }

  /** Whether it is a terminal, also with --quiet. */
  get isTerminal(): boolean {
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
  stderr: new PlainTextStream(io.stderr, true),
  stdout: io.stdout.isTTY ? new PlainTextStream(io.stdout) : io.stdout,
});

/** How much a command says about its work. */
export interface Verbosity {
  /** No notes and no summary. */
  quiet?: boolean;
  /** Times, SQL files and settings. */
  verbose?: boolean;
}

/** Applies --quiet or --verbose to the messages of a command. */
export function setVerbosity({ stderr }: Io, { quiet, verbose }: Verbosity): void {
  if (stderr instanceof PlainTextStream && (quiet || verbose)) stderr.verbosity = quiet ? 'quiet' : 'verbose';
}

const verbosityOf = ({ stderr }: Io): PlainTextStream['verbosity'] =>
  stderr instanceof PlainTextStream ? stderr.verbosity : 'normal';

export const isQuiet = (io: Io): boolean => verbosityOf(io) === 'quiet';

export const isVerbose = (io: Io): boolean => verbosityOf(io) === 'verbose';

/** Writes a line about the work of a command, with --verbose only. */
export function trace(io: Io, line: string): void {
  if (isVerbose(io)) io.stderr.write(`verbose: ${plainLine(line)}\n`);
}

/** Seconds since a time of the performance clock, for people: `0.12 s`. */
export const elapsed = (started: number): string => `${((performance.now() - started) / 1000).toFixed(2)} s`;

/** Writes an error, also with --quiet. On a terminal it begins in red. */
export function writeError({ stderr, env }: Io, message: string): void {
  const label = hasColour(stderr, env) ? '\u001B[31merror:\u001B[39m' : 'error:';
  const text = `${label} ${message}\n`;
  if (stderr instanceof PlainTextStream) stderr.writeAlways(text);
  else stderr.write(text);
}

/** Writes text below an error as it is, also with --quiet. */
export function writeDetails({ stderr }: Io, text: string): void {
  if (stderr instanceof PlainTextStream) stderr.writeFiltered(plainText(text));
  else stderr.write(text);
}

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
  return (stream instanceof PlainTextStream ? stream.isTerminal : stream.isTTY) && env['TERM'] !== 'dumb';
}
