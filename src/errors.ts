import { clipped } from './text/plain-text.ts';
/**
 * Every failure a user can cause or meet, with its exit status and HTTP status; the only place that says which is which.
 * Those without a meaning come over HTTP alone.
 */
export const errorKinds = {
  usage: { exit: 2, http: 400, meaning: 'wrong command, option, parameter or value' },
  not_found: { exit: 1, http: 404, meaning: 'a named file, report or thing does not exist' },
  failed: { exit: 1, http: 422, meaning: 'the work could not be done' },
  conflict: { exit: 1, http: 409, meaning: 'what is asked for does not go with what is there' },
  rejected: { exit: 3, http: 422, meaning: 'rows were rejected under --strict' },
  not_allowed: { exit: 4, http: 403, meaning: 'no permission' },
  in_use: { exit: 5, http: 409, meaning: 'the database is held by another process' },
  interrupted: { exit: 130, http: 503, meaning: 'stopped by Ctrl-C' },
  no_token: { exit: 4, http: 401 },
  no_method: { exit: 2, http: 405 },
  timed_out: { exit: 1, http: 504 },
  too_large: { exit: 1, http: 413 },
  wrong_type: { exit: 2, http: 415 },
  too_many: { exit: 1, http: 429 },
  unavailable: { exit: 1, http: 503 },
} as const;

export type ErrorKind = keyof typeof errorKinds;

/** However many values a message has, it can be read. */
const truncate = (text: string): string => (text.length > 4000 ? `${text.slice(0, 4000)}…` : text);

/** An expected failure: `message` says what, where and the value seen; `hint` says what to do. */
export class WattduckError extends Error {
  readonly kind: ErrorKind;
  readonly hint: string | undefined;

  constructor(kind: ErrorKind, message: string, hint?: string, cause?: unknown) {
    super(truncate(message), { cause });
    this.name = 'WattduckError';
    this.kind = kind;
    this.hint = hint === undefined ? undefined : truncate(hint);
  }

  get exit(): number {
    return errorKinds[this.kind].exit;
  }

  /** The one line a person reads. */
  get fullMessage(): string {
    return this.hint ? `${this.message}. ${this.hint}` : this.message;
  }
}

/** What Ctrl-C ends with, whatever it broke off. */
export const interruptedError = (cause?: unknown): WattduckError =>
  new WattduckError('interrupted', 'interrupted; nothing was half done', undefined, cause);

const systemErrors: Record<string, [ErrorKind, string, string?]> = {
  ENOENT: ['not_found', 'no such file or folder', 'Check the path.'],
  EISDIR: ['usage', 'is a folder, not a file'],
  ENOTDIR: ['usage', 'a part of the path is a file, not a folder'],
  EACCES: ['not_allowed', 'permission denied', 'Check who owns it, or choose another place.'],
  EPERM: ['not_allowed', 'permission denied', 'Check who owns it, or choose another place.'],
  EROFS: ['not_allowed', 'read-only file system', 'Choose another place.'],
  EFBIG: ['failed', 'the file is larger than the system allows', 'Ask for less, or raise the limit (ulimit -f).'],
  EDQUOT: ['failed', 'the disk quota is used up', 'Free some room, or choose another place.'],
  ENAMETOOLONG: ['usage', 'the name is too long', 'Choose a shorter one.'],
  ENOSPC: ['failed', 'the disk is full', 'Free some room and run it again; nothing was half done.'],
};

/** Says a Node file-system error in words, naming the path; anything else is passed on as it is. */
export function fileError(error: unknown, path: string): unknown {
  const systemError = systemErrors[(error as NodeJS.ErrnoException)?.code ?? ''];
  return systemError
    ? new WattduckError(systemError[0], clipped`${path}: ${systemError[1]}`, systemError[2], error)
    : error;
}
