import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { WattduckError } from './errors/wattduck-error.ts';
import { isPlainObject } from './catalog/plain-object.ts';
import type { FileRule } from './ingest/file-rules.ts';
import type { Verbosity } from './io.ts';
import { suggest } from './text/names.ts';
import { validateCurrency } from './warehouse/base-currency.ts';
import { assertDistinctTypes, parseKeepRule, type KeepRule } from './warehouse/retention.ts';
import { parseClickHouseAddress } from './warehouse/clickhouse/address.ts';

/** The value of a setting and its origin: an option, a variable, a file or `default`. */
export interface Setting<T> {
  value: T;
  origin: string;
}

export interface Settings {
  /** Path of the database file, or of a Parquet folder. */
  db: Setting<string>;
  /** Address of the ClickHouse database that reports run on; the database file if undefined. */
  engine: Setting<string | undefined>;
  /** Time zone of dates without an offset. */
  tz: Setting<string>;
  /** Currency that amounts are converted to; that of most sessions if undefined. */
  currency: Setting<string | undefined>;
  /** Country or region whose public holidays count in forecasts; undefined for none. */
  holidays: Setting<string | undefined>;
  /** Folders with the user's SQL files. */
  sqlDir: Setting<string[]>;
  /** Memory limit of DuckDB; DuckDB's default if undefined. */
  memoryLimit: Setting<string | undefined>;
  /** Seconds to wait for a locked database. */
  wait: Setting<number>;
  /** Whether names and e-mail addresses of people are hidden. */
  redact: Setting<boolean>;
  /** Address and port that `serve` listens on. */
  host: Setting<string>;
  port: Setting<number>;
  /** Maximum seconds of a query over HTTP. */
  timeout: Setting<number>;
  /** Origins of web pages that may use the server. */
  cors: Setting<string[]>;
  /** Format of the server's access log: `none`, `text` or `json`. */
  log: Setting<LogFormat>;
  /** Encodings of files, and mappings to import them with, by the pattern of their name. */
  encoding: Setting<FileRule[]>;
  mapping: Setting<FileRule[]>;
  /** How long `prune` keeps events, by type. */
  retention: Setting<KeepRule[]>;
}

/** Options of every command, as parsed by commander. */
export interface GlobalOptions extends Verbosity {
  db?: string;
  engine?: string;
  tz?: string;
  baseCurrency?: string;
  holidays?: string;
  sqlDir?: string[];
  memoryLimit?: string;
  wait?: string;
  redact?: boolean;
  host?: string;
  port?: string;
  timeout?: string;
  cors?: string[];
  log?: string;
}

/** The time zone of the settings; undefined if none is set. */
export const configuredTimeZone = ({ tz }: Settings): string | undefined =>
  tz.origin === 'default' ? undefined : tz.value;

/** What reports read, for people: the path of the database file, or the address of ClickHouse. */
export const databaseName = ({ db, engine }: Settings): string => engine.value ?? db.value;

/** Formats of the server's access log; `none` writes nothing. */
export const logFormats = ['none', 'text', 'json'] as const;
export type LogFormat = (typeof logFormats)[number];

