import { WattduckError } from '../errors/wattduck-error.ts';
import { writeDetails, writeError, type Io } from '../io.ts';
import { clipMessage, plainLine } from '../text/plain-text.ts';

/** Prints a failure with its excerpt, and with `debug` its stack. Returns the exit status. */
export function printFailure(error: unknown, io: Io, debug: boolean): number {
  const isExpected = error instanceof WattduckError;
  writeError(
    io,
    plainLine(
      isExpected
        ? error.fullMessage
        : `unexpected: ${clipMessage(String((error as Error)?.message ?? error))} (use --debug for a stack trace)`,
    ),
  );
  if (isExpected && error.excerpt) writeDetails(io, `${error.excerpt}\n`);
  if (debug) writeDetails(io, `${(error as Error).stack}\n${String((error as Error).cause ?? '')}\n`);
  return isExpected ? error.exit : 1;
}
