import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { afterAll } from 'vitest';
import { plainText } from '../../src/text/plain-text.ts';

/** Keys as a terminal sends them. */
export const key = { ctrlC: '\u0003', quit: '\u001c', ctrlZ: '\u001a' } as const;

/** Whether util-linux `script` is installed, which runs a program in a pseudo-terminal; macOS and BSD have another `script`. */
export const hasPty = spawnSync('script', ['-qec', 'true', '/dev/null']).status === 0;
export const noPty = 'util-linux `script`, which opens a pseudo-terminal, is not installed';

export interface Terminal {
  /** Everything written to the terminal so far. */
  screen(): string;
  /** Waits for a text in the output; fails if the program ends first. */
  waitFor(text: string | RegExp): Promise<void>;
  press(keys: string): void;
  ended: Promise<{ screen: string; status: number | null }>;
}

const shellQuote = (arg: string): string => `'${arg.replaceAll("'", "'\\''")}'`;

/** Runs the built program as a job of a shell in a pseudo-terminal; the shell prints its status and the terminal's mode. @param after next command of the shell */
export function startInTerminal(
  args: readonly string[],
  { env = {}, after = '' }: { env?: NodeJS.ProcessEnv; after?: string } = {},
): Terminal {
  const program = [process.execPath, resolve('bin/wattduck.js'), ...args].map(shellQuote).join(' ');
  // `set -m` makes the program a process group, as in an interactive shell: only then can Ctrl-Z stop it.
  const line = `stty cols 100 rows 30; set -m; ${program}; code=$?; echo "status:$code"; ${after} stty -a; exit $code`;
  // CI variables would hide the spinner.
  const { CI: _, ...otherEnv } = process.env;
  const child = spawn('script', ['-qec', `sh -c ${shellQuote(line)}`, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...otherEnv, TERM: 'xterm', ...env },
  });
  afterAll(() => void child.kill('SIGKILL'));
  let screen = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => void (screen += text));
  child.stdin.on('error', () => undefined);
  const ended = once(child, 'close').then(([status]) => ({ screen, status: status as number | null }));
  const waitFor = async (text: string | RegExp): Promise<void> => {
    const isThere = (): boolean => (typeof text === 'string' ? screen.includes(text) : text.test(screen));
    while (!isThere()) {
      const isOver = await Promise.race([once(child.stdout, 'data').then(() => false), ended.then(() => true)]);
      if (isOver && !isThere()) throw new Error(`the program ended without ${String(text)}: ${screen}`);
    }
  };
  return { screen: () => screen, waitFor, press: (keys) => void child.stdin.write(keys), ended };
}

// oxlint-disable-next-line no-control-regex
const controls = /\u001b\[[?\d;]*[a-zA-Z]|\^[C\\Z]/g;

/** Visible lines, without those the spinner overwrote and the output of `stty`. */
export const visibleLines = (screen: string): string[] =>
  screen
    .split('status:')[0]!
    .split('\r\n')
    .map((line) => plainText(line.split('\u001b[0K').at(-1)!.replaceAll(controls, '')).trim())
    .filter((line) => line !== '');

/** Whether the terminal is in the mode a shell needs: lines, signals, echo and a visible cursor. */
export const isRestored = (screen: string): boolean =>
  /(^|\s)isig\b/.test(screen) &&
  /(^|\s)icanon\b/.test(screen) &&
  /(^|\s)echo\b/.test(screen) &&
  screen.lastIndexOf('\u001b[?25l') <= screen.lastIndexOf('\u001b[?25h');
