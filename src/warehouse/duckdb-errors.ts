import { interruptedError, WattduckError } from '../errors/wattduck-error.ts';
import { clipMessage, clipped } from '../text/plain-text.ts';

/** What DuckDB says about the machine rather than about a statement, in our words. */
const errorPatterns: [RegExp, (found: RegExpExecArray, path: string) => WattduckError][] = [
  [
    /^Database Lost: (.*)$/,
    (found) =>
      new WattduckError(
        'unavailable',
        `the database file ${found[1]} while the server had it open, so nothing is written to it`,
        'Stop the server, put the file back, and start the server again.',
      ),
  ],
  [
    /Conflicting lock is held in (\S+) \(PID (\d+)\)/,
    (found, path) =>
      new WattduckError(
        'database_locked',
        clipped`${path} is in use by process ${found[2]} (${found[1]})`,
        'Wait until it ends, or stop it.',
      ),
  ],
  [
    /Could not set lock on file/,
    (_, path) =>
      new WattduckError(
        'database_locked',
        clipped`${path} is in use by another process`,
        'Wait until it ends, or stop it.',
      ),
  ],
  [
    /has been invalidated because/,
    () =>
      new WattduckError(
        'unavailable',
        'the database can not be used since writing it to the disk failed',
        'Free some room and start the server again; every acknowledged row is in its log.',
      ),
  ],
  [
    /No space left on device|Disk quota exceeded/,
    (_, path) =>
      new WattduckError(
        'failed',
        clipped`the disk is full (writing ${path})`,
        'Free some room and run it again; nothing was half done.',
      ),
  ],
  [
    /File too large/,
    (_, path) =>
      new WattduckError(
        'failed',
        clipped`${path} would be larger than the system allows a file to be`,
        'Raise the limit (ulimit -f), or choose another disk; nothing was half done.',
      ),
  ],
  [
    /Permission denied|Read-only file system|cannot open file .* in read-write/i,
    (_, path) =>
      new WattduckError(
        'forbidden',
        clipped`${path}: no permission to open or write it`,
        'Check who owns the file and its folder, or choose another with --db.',
      ),
  ],
  [
    /not a valid DuckDB database/,
    (_, path) => new WattduckError('failed', clipped`${path} is not a DuckDB database`, 'Name another file with --db.'),
  ],
  [
    /Could not read enough bytes|Corrupt|checksum|Failed to load metadata/i,
    (_, path) =>
      new WattduckError(
        'failed',
        clipped`${path} is damaged or cut off`,
        'Restore it from a copy, or ingest the files afresh into another with --db.',
      ),
  ],
  [
    /version number|newer version of DuckDB/,
    (_, path) =>
      new WattduckError(
        'failed',
        clipped`${path} was written by another version of DuckDB`,
        'Update wattduck, or export the data there and ingest it here.',
      ),
  ],
  [/INTERRUPT/, () => interruptedError()],
  [
    /Out of Memory|could not allocate/i,
    () => new WattduckError('failed', 'DuckDB ran out of memory', 'Give it more with --memory-limit, for example 8GB.'),
  ],
];

/** What is thrown in the process that has the file, and told to other processes by its text. */
export const databaseLostError = (damage: string): Error => new Error(`Database Lost: ${damage}`);

/** The process that holds a lock on the file, where DuckDB found it. */
export function lockHolder(error: unknown): number | undefined {
  const holder = /\(PID (\d+)\)/.exec(String(error))?.[1];
  return holder === undefined || holder === '0' ? undefined : Number(holder);
}

/** Turns a fault of the machine into an expected failure; every other error is passed on as it is. */
export function duckdbError(error: unknown, path: string): unknown {
  // What is said already may tell a value that reads like a fault.
  if (error instanceof WattduckError) return error;
  const message = error instanceof Error ? error.message : String(error);
  for (const [pattern, createError] of errorPatterns) {
    const found = pattern.exec(message);
    if (found) {
      const userError = createError(found, path);
      userError.cause = error;
      return userError;
    }
  }
  return error;
}

/** DuckDB's own error classes that speak of a statement's text or values. */
export const isStatementError = (error: unknown): error is Error =>
  error instanceof Error &&
  /^(Parser|Binder|Catalog|Conversion|Invalid Input|Invalid type|Invalid|Out of Range|Permission|Not implemented|Constraint|Mismatch Type|Decimal|Divide by Zero|Expression|Sequence|Syntax|Unknown Type|Object Size|Parameter Not Resolved|Parameter Not Allowed) Error|^Can only|^Cannot/i.test(
    error.message,
  );

/** DuckDB's message without the class of the error and its caret picture. */
export const shortMessage = (error: Error): string =>
  clipMessage((error.message.split('\n')[0] ?? '').replace(/^[A-Z][\w ]* Error: /, '').replace(/[\s!.]+$/, ''));

/** A fault of a statement as one line of it; one of the machine in our words; every other error as it is. */
export function toUserError(error: unknown): unknown {
  if (isStatementError(error)) return new WattduckError('usage', shortMessage(error), suggestionIn(error), error);
  // A value of more than half a gigabyte is none that can be written.
  if (error instanceof RangeError)
    return new WattduckError(
      'failed',
      'a value of the answer is too large to be written',
      'Ask for less at once.',
      error,
    );
  return duckdbError(error, 'the database');
}

/** What DuckDB takes a misspelt name for. */
export function suggestionIn({ message }: Error): string | undefined {
  const suggestion = /Did you mean "([^"]+)"/.exec(message)?.[1];
  return suggestion === undefined ? undefined : clipped`Did you mean ${suggestion}?`;
}
