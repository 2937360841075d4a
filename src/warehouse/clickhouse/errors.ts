import { WattduckError, interruptedError } from '../../errors/wattduck-error.ts';
import { pluralize } from '../../text/format-number.ts';
import { clipMessage } from '../../text/plain-text.ts';
import type { ClickHouseAddress } from './address.ts';

/** When and for whom an error occurred. */
interface ErrorContext {
  signal?: AbortSignal | undefined;
  seconds: number;
}

/** Error codes of the HTTP connection before a server answered. */
const unreachableCodes = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT'];

/** Error types of ClickHouse by what they mean. */
const [loginTypes, nodeTypes, memoryTypes, settingTypes, diskTypes] = [
  ['AUTHENTICATION_FAILED', 'REQUIRED_PASSWORD', 'WRONG_PASSWORD', 'UNKNOWN_USER'],
  [
    'ALL_CONNECTION_TRIES_FAILED',
    'ATTEMPT_TO_READ_AFTER_EOF',
    'NETWORK_ERROR',
    'SOCKET_TIMEOUT',
    'CANNOT_READ_ALL_DATA',
    'TOO_MANY_UNAVAILABLE_SHARDS',
    'NO_REPLICA_HAS_DATA',
    'ABORTED',
    'SESSION_NOT_FOUND',
    'QUERY_WAS_CANCELLED',
    'DNS_ERROR',
    'EOF',
  ],
  ['MEMORY_LIMIT_EXCEEDED', 'CANNOT_ALLOCATE_MEMORY'],
  ['READONLY', 'SETTING_CONSTRAINT_VIOLATION'],
  ['NOT_ENOUGH_SPACE', 'CANNOT_RESERVE_SPACE', 'CANNOT_WRITE_TO_FILE_DESCRIPTOR'],
] as const;

/** Converts an error of the client or of the server to one of wattduck; a raised limit of a report stays as it is. */
export function clickHouseError(
  error: unknown,
  { url, user, database }: ClickHouseAddress,
  { signal, seconds }: ErrorContext,
): unknown {
  if (error instanceof WattduckError) return error;
  if (signal?.aborted) return interruptedError(error);
  const { code, type, message } = error as Error & { code?: string; type?: string };
  const reason = clipMessage(message.split('\n')[0] ?? '');
  const isType = (types: readonly string[]): boolean => type !== undefined && types.includes(type);
  if (code !== undefined && unreachableCodes.includes(code))
    return new WattduckError('clickhouse_unreachable', { address: url, reason: code }, error);
  if (isType(loginTypes)) return new WattduckError('clickhouse_login_failed', { address: url, user }, error);
  if (isType(['UNKNOWN_DATABASE']))
    return new WattduckError('clickhouse_database_not_found', { address: url, database }, error);
  if (isType(['ACCESS_DENIED'])) {
    const grant = /necessary to have the grant (.+?)(?:\. |\.?$)/.exec(reason)?.[1] ?? reason;
    return new WattduckError('clickhouse_access_denied', { user, grant }, error);
  }
  if (isType(settingTypes)) return new WattduckError('clickhouse_setting_denied', { user, reason }, error);
  if (isType(['TIMEOUT_EXCEEDED', 'TOO_SLOW']) || (error as Error).name === 'TimeoutError' || /abort/i.test(message))
    return new WattduckError('clickhouse_timeout', { limit: pluralize(seconds, 'second') }, error);
  if (isType(memoryTypes)) return new WattduckError('clickhouse_memory', {}, error);
  if (isType(diskTypes)) return new WattduckError('clickhouse_disk_full', { reason }, error);
  // The message of `fail_above`.
  if (isType(['FUNCTION_THROW_IF_VALUE_IS_NON_ZERO'])) return error;
  if (type === undefined || isType(nodeTypes)) return new WattduckError('clickhouse_node_failed', { reason }, error);
  return new WattduckError('clickhouse_statement_failed', { reason }, error);
}
