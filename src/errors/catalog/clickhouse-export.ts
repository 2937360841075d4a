import type { ErrorDefinition } from '../definition.ts';

/** Failures of the export to ClickHouse. */
export const clickhouseExportErrors = {
  export_without_target: {
    kind: 'usage',
    message: 'export needs a target',
    hint: 'Name a folder or an .xlsx file, or a database with --to clickhouse://user@host:8123/database.',
  },
  export_needs_to: {
    kind: 'usage',
    message: '--{option} needs --to',
    hint: 'Name the database with --to clickhouse://user@host:8123/database.',
  },
  export_two_targets: {
    kind: 'usage',
    message: '--to and {target}: an export has one target',
    hint: 'Leave one of them out.',
  },
  clickhouse_column_not_supported: {
    kind: 'failed',
    message: 'column {column} of {table} cannot be exported to ClickHouse: {reason}',
    hint: 'Rename the column, or change its type in the SQL file of the source.',
  },
  clickhouse_name_taken: {
    kind: 'failed',
    message: 'two tables for ClickHouse have the name {table}',
    hint: 'Rename the source.',
  },
  clickhouse_cluster_not_found: {
    kind: 'not_found',
    message: 'cluster {cluster} not found',
    hint: 'List the clusters with: select distinct cluster from system.clusters. It belongs in remote_servers of each node.',
  },
  clickhouse_table_missing: {
    kind: 'not_found',
    message: 'table {table} not found',
    hint: 'Run the statements of `wattduck export --to … --cluster … --print-ddl` on every node.',
  },
  clickhouse_column_missing: {
    kind: 'failed',
    message: 'table {table} has no column {column}',
    hint: 'Run on every node: {+ddl}',
  },
  clickhouse_column_differs: {
    kind: 'failed',
    message: 'column {column} of {table} has type {type}, expected {expected}',
    hint: 'Drop the table, or choose another database, and run the export again.',
  },
  clickhouse_table_of_cluster: {
    kind: 'usage',
    message: 'table {table} distributes its rows over cluster {cluster}',
    hint: 'Use --cluster {+cluster}.',
  },
  clickhouse_table_not_of_cluster: {
    kind: 'usage',
    message: 'table {table} does not distribute its rows over cluster {cluster}',
    hint: 'Leave out --cluster, or choose another database.',
  },
  clickhouse_schema_too_new: {
    kind: 'failed',
    message: 'database {database} was written by a newer wattduck ({version})',
    hint: 'Update wattduck.',
  },
  clickhouse_shards_changed: {
    kind: 'failed',
    message: 'the cluster has {now} shards, but database {database} was written to {before}',
    hint: 'Rows would be on two shards. Create the tables in a new database and export there.',
  },
  clickhouse_export_locked: {
    kind: 'database_locked',
    message: 'another export is writing to {address} (process {pid} on {host})',
    hint: 'Wait until it ends, or stop it. The lease of a killed one expires within a minute.',
  },
  clickhouse_lease_lost: {
    kind: 'failed',
    message: 'this export paused for too long: another one may be writing now',
    hint: 'Run the export again.',
  },
  clickhouse_statement_running: {
    kind: 'failed',
    message: 'statement {query_id} of an earlier export still runs',
    hint: 'Wait until it ends, or end it on ClickHouse with `kill query`.',
  },
  clickhouse_time_out_of_range: {
    kind: 'failed',
    message: '{table} has {column} {value}, but ClickHouse stores times from 1900 to 2299',
    hint: 'Correct the rows and import them again, or delete them.',
  },
  clickhouse_month_differs: {
    kind: 'failed',
    message: '{table} has {found} rows on ClickHouse, or others than the {expected} of the database',
    hint: 'Run the export again. If it fails again, drop the table on ClickHouse and its rows in export_ledger.',
  },
  clickhouse_disk_full: {
    kind: 'failed',
    message: 'ClickHouse has no space left: {reason}',
    hint: 'Free space on its disk, then run the export again: it continues.',
  },
} as const satisfies Record<string, ErrorDefinition>;
