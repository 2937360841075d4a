import type { ErrorDefinition } from '../definition.ts';

/** Failures of reports on ClickHouse. */
export const clickhouseErrors = {
  invalid_engine: {
    kind: 'usage',
    message: '{+parameter} {value}: not an address of ClickHouse',
    hint: 'Use the form {+form}.',
  },
  password_in_address: {
    kind: 'usage',
    message: '{+parameter}: a password must not be in the address',
    hint: 'Set WATTDUCK_CLICKHOUSE_PASSWORD, or WATTDUCK_CLICKHOUSE_PASSWORD_FILE with the path of a file.',
  },
  engine_not_supported: {
    kind: 'usage',
    message: '{+subject} cannot run on ClickHouse, which is read-only for wattduck',
    hint: '{+advice}',
  },
  clickhouse_unreachable: {
    kind: 'unavailable',
    message: 'no connection to ClickHouse at {address}: {reason}',
    hint: 'Check host and port, and that the server runs.',
  },
  clickhouse_login_failed: {
    kind: 'failed',
    message: 'ClickHouse at {address} rejected user {user}',
    hint: 'Check the user and WATTDUCK_CLICKHOUSE_PASSWORD.',
  },
  clickhouse_database_not_found: {
    kind: 'not_found',
    message: 'database {database} not found on ClickHouse at {address}',
    hint: 'Create it with `wattduck export --to`, or choose another with --engine.',
  },
  clickhouse_empty: {
    kind: 'not_found',
    message: 'database {database} on ClickHouse at {address} has no table of wattduck',
    hint: 'Load it with `wattduck export --to`, or choose another with --engine.',
  },
  clickhouse_access_denied: {
    kind: 'failed',
    message: 'user {user} of ClickHouse lacks the grant {grant}',
    hint: 'Run on ClickHouse: grant {grant} to {user}.',
  },
  clickhouse_setting_denied: {
    kind: 'failed',
    message: 'user {user} of ClickHouse must not change settings: {reason}',
    hint: 'Use a profile with readonly = 2 or 0, without constraints on the setting.',
  },
  clickhouse_timeout: {
    kind: 'timeout',
    message: 'the query on ClickHouse took longer than {limit}',
    hint: 'Choose a shorter period, or set WATTDUCK_TIMEOUT to more seconds.',
  },
  clickhouse_memory: {
    kind: 'failed',
    message: 'the query needs more memory than ClickHouse allows',
    hint: 'Choose a shorter period or fewer charge points, or raise max_memory_usage.',
  },
  clickhouse_node_failed: {
    kind: 'unavailable',
    message: 'ClickHouse did not answer completely: {reason}',
    hint: 'Check that every node runs (select * from system.clusters), then run the command again.',
  },
  clickhouse_statement_failed: {
    kind: 'failed',
    message: 'ClickHouse rejected the query: {reason}',
    hint: 'wattduck is tested with ClickHouse 26.7. With SQL files of your own, check that they are portable.',
  },
} as const satisfies Record<string, ErrorDefinition>;
