import { WattduckError } from '../errors/wattduck-error.ts';
import { writeDetails, writeError, type Io } from '../io.ts';
import { clipMessage, plainLine } from '../text/plain-text.ts';

/** What `forEachFile` runs, and what it needs to report failures. */
export interface FileRun {
  io: Io;
  files: readonly string[];
  /** Failures of paths that could not be expanded to files. */
  failures: readonly WattduckError[];
  /** Aborted by Ctrl-C, which stops all files. */
  signal: AbortSignal;
  debug: boolean;
}

/**
 * Runs work for each file; a failure of one does not stop the others.
 * @returns the failures, with those of the paths
 * @throws the failure itself if there is only one file
 */
export async function forEachFile(run: FileRun, work: (file: string) => Promise<void>): Promise<WattduckError[]> {
  const { io, files, signal, debug } = run;
  const failures: WattduckError[] = [];
  const addFailure = (error: WattduckError): void => {
    writeError(io, plainLine(error.fullMessage));
    if (debug) writeDetails(io, `${error.stack}\n${String(error.cause ?? '')}\n`);
    failures.push(error);
  };
  for (const failure of run.failures) addFailure(failure);
  for (const file of files) {
    try {
      await work(file);
    } catch (error) {
      if (signal.aborted || files.length + run.failures.length === 1) throw error;
      addFailure(error instanceof WattduckError ? error : unexpectedError(file, error));
    }
  }
  return failures;
}

const unexpectedError = (file: string, error: unknown): WattduckError =>
  new WattduckError(
    'file_failed_unexpectedly',
    { file, reason: clipMessage(String((error as Error)?.message ?? error)) },
    error,
  );

/** @throws WattduckError with the exit status of the worst failure, if any */
export function assertNoFailures(failures: readonly WattduckError[], total: number): void {
  const worst = failures.toSorted((a, b) => b.exit - a.exit)[0];
  if (worst) throw new WattduckError('files_not_imported', { failed: failures.length, total }).withKindOf(worst);
}