export const configName = 'wattduck.config.json';
/** Folder of the user's own SQL files if no setting names one and it exists. */
export const defaultSqlFolder = 'wattduck-sql';
const isString = (value: unknown): boolean => typeof value === 'string';
const fileRulesForm = 'a string, or an object such as { "old/*.csv": "latin-1" }';
const isTextObject = (value: unknown): boolean => isPlainObject(value) && Object.values(value).every(isString);
const isFileRules = (value: unknown): boolean => isString(value) || isTextObject(value);
const configShapes: Record<string, [isValid: (value: unknown) => boolean, expected: string]> = {
  db: [isString, 'a string'],
  engine: [isString, 'a string'],
  tz: [isString, 'a string'],
  currency: [isString, 'a string'],
  holidays: [isString, 'a string'],
  sqlDir: [(value) => [value].flat().every(isString), 'a string or a list of strings'],
  memoryLimit: [isString, 'a string'],
  redact: [(value) => typeof value === 'boolean', 'true or false'],
  wait: [(value) => typeof value === 'number' && value >= 0, 'a number of seconds'],
  host: [isString, 'a string'],
  port: [
    (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 65_535,
    'a number from 0 to 65535',
  ],
  timeout: [(value) => typeof value === 'number' && value > 0, 'a number of seconds'],
  cors: [(value) => [value].flat().every(isString), 'a string or a list of strings'],
  log: [isString, 'a string'],
  encoding: [isFileRules, fileRulesForm],
  mapping: [isFileRules, fileRulesForm],
  retention: [isTextObject, 'an object such as { "meter": "90d" }'],
};

/** The folder `wattduck-sql` if no setting names a folder. */
const withDefaultFolder = (setting: Setting<string[]>, folder: string): Setting<string[]> =>
  setting.origin === 'default' && existsSync(join(folder, defaultSqlFolder))
    ? { value: [join(folder, defaultSqlFolder)], origin: 'default' }
    : setting;

/** Resolves each setting: option, WATTDUCK_* variable, nearest wattduck.config.json in this or a parent folder, default. */
export function resolveSettings(flags: GlobalOptions, env: NodeJS.ProcessEnv, folder: string): Settings {
  const [config, path] = findConfig(folder);
  const pick = (
    key: keyof GlobalOptions,
    option: string,
    variable: string,
    configKey: string = key,
  ): Setting<unknown> | undefined => {
    if (flags[key] !== undefined) return { value: flags[key], origin: option };
    if (env[variable]) return { value: env[variable], origin: variable };
    return config[configKey] === undefined ? undefined : { value: config[configKey], origin: path };
  };
  const text = <T>(
    key: keyof GlobalOptions,
    option: string,
    variable: string,
    defaultValue: T,
    configKey?: string,
  ): Setting<string | T> => {
    const found = pick(key, option, variable, configKey);
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
    db: withoutUrl(text('db', '--db', 'WATTDUCK_DB', 'wattduck.duckdb')),
    engine: parseEngine(text('engine', '--engine', 'WATTDUCK_ENGINE', undefined)),
    tz: text('tz', '--tz', 'WATTDUCK_TZ', 'UTC'),
    currency: parseCurrency(text('baseCurrency', '--base-currency', 'WATTDUCK_CURRENCY', undefined, 'currency')),
    holidays: text('holidays', '--holidays', 'WATTDUCK_HOLIDAYS', undefined),
    sqlDir: withDefaultFolder(list('sqlDir', '--sql-dir', 'WATTDUCK_SQL_DIR', ':'), folder),
    memoryLimit: text('memoryLimit', '--memory-limit', 'WATTDUCK_MEMORY_LIMIT', undefined),
    wait: parseSeconds(text('wait', '--wait', 'WATTDUCK_WAIT', '600')),
    redact: parseBoolean(text('redact', '--redact', 'WATTDUCK_REDACT', 'false')),
    host: text('host', '--host', 'WATTDUCK_HOST', '127.0.0.1'),
    port: parsePort(text('port', '--port', 'WATTDUCK_PORT', '8787')),
    timeout: requirePositive(parseSeconds(text('timeout', '--timeout', 'WATTDUCK_TIMEOUT', '30'))),
    cors: parseOrigins(list('cors', '--cors', 'WATTDUCK_CORS', ',')),
    log: parseLogFormat(text('log', '--log', 'WATTDUCK_LOG', 'none')),
    encoding: readFileRules(config, 'encoding', path),
    mapping: readFileRules(config, 'mapping', path),
    retention: readRetention(config, path),
  };
}

/** The settings of a server, whose host and port platforms set as HOST and PORT; every setting of wattduck wins over them. */
export function withPlatformAddress(settings: Settings, env: NodeJS.ProcessEnv): Settings {
  const fallback = <T>(
    setting: Setting<T>,
    variable: string,
    parse: (text: Setting<string>) => Setting<T>,
  ): Setting<T> =>
    setting.origin === 'default' && env[variable] ? parse({ value: env[variable], origin: variable }) : setting;
  return {
    ...settings,
    host: fallback(settings.host, 'HOST', (text) => text),
    port: fallback(settings.port, 'PORT', parsePort),
  };
}

const parseCurrency = ({ value, origin }: Setting<string | undefined>): Setting<string | undefined> => ({
  value: value === undefined ? undefined : validateCurrency(value, origin),
  origin,
});

/** @throws WattduckError (url_not_supported): DuckDB reads local files alone */
export function assertNoUrl(path: string, setting: string): void {
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(path)) throw new WattduckError('url_not_supported', { setting, url: path });
}

function withoutUrl(setting: Setting<string>): Setting<string> {
  assertNoUrl(setting.value, setting.origin);
  return setting;
}

function parseEngine({ value, origin }: Setting<string | undefined>): Setting<string | undefined> {
  if (value !== undefined) parseClickHouseAddress(value, origin);
  return { value, origin };
}

function parseSeconds({ value, origin }: Setting<string>): Setting<number> {
  if (!/^\d+(\.\d+)?$/.test(value)) throw new WattduckError('invalid_seconds', { value, parameter: origin });
  return { value: Number(value), origin };
}

function requirePositive(setting: Setting<number>): Setting<number> {
  if (setting.value === 0) throw new WattduckError('timeout_too_short', { parameter: setting.origin });
  return setting;
}

function parsePort({ value, origin }: Setting<string>): Setting<number> {
  if (!/^\d+$/.test(value) || Number(value) > 65_535)
    throw new WattduckError('invalid_port', { value, parameter: origin });
  return { value: Number(value), origin };
}

