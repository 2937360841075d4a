import type { Io } from '../io.ts';
import { plainLine } from '../text/plain-text.ts';

/** A word on stderr of what goes on; on a terminal alone, and gone when it stops. */
export interface Spinner {
  update(text: string): void;
  stop(): void;
}

export async function startSpinner(io: Io, text: string): Promise<Spinner> {
  // In a terminal that tells no width ora would clear lines for ever.
  if (!io.stderr.isTTY || io.stderr.columns === 0) return { update: () => undefined, stop: () => undefined };
  const { default: ora } = await import('ora');
  // By default ora puts the terminal into raw mode, in which Ctrl-C, Ctrl-\ and Ctrl-Z are no signals, and hides the cursor, for which it
  // listens to signals itself: it would end the process on the first one, before the work is rolled back and the error written.
  const spinner = ora({
    text: plainLine(text),
    stream: process.stderr,
    discardStdin: false,
    hideCursor: false,
  }).start();
  return {
    update: (message) => {
      spinner.text = plainLine(message);
      // Work that lets no timer run would never be seen.
      spinner.render();
    },
    stop: () => void spinner.stop(),
  };
}
