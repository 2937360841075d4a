import type { Io } from '../io.ts';
import { plainLine } from '../text/plain-text.ts';

/** A progress line on stderr, on a terminal only; it is cleared when it stops. */
export interface Spinner {
  update(text: string): void;
  stop(): void;
}

/** Starts a progress line; without a terminal nothing is shown. */
export async function startSpinner(io: Io, text: string): Promise<Spinner> {
  // In a terminal of width 0, ora would clear lines forever.
  if (!io.stderr.isTTY || io.stderr.columns === 0) return { update: () => undefined, stop: () => undefined };
  const { default: ora } = await import('ora');
  // By default ora sets raw mode, in which Ctrl-C and Ctrl-Z send no signals, and hides the cursor, for which it handles signals
  // itself: the first one would end the process before the work is rolled back and the error printed.
  const spinner = ora({
    text: plainLine(text),
    stream: process.stderr,
    discardStdin: false,
    hideCursor: false,
  }).start();
  return {
    update: (message) => {
      spinner.text = plainLine(message);
      // ora renders on a timer, which blocking work would never let run.
      spinner.render();
    },
    stop: () => void spinner.stop(),
  };
}