/** Parses origins as browsers send them, or `*`. */
function parseOrigins({ value, origin: setting }: Setting<string[]>): Setting<string[]> {
  return { value: value.map((text) => parseOrigin(text.trim(), setting)), origin: setting };
}

function parseOrigin(text: string, setting: string): string {
  if (text === '*') return text;
  const url = /^https?:\/\/[^\s/?#@\\,*]+$/i.test(text) && URL.canParse(text) ? new URL(text) : undefined;
  if (!url) throw new WattduckError('invalid_origin', { value: text, parameter: setting });
  return url.origin;
}

function parseBoolean({ value, origin }: Setting<string>): Setting<boolean> {
  if (!/^(true|false|1|0)$/i.test(value)) throw new WattduckError('invalid_boolean', { value, parameter: origin });
  return { value: /^(true|1)$/i.test(value), origin };
}

function parseLogFormat({ value, origin }: Setting<string>): Setting<LogFormat> {
  const format = logFormats.find((each) => each === value);
  if (format === undefined)
    throw new WattduckError('invalid_log_format', { value, parameter: origin, formats: logFormats.join(', ') });
  return { value: format, origin };
}

/** The rules of a setting for files; a single value is for all files. */
function readFileRules(config: Record<string, unknown>, key: string, path: string): Setting<FileRule[]> {
  const value = config[key];
  if (value === undefined) return { value: [], origin: 'default' };
  const entries = typeof value === 'string' ? [['*', value] as const] : Object.entries(value as Record<string, string>);
  return {
    value: entries.map(([pattern, text]) => ({ pattern, value: text, folder: dirname(path) })),
    origin: path,
  };
}

/** How long events are kept, by type in any case. @throws WattduckError (invalid_retention, repeated_event_type) */
function readRetention(config: Record<string, unknown>, path: string): Setting<KeepRule[]> {
  if (config['retention'] === undefined) return { value: [], origin: 'default' };
  const entries = Object.entries(config['retention'] as Record<string, string>);
  const label = `retention in ${path}`;
  const rules = entries.map(([type, age]) => parseKeepRule(`${type}=${age}`, label));
  assertDistinctTypes(rules, label);
  return { value: rules, origin: path };
}

/** A setting as people read it. */
export interface ListedSetting {
  name: string;
  value: string;
  origin: string;
}

/** Every setting with its value and origin. No setting is a secret: tokens are in the database, or in the environment alone. */
export function listSettings(settings: Settings): ListedSetting[] {
  const list = <T>(
    name: string,
    { value, origin }: Setting<T>,
    format: (value: T) => string = String,
  ): ListedSetting => ({
    name,
    value: format(value),
    origin,
  });
  const names = (values: readonly string[]): string => values.join(', ') || 'none';
  const seconds = (value: number): string => `${value} s`;
  const rules = (values: readonly FileRule[]): string =>
    names(values.map(({ pattern, value }) => `${pattern}: ${value}`));
  return [
    list('db', settings.db),
    list('engine', settings.engine, (value) => value ?? 'the database file'),
    list('tz', settings.tz),
    list('currency', settings.currency, (value) => value ?? 'currency of most sessions'),
    list('holidays', settings.holidays, (value) => value ?? 'none'),
    list('sql-dir', settings.sqlDir, names),
    list('memory-limit', settings.memoryLimit, (value) => value ?? 'DuckDB default'),
    list('wait', settings.wait, seconds),
    list('redact', settings.redact),
    list('encoding', settings.encoding, rules),
    list('mapping', settings.mapping, rules),
    list('retention', settings.retention, (value) => names(value.map(({ type, days }) => `${type}: ${days}d`))),
    list('host', settings.host),
    list('port', settings.port),
    list('timeout', settings.timeout, seconds),
    list('cors', settings.cors, names),
    list('log', settings.log),
  ];
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
    throw new WattduckError('invalid_config_json', { path, reason: (error as Error).message }, error);
  }
  if (typeof config !== 'object' || config === null || Array.isArray(config))
    throw new WattduckError('config_not_object', { path, example: '{ "db": "wattduck.duckdb" }' });
  for (const [key, value] of Object.entries(config)) {
    const shape = Object.hasOwn(configShapes, key) ? configShapes[key] : undefined;
    if (!shape)
      throw new WattduckError('unknown_setting', {
        path,
        name: key,
        suggestion: suggest(key, Object.keys(configShapes)),
      });
    const [isValid, expected] = shape;
    if (!isValid(value))
      throw new WattduckError('invalid_setting', { path, name: key, expected, value: JSON.stringify(value) });
  }
  // Paths in the file are relative to its folder.
  const resolveFromConfig = (value: unknown): string => resolve(dirname(path), String(value));
  if (config['db'] !== undefined) {
    assertNoUrl(String(config['db']), path);
    config['db'] = resolveFromConfig(config['db']);
  }
  if (config['sqlDir'] !== undefined) config['sqlDir'] = [config['sqlDir']].flat().map(resolveFromConfig);
  return config;
}
