import type { ErrorDefinition } from '../definition.ts';

/** Failures of the operating system and of the run itself. */
export const systemErrors = {
  interrupted: { kind: 'interrupted', message: 'interrupted; no changes were made' },
  path_not_found: { kind: 'not_found', message: '{path}: file or folder not found', hint: 'Check the path.' },
  path_is_folder: { kind: 'usage', message: '{path}: is a folder, expected a file' },
  path_not_folder: { kind: 'usage', message: '{path}: part of the path is a file, expected a folder' },
  permission_denied: {
    kind: 'forbidden',
    message: '{path}: permission denied',
    hint: 'Check who owns the file and its folder, or choose another path.',
  },
  read_only_file_system: {
    kind: 'forbidden',
    message: '{path}: read-only file system',
    hint: 'Choose another path.',
  },
  file_too_large: {
    kind: 'failed',
    message: '{path}: larger than the system allows',
    hint: 'Raise the limit (ulimit -f), or write less.',
  },
  disk_quota_exceeded: {
    kind: 'failed',
    message: '{path}: disk quota exceeded',
    hint: 'Free some space, or choose another path.',
  },
  name_too_long: { kind: 'usage', message: '{path}: name too long', hint: 'Choose a shorter name.' },
  disk_full: {
    kind: 'failed',
    message: '{path}: disk full',
    hint: 'Free some space and run the command again; no changes were made.',
  },
} as const satisfies Record<string, ErrorDefinition>;
