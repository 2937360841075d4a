import { spawn, type ChildProcess } from 'node:child_process';
import { terminalText, type Io } from '../io.ts';

/** Exit status of a shell for a command that does not exist. */
const commandNotFound = 127;

/** Max characters that are kept for a pager that cannot be started. */
const maxKept = 1_000_000;

/**
 * Output to a terminal. Text longer than the screen goes to the user's pager, shorter text straight to the screen.
 * Values in coloured text must have passed `plainLine`.
 */
export class PagedOutput {
  readonly #io: Io;
  readonly #isColoured: boolean;
  readonly #command: string | undefined;
  readonly #rows: number;
  #buffer: string[] = [];
  #lines = 0;
  #pager: ChildProcess | undefined;
  /** Resolves when the pager has ended. */
  #closed: Promise<void> | undefined;
  #isClosed = false;
  /** Whether the pager could not be started: the text goes to the screen then. */
  #hasFailed = false;

  /** The output of a terminal with a pager; undefined for a pipe, or if PAGER is empty or `cat`. */
  static open(io: Io, isColoured: boolean): PagedOutput | undefined {
    const { isTTY, rows } = io.stdout;
    const pager = io.env['PAGER'];
    if (!isTTY || !rows || pager === '' || pager?.trim() === 'cat' || io.env['TERM'] === 'dumb') return undefined;
    return new PagedOutput(io, isColoured, pager, rows);
  }

  private constructor(io: Io, isColoured: boolean, command: string | undefined, rows: number) {
    this.#io = io;
    this.#isColoured = isColoured;
    this.#command = command;
    this.#rows = rows;
  }

  /** Whether the reader has quit the pager. */
  get isClosed(): boolean {
    return this.#isClosed && !this.#hasFailed;
  }

  async write(text: string): Promise<void> {
    const shown = terminalText(this.#io.stdout, text, this.#isColoured);
    if (this.#hasFailed) return this.#writeDirectly(shown);
    if (!this.#pager || this.#bufferedLength() < maxKept) this.#buffer.push(shown);
    if (this.#pager) return this.#send(shown);
    const width = this.#io.stdout.columns || 80;
    for (const line of shown.split('\n').slice(0, -1)) this.#lines += Math.max(1, Math.ceil(line.length / width));
    // The prompt takes a line too.
    if (this.#lines < this.#rows) return;
    this.#start();
    await this.#send(this.#buffer.join(''));
  }

  /** Shows the text, and waits until the reader quits the pager. */
  async end(): Promise<void> {
    if (!this.#pager) return this.#writeDirectly(this.#buffer.join(''));
    this.#pager.stdin!.end();
    await this.#closed!;
  }

  #writeDirectly(text: string): void {
    this.#io.stdout.writeFiltered!(text);
  }

  #bufferedLength(): number {
    return this.#buffer.reduce((sum, { length }) => sum + length, 0);
  }

  #start(): void {
    // As gh and git do: quit if it fits the screen, show colours, keep the text on the screen.
    const env = { LESS: 'FRX', LV: '-c', ...this.#io.env };
    const stdio = ['pipe', 'inherit', 'inherit'] as const;
    const pager =
      this.#command === undefined
        ? spawn('less', { stdio: [...stdio], env })
        : spawn(this.#command, { stdio: [...stdio], env, shell: true });
    // Ctrl-C is for the pager, which would be left alone on the terminal otherwise.
    const ignore = (): void => undefined;
    process.on('SIGINT', ignore);
    this.#pager = pager;
    // Writing to a pager that was quit fails: the reader has seen enough.
    pager.stdin!.on('error', ignore);
    this.#closed = new Promise<number | null>((resolve) => {
      pager.once('error', () => resolve(commandNotFound));
      pager.once('close', resolve);
    }).then((status) => {
      process.off('SIGINT', ignore);
      this.#isClosed = true;
      if (status !== commandNotFound) return;
      this.#hasFailed = true;
      // A pager that reads nothing lets few writes pass, so the buffer has all of them.
      this.#writeDirectly(this.#buffer.join(''));
    });
  }

  async #send(text: string): Promise<void> {
    const { stdin } = this.#pager!;
    // A pager that does not exist, or that was quit, reads no more.
    if (this.#isClosed || stdin!.destroyed) return this.#closed;
    if (stdin!.write(text)) return;
    await Promise.race([new Promise((resolve) => stdin!.once('drain', resolve)), this.#closed]);
  }
}
