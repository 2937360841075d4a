import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { WattduckError } from './errors/wattduck-error.ts';
import { suggest } from './text/names.ts';
import { clipped } from './text/plain-text.ts';

/** A setting and where its value came from. */
export interface Setting<T> {
  value: T;
  origin: string;
}

export interface Settings {
  /** The DuckDB file. */
  db: Setting<string>;
  /** Time zone in which dates without an offset are read. */
  tz: Setting<string>;
  /** Folders of the user's own SQL files. */
  sqlDir: Setting<string[]>;
  /** DuckDB's memory limit; its own default when undefined. */
  memoryLimit: Setting<string | undefined>;
  /** Seconds to wait for a database another process holds. */
  wait: Setting<number>;
  /** Whether e-mail addresses and names of people are hidden. */
  redact: Setting<boolean>;
  /** Where serve listens. */
  host: Setting<string>;
  port: Setting<number>;
  /** Seconds a query over HTTP may take. */
  timeout: Setting<number>;
  /** Origins whose web pages may use the server. */
  cors: Setting<string[]>;
}

/** Options every command takes, as commander gives them. */
export interface GlobalOptions {
  db?: string;
  tz?: string;
  sqlDir?: string[];
  memoryLimit?: string;
  wait?: string;
  redact?: boolean;
  host?: string;
  port?: string;
  timeout?: string;
  cors?: string[];
}

