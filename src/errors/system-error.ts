import type { ErrorCode } from './catalog.ts';
import { WattduckError } from './wattduck-error.ts';

const codesBySystemCode = {
  ENOENT: 'path_not_found',
  EISDIR: 'path_is_folder',
  ENOTDIR: 'path_not_folder',
  EACCES: 'permission_denied',
  EPERM: 'permission_denied',
  EROFS: 'read_only_file_system',
  EFBIG: 'file_too_large',
  EDQUOT: 'disk_quota_exceeded',
  ENAMETOOLONG: 'name_too_long',
  ENOSPC: 'disk_full',
} as const satisfies Record<string, ErrorCode>;

/** The catalogued error for a Node file-system error, naming the path; any other error is returned as it is. */
export function toFileError(error: unknown, path: string): unknown {
  const code = (error as NodeJS.ErrnoException)?.code as keyof typeof codesBySystemCode;
  return code in codesBySystemCode ? new WattduckError(codesBySystemCode[code], { path }, error) : error;
}

/** Runs work on a file; its file-system errors are catalogued ones that name the path. */
export function withFileError<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw toFileError(error, path);
  }
}
