/**
 * Kinds of failures, each with the exit status of a command and the status of an HTTP response.
 * `--help` lists the kinds that have a meaning; the others occur over HTTP only.
 */
export const errorKinds = {
  usage: { exit: 2, http: 400, meaning: 'invalid command, option, parameter or value' },
  not_found: { exit: 1, http: 404, meaning: 'file, report or record not found' },
  failed: { exit: 1, http: 422, meaning: 'the command failed' },
  conflict: { exit: 1, http: 409, meaning: 'conflict with existing data' },
  rejected: { exit: 3, http: 422, meaning: 'rows were rejected under --strict' },
  forbidden: { exit: 4, http: 403, meaning: 'permission denied' },
  database_locked: { exit: 5, http: 409, meaning: 'database locked by another process' },
  interrupted: { exit: 130, http: 503, meaning: 'stopped by Ctrl-C' },
  unauthorized: { exit: 4, http: 401 },
  method_not_allowed: { exit: 2, http: 405 },
  timeout: { exit: 1, http: 504 },
  payload_too_large: { exit: 1, http: 413 },
  unsupported_media_type: { exit: 2, http: 415 },
  too_many_requests: { exit: 1, http: 429 },
  unavailable: { exit: 1, http: 503 },
} as const;

export type ErrorKind = keyof typeof errorKinds;
