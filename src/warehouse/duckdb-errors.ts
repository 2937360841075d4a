import { interruptedError, WattduckError } from '../errors/wattduck-error.ts';
import { clipMessage, clipped } from '../text/plain-text.ts';

/** DuckDB's errors about files, locks and memory, and the catalogued error for each. */
const errorPatterns: [RegExp, (match: RegExpExecArray, path: string, cause: unknown) => WattduckError][] = [
  [/^Database Lost: (.*)$/, ([, damage], _, cause) => new WattduckError('database_lost', { damage }, cause)],
  [
    /Conflicting lock is held in (\S+) \(PID (\d+)\)/,
    ([, program, pid], path, cause) =>
      new WattduckError('database_locked', { path, holder: `process ${pid} (${program})` }, cause),
  ],
  [
    /Could not set lock on file/,
    (_, path, cause) => new WattduckError('database_locked', { path, holder: 'another process' }, cause),
  ],
  [/has been invalidated because/, (_, _path, cause) => new WattduckError('database_write_failed', {}, cause)],
  [/No space left on device|Disk quota exceeded/, (_, path, cause) => new WattduckError('disk_full', { path }, cause)],
  [/File too large/, (_, path, cause) => new WattduckError('file_too_large', { path }, cause)],
  [
    /Permission denied|Read-only file system|cannot open file .* in read-write/i,
    (_, path, cause) => new WattduckError('permission_denied', { path }, cause),
  ],
  [/not a valid DuckDB database/, (_, path, cause) => new WattduckError('not_a_database', { path }, cause)],
  [
    /Could not read enough bytes|Corrupt|checksum|Failed to load metadata/i,
    (_, path, cause) => new WattduckError('database_damaged', { path }, cause),
  ],
  [
    /version number|newer version of DuckDB/,
    (_, path, cause) => new WattduckError('duckdb_version_mismatch', { path }, cause),
  ],
  [/INTERRUPT/, (_, _path, cause) => interruptedError(cause)],
  [/Out of Memory|could not allocate/i, (_, _path, cause) => new WattduckError('out_of_memory', {}, cause)],
];

/** Thrown in the server that holds the file; its clients recognise it by its text. */
export const databaseLostError = (damage: string): Error => new Error(`Database Lost: ${damage}`);

/** PID of the process that holds the lock of a file, if DuckDB names it. */
export function lockHolder(error: unknown): number | undefined {
  const holder = /\(PID (\d+)\)/.exec(String(error))?.[1];
  return holder === undefined || holder === '0' ? undefined : Number(holder);
}

/** Converts an error about files, locks or memory to a catalogued one; returns any other error unchanged. */
export function duckdbError(error: unknown, path: string): unknown {
  // The values in a catalogued message could match a pattern.
  if (error instanceof WattduckError) return error;
  const message = error instanceof Error ? error.message : String(error);
  for (const [pattern, createError] of errorPatterns) {
    const match = pattern.exec(message);
    if (match) return createError(match, path, error);
  }
  return error;
}

/** Whether DuckDB rejected the text or the values of a statement. */
export const isStatementError = (error: unknown): error is Error =>
  error instanceof Error &&
  /^(Parser|Binder|Catalog|Conversion|Invalid Input|Invalid type|Invalid|Out of Range|Permission|Not implemented|Constraint|Mismatch Type|Decimal|Divide by Zero|Expression|Sequence|Syntax|Unknown Type|Object Size|Parameter Not Resolved|Parameter Not Allowed) Error|^Can only|^Cannot/i.test(
    error.message,
  );

/** How DuckDB reports Parquet files that are damaged or missing. */
const damagedFile =
  /Failed to read file|TProtocolException|don't know what type|Out of buffer|invalid TType|enough bytes from file|Prefetch registered|corrupt|No magic bytes|not a Parquet file|string encoding found in Parquet|converted type|Invalid unicode \(byte|Cannot open file|No files found that match|schema mismatch|Invalid Error/i;

/** The error of a statement that reads a Parquet folder: damaged files are reported as such. */
export const folderError = (error: unknown): unknown =>
  error instanceof Error && !(error instanceof WattduckError) && damagedFile.test(error.message)
    ? new WattduckError('folder_damaged', { reason: shortMessage(error) }, error)
    : error;

/** First line of DuckDB's message, without the class of the error. */
export const shortMessage = (error: Error): string =>
  clipMessage((error.message.split('\n')[0] ?? '').replace(/^[A-Z][\w ]* Error: /, '').replace(/[\s!.]+$/, ''));

/** Converts DuckDB's errors about statements, files, locks and memory; returns any other error unchanged. */
export function toUserError(error: unknown): unknown {
  if (isStatementError(error))
    return new WattduckError('invalid_sql', { message: shortMessage(error), suggestion: suggestionIn(error) }, error);
  // JavaScript strings have at most half a gigabyte.
  if (error instanceof RangeError) return new WattduckError('result_value_too_large', {}, error);
  return duckdbError(error, 'the database');
}

/** DuckDB's suggestion for a misspelt name, as a sentence. */
export function suggestionIn({ message }: Error): string | undefined {
  const suggestion = /Did you mean "([^"]+)"/.exec(message)?.[1];
  return suggestion === undefined ? undefined : clipped`Did you mean ${suggestion}?`;
}