export const configName = 'wattduck.config.json';
const isString = (value: unknown): boolean => typeof value === 'string';
const configShapes: Record<string, [fits: (value: unknown) => boolean, wanted: string]> = {
  db: [isString, 'a text'],
  tz: [isString, 'a text'],
  sqlDir: [(value) => [value].flat().every(isString), 'a text or a list of texts'],
  memoryLimit: [isString, 'a text'],
  redact: [(value) => typeof value === 'boolean', 'true or false'],
  wait: [(value) => typeof value === 'number' && value >= 0, 'a number of seconds'],
  host: [isString, 'a text'],
  port: [
    (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 65_535,
    'a number from 0 to 65535',
  ],
  timeout: [(value) => typeof value === 'number' && value > 0, 'a number of seconds'],
  cors: [(value) => [value].flat().every(isString), 'a text or a list of texts'],
};

/** Flag, then WATTDUCK_* variable, then the nearest wattduck.config.json upward, then default. */
export function resolveSettings(flags: GlobalOptions, env: NodeJS.ProcessEnv, folder: string): Settings {
  const [config, path] = findConfig(folder);
  const pick = (key: keyof GlobalOptions, option: string, variable: string): Setting<unknown> | undefined => {
    if (flags[key] !== undefined) return { value: flags[key], origin: option };
    if (env[variable]) return { value: env[variable], origin: variable };
    return config[key] === undefined ? undefined : { value: config[key], origin: path };
  };
  const text = <T>(
    key: keyof GlobalOptions,
    option: string,
    variable: string,
    defaultValue: T,
  ): Setting<string | T> => {
    const found = pick(key, option, variable);
    return found ? { value: String(found.value), origin: found.origin } : { value: defaultValue, origin: 'default' };
  };
  const list = (key: keyof GlobalOptions, option: string, variable: string, separator: string): Setting<string[]> => {
    const found = pick(key, option, variable);
    if (found === undefined) return { value: [], origin: 'default' };
    return {
      value: Array.isArray(found.value) ? found.value.map(String) : String(found.value).split(separator),
      origin: found.origin,
    };
  };
  return {
    db: text('db', '--db', 'WATTDUCK_DB', 'wattduck.duckdb'),
    tz: text('tz', '--tz', 'WATTDUCK_TZ', 'UTC'),
    sqlDir: list('sqlDir', '--sql-dir', 'WATTDUCK_SQL_DIR', ':'),
    memoryLimit: text('memoryLimit', '--memory-limit', 'WATTDUCK_MEMORY_LIMIT', undefined),
    wait: parseSeconds(text('wait', '--wait', 'WATTDUCK_WAIT', '600')),
    redact: parseBoolean(text('redact', '--redact', 'WATTDUCK_REDACT', 'false')),
    host: text('host', '--host', 'WATTDUCK_HOST', '127.0.0.1'),
    port: parsePort(text('port', '--port', 'WATTDUCK_PORT', '8787')),
    timeout: requirePositive(parseSeconds(text('timeout', '--timeout', 'WATTDUCK_TIMEOUT', '30'))),
    cors: parseOrigins(list('cors', '--cors', 'WATTDUCK_CORS', ',')),
  };
}

function parseSeconds({ value, origin }: Setting<string>): Setting<number> {
  if (!/^\d+(\.\d+)?$/.test(value))
    throw new WattduckError(
      'usage',
      clipped`${origin}: "${value}" is no number of seconds`,
      'Write it like 60; 0 never waits.',
    );
  return { value: Number(value), origin };
}

function requirePositive(setting: Setting<number>): Setting<number> {
  if (setting.value === 0)
    throw new WattduckError(
      'usage',
      clipped`${setting.origin}: 0 seconds would end every query at once`,
      'Write it like 30.',
    );
  return setting;
}

function parsePort({ value, origin }: Setting<string>): Setting<number> {
  if (!/^\d+$/.test(value) || Number(value) > 65_535)
    throw new WattduckError(
      'usage',
      clipped`${origin}: "${value}" is no port`,
      'Write a number from 0 to 65535; 0 takes a free one.',
    );
  return { value: Number(value), origin };
}

/** Origins as browsers write them, or `*`. */
function parseOrigins({ value, origin: from }: Setting<string[]>): Setting<string[]> {
  return { value: value.map((text) => parseOrigin(text.trim(), from)), origin: from };
}

function parseOrigin(text: string, from: string): string {
  if (text === '*') return text;
  const url = /^https?:\/\/[^\s/?#@\\,*]+$/i.test(text) && URL.canParse(text) ? new URL(text) : undefined;
  if (!url)
    throw new WattduckError(
      'usage',
      clipped`${from}: "${text}" is not an origin`,
      'Write scheme, host and port without a path: https://example.com or http://localhost:3000.',
    );
  return url.origin;
}

function parseBoolean({ value, origin }: Setting<string>): Setting<boolean> {
  if (!/^(true|false|1|0)$/i.test(value))
    throw new WattduckError('usage', clipped`${origin}: "${value}" is neither true nor false`);
  return { value: /^(true|1)$/i.test(value), origin };
}

function findConfig(folder: string): [Record<string, unknown>, string] {
  for (let current = resolve(folder); ; current = dirname(current)) {
    const path = join(current, configName);
    if (existsSync(path)) return [readConfig(path), path];
    if (dirname(current) === current) return [{}, ''];
  }
}

function readConfig(path: string): Record<string, unknown> {
  let config: Record<string, unknown>;
  try {
    config = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  } catch (error) {
    throw new WattduckError('usage', clipped`${path} is no valid JSON: ${(error as Error).message}`, undefined, error);
  }
  if (typeof config !== 'object' || config === null || Array.isArray(config))
    throw new WattduckError('usage', clipped`${path} is no list of settings`, 'Write { "db": "…" }.');
  for (const [key, value] of Object.entries(config)) {
    const shape = Object.hasOwn(configShapes, key) ? configShapes[key] : undefined;
    if (!shape)
      throw new WattduckError(
        'usage',
        clipped`${path}: unknown setting "${key}"`,
        suggest(key, Object.keys(configShapes)),
      );
    if (!shape[0](value))
      throw new WattduckError('usage', clipped`${path}: "${key}" should be ${shape[1]}, not ${JSON.stringify(value)}`);
  }
  // Paths in a file are meant from where the file lies.
  const resolveFromConfig = (value: unknown): string => resolve(dirname(path), String(value));
  if (config['db'] !== undefined) config['db'] = resolveFromConfig(config['db']);
  if (config['sqlDir'] !== undefined) config['sqlDir'] = [config['sqlDir']].flat().map(resolveFromConfig);
  return config;
}
