import { readFileSync } from 'node:fs';
import { toFileError } from '../../errors/system-error.ts';
import { WattduckError } from '../../errors/wattduck-error.ts';

/** Where a ClickHouse server is, without the password. */
export interface ClickHouseAddress {
  /** For HTTP, such as `https://ch.example.com:8443`. */
  url: string;
  user: string;
  database: string;
  /** For messages: the address as the user wrote it. */
  text: string;
}

const form = 'clickhouse://user@host:8123/database';

/**
 * Parses `clickhouse://user@host:8123/database`. TLS is used with `clickhouses://`, and on port 8443.
 * @param parameter name of the option or setting, for messages
 * @throws WattduckError (invalid_engine, password_in_address)
 */
export function parseClickHouseAddress(text: string, parameter: string): ClickHouseAddress {
  const isAddress = /^clickhouses?:\/\//i.test(text) && URL.canParse(text);
  // A password must not appear in a message, in the list of processes or in a log.
  const url = isAddress ? new URL(text) : undefined;
  if (url && url.password !== '') throw new WattduckError('password_in_address', { parameter });
  const database = url && decodePart(url.pathname.replace(/^\//, ''));
  const user = url && decodePart(url.username);
  if (!url || url.hostname === '' || url.search !== '' || url.hash !== '' || !isName(database) || user === undefined)
    throw new WattduckError('invalid_engine', { value: redactPassword(text), parameter, form });
  const isSecure = /^clickhouses:/i.test(text) || url.port === '8443';
  const port = url.port || (isSecure ? '8443' : '8123');
  return {
    url: `${isSecure ? 'https' : 'http'}://${url.hostname}:${port}`,
    user: user || 'default',
    database: database || 'default',
    text,
  };
}

const redactPassword = (text: string): string => text.replace(/:[^:@/]*@/, ':***@');

/** Undefined for an invalid escape. */
function decodePart(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

const isName = (name: string | undefined): boolean => name !== undefined && /^[\p{L}\p{N}_.-]*$/u.test(name);

/**
 * The password of WATTDUCK_CLICKHOUSE_PASSWORD, or of the file in WATTDUCK_CLICKHOUSE_PASSWORD_FILE; empty if neither is set.
 * @throws WattduckError of the file system
 */
export function readPassword(env: NodeJS.ProcessEnv): string {
  if (env['WATTDUCK_CLICKHOUSE_PASSWORD'] !== undefined) return env['WATTDUCK_CLICKHOUSE_PASSWORD'];
  const path = env['WATTDUCK_CLICKHOUSE_PASSWORD_FILE'];
  if (path === undefined) return '';
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    throw toFileError(error, path);
  }
}
