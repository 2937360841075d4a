import type { ErrorDefinition } from '../definition.ts';

/** Failures to open, read or write the database file. */
export const databaseErrors = {
  database_not_found: {
    kind: 'not_found',
    message: 'database {path} not found',
    hint: 'Create it with `wattduck ingest FILE`, or choose another with --db.',
  },
  not_a_database: {
    kind: 'failed',
    message: '{path} is not a DuckDB database',
    hint: 'Choose another file with --db.',
  },
  database_locked: {
    kind: 'database_locked',
    message: '{path} is locked by {holder}',
    hint: 'Wait until it ends, or stop it.',
  },
  database_busy: {
    kind: 'database_locked',
    message: 'another process is writing to the database',
    hint: 'Wait until it ends, or stop it.',
  },
  server_version_mismatch: {
    kind: 'database_locked',
    message: '{path} is served by wattduck {version} (process {pid}), this is {own_version}',
    hint: 'Use the same version, or stop that server.',
  },
  lock_wait_interrupted: { kind: 'interrupted', message: 'interrupted while waiting for {path}' },
  server_stopped: {
    kind: 'failed',
    message: 'the server that holds the database has stopped',
    hint: 'Run the command again; no changes were made.',
  },
  database_lost: {
    kind: 'unavailable',
    message: 'the database file {+damage} while the server had it open, so no changes are written to it',
    hint: 'Stop the server, restore the file, and start the server again.',
  },
  database_write_failed: {
    kind: 'unavailable',
    message: 'the database is unavailable because writing to disk failed',
    hint: 'Free some space and start the server again; every confirmed row is in its log.',
  },
  database_damaged: {
    kind: 'failed',
    message: '{path} is damaged or truncated',
    hint: 'Restore it from a backup, or import the files into a new database with --db.',
  },
  duckdb_version_mismatch: {
    kind: 'failed',
    message: '{path} was written by another version of DuckDB',
    hint: 'Update wattduck, or export the data with the other version and import it here.',
  },
  schema_too_new: {
    kind: 'failed',
    message: '{path} has schema version {version}, but this wattduck supports version {max}',
    hint: 'Update wattduck.',
  },
  backup_exists: {
    kind: 'conflict',
    message: '{path} already exists',
    hint: 'Choose another file, or replace it with --force.',
  },
  backup_is_database: {
    kind: 'usage',
    message: '{path} is the database itself',
    hint: 'Choose another file.',
  },
  backup_not_replaceable: {
    kind: 'conflict',
    message: '{path} is not replaced: {+reason}',
    hint: 'Choose another file.',
  },
  backup_invalid: {
    kind: 'failed',
    message: 'the copy of {path} is not valid: {reason}',
    hint: 'Check the disk and run the command again; no file was replaced.',
  },
  backup_of_folder: {
    kind: 'usage',
    message: '{path} is a Parquet folder, expected a database',
    hint: 'Copy the folder with its manifest.json, or back up the database that it was exported from.',
  },
  folder_read_only: {
    kind: 'forbidden',
    message: '{path} is a Parquet folder, which is read-only',
    hint: 'Run the command on the database, then export it again with `wattduck export --parquet`.',
  },
  folder_without_manifest: {
    kind: 'usage',
    message: '{path} is a folder without a manifest.json',
    hint: 'Choose a database file, or a folder that `wattduck export --parquet` wrote.',
  },
  folder_invalid_manifest: {
    kind: 'failed',
    message: '{path} is not a valid manifest: {reason}',
    hint: 'Write the folder again with `wattduck export --parquet`.',
  },
  folder_too_new: {
    kind: 'failed',
    message: '{path} was written by a newer wattduck ({version})',
    hint: 'Update wattduck.',
  },
  folder_too_old: {
    kind: 'failed',
    message: '{path} was written by an older wattduck ({version})',
    hint: 'Write the folder again with `wattduck export --parquet`.',
  },
  folder_file_missing: {
    kind: 'failed',
    message: '{path} {+reason}',
    hint: 'If the folder is being copied, wait until the copy is complete. Else write it again with `wattduck export --parquet`.',
  },
  folder_damaged: {
    kind: 'failed',
    message: 'a file of the Parquet folder is damaged: {reason}',
    hint: 'Copy the folder again, or remove the damaged file and write it again with `wattduck export --parquet`.',
  },
  folder_moved: {
    kind: 'failed',
    message: '{path} leads to another folder now',
    hint: 'Start the server again.',
  },
  folder_locked: {
    kind: 'database_locked',
    message: 'another export is writing to {path}',
    hint: 'Wait until it ends, or stop it.',
  },
  folder_not_empty: {
    kind: 'usage',
    message: '{path} has other files and no manifest.json',
    hint: 'Choose an empty folder.',
  },
  folder_is_database: {
    kind: 'usage',
    message: '{path} is the Parquet folder itself',
    hint: 'Choose the database with --db.',
  },
  url_not_supported: {
    kind: 'usage',
    message: '{setting} {url}: URLs are not supported',
    hint: 'Mount the bucket or share as a folder, or copy the Parquet folder to this machine (docs/scale.md).',
  },
  out_of_memory: {
    kind: 'failed',
    message: 'DuckDB ran out of memory',
    hint: 'Raise the limit with --memory-limit, for example 8GB.',
  },
} as const satisfies Record<string, ErrorDefinition>;
