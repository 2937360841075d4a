import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { configName, resolveSettings } from '../../src/settings.ts';
import { scratch } from '../support/cli.ts';
import { expectedError } from './processes.ts';

const root = scratch();
const below = join(root, 'deep', 'er');
mkdirSync(below, { recursive: true });
const path = join(root, configName);
const config = (content: unknown, at = path): void =>
  writeFileSync(at, typeof content === 'string' ? content : JSON.stringify(content));
const refused = (env: NodeJS.ProcessEnv = {}) =>
  expectedError(Promise.resolve().then(() => resolveSettings({}, env, root)));

const inFile = {
  engine: 'clickhouse://file/ev',
  db: 'file.duckdb',
  tz: 'Europe/Paris',
  currency: 'SEK',
  sqlDir: ['one', 'two'],
  memoryLimit: '1GB',
  wait: 1,
  redact: true,
  host: '10.0.0.1',
  port: 1,
  timeout: 11,
  cors: ['http://one.example', 'http://two.example'],
  log: 'json',
  encoding: { 'old/*.csv': 'latin-1' },
  mapping: 'acme.sql',
};
const inEnv = {
  WATTDUCK_ENGINE: 'clickhouse://env/ev',
  WATTDUCK_DB: 'env.duckdb',
  WATTDUCK_TZ: 'Europe/Rome',
  WATTDUCK_CURRENCY: 'CHF',
  WATTDUCK_SQL_DIR: 'a:b',
  WATTDUCK_MEMORY_LIMIT: '2GB',
  WATTDUCK_WAIT: '2',
  WATTDUCK_REDACT: '0',
  WATTDUCK_HOST: '10.0.0.2',
  WATTDUCK_PORT: '2',
  WATTDUCK_TIMEOUT: '12',
  WATTDUCK_CORS: 'http://a.example, http://b.example',
  WATTDUCK_LOG: 'text',
};
const inFlags = {
  engine: 'clickhouse://flag/ev',
  log: 'json',
  db: 'flag.duckdb',
  tz: 'Europe/Oslo',
  baseCurrency: 'nok',
  sqlDir: ['c'],
  memoryLimit: '3GB',
  wait: '3',
  redact: true,
  host: '10.0.0.3',
  port: '3',
  timeout: '13',
  cors: ['http://c.example'],
};

beforeEach(() => config({}));

describe('each setting comes from the first source that has it, with its origin', () => {
  test('flags', () => {
    config(inFile);
    expect(resolveSettings(inFlags, inEnv, root)).toEqual({
      db: { value: 'flag.duckdb', origin: '--db' },
      engine: { value: 'clickhouse://flag/ev', origin: '--engine' },
      tz: { value: 'Europe/Oslo', origin: '--tz' },
      currency: { value: 'NOK', origin: '--base-currency' },
      sqlDir: { value: ['c'], origin: '--sql-dir' },
      memoryLimit: { value: '3GB', origin: '--memory-limit' },
      wait: { value: 3, origin: '--wait' },
      redact: { value: true, origin: '--redact' },
      host: { value: '10.0.0.3', origin: '--host' },
      port: { value: 3, origin: '--port' },
      timeout: { value: 13, origin: '--timeout' },
      cors: { value: ['http://c.example'], origin: '--cors' },
      log: { value: 'json', origin: '--log' },
      encoding: { value: [{ pattern: 'old/*.csv', value: 'latin-1', folder: root }], origin: path },
      mapping: { value: [{ pattern: '*', value: 'acme.sql', folder: root }], origin: path },
    });
  });

  test('environment', () => {
    config(inFile);
    expect(resolveSettings({}, inEnv, root)).toEqual({
      db: { value: 'env.duckdb', origin: 'WATTDUCK_DB' },
      engine: { value: 'clickhouse://env/ev', origin: 'WATTDUCK_ENGINE' },
      tz: { value: 'Europe/Rome', origin: 'WATTDUCK_TZ' },
      currency: { value: 'CHF', origin: 'WATTDUCK_CURRENCY' },
      sqlDir: { value: ['a', 'b'], origin: 'WATTDUCK_SQL_DIR' },
      memoryLimit: { value: '2GB', origin: 'WATTDUCK_MEMORY_LIMIT' },
      wait: { value: 2, origin: 'WATTDUCK_WAIT' },
      redact: { value: false, origin: 'WATTDUCK_REDACT' },
      host: { value: '10.0.0.2', origin: 'WATTDUCK_HOST' },
      port: { value: 2, origin: 'WATTDUCK_PORT' },
      timeout: { value: 12, origin: 'WATTDUCK_TIMEOUT' },
      cors: { value: ['http://a.example', 'http://b.example'], origin: 'WATTDUCK_CORS' },
      log: { value: 'text', origin: 'WATTDUCK_LOG' },
      encoding: { value: [{ pattern: 'old/*.csv', value: 'latin-1', folder: root }], origin: path },
      mapping: { value: [{ pattern: '*', value: 'acme.sql', folder: root }], origin: path },
    });
  });

  test('the config file, with paths relative to its folder', () => {
    config(inFile);
    expect(resolveSettings({}, {}, below)).toEqual({
      db: { value: join(root, 'file.duckdb'), origin: path },
      engine: { value: 'clickhouse://file/ev', origin: path },
      tz: { value: 'Europe/Paris', origin: path },
      currency: { value: 'SEK', origin: path },
      sqlDir: { value: [join(root, 'one'), join(root, 'two')], origin: path },
      memoryLimit: { value: '1GB', origin: path },
      wait: { value: 1, origin: path },
      redact: { value: true, origin: path },
      host: { value: '10.0.0.1', origin: path },
      port: { value: 1, origin: path },
      timeout: { value: 11, origin: path },
      cors: { value: ['http://one.example', 'http://two.example'], origin: path },
      log: { value: 'json', origin: path },
      encoding: { value: [{ pattern: 'old/*.csv', value: 'latin-1', folder: root }], origin: path },
      mapping: { value: [{ pattern: '*', value: 'acme.sql', folder: root }], origin: path },
    });
  });

  test('defaults', () => {
    expect(resolveSettings({}, {}, root)).toEqual({
      db: { value: 'wattduck.duckdb', origin: 'default' },
      engine: { value: undefined, origin: 'default' },
      tz: { value: 'UTC', origin: 'default' },
      currency: { value: undefined, origin: 'default' },
      sqlDir: { value: [], origin: 'default' },
      memoryLimit: { value: undefined, origin: 'default' },
      wait: { value: 600, origin: 'default' },
      redact: { value: false, origin: 'default' },
      host: { value: '127.0.0.1', origin: 'default' },
      port: { value: 8787, origin: 'default' },
      timeout: { value: 30, origin: 'default' },
      cors: { value: [], origin: 'default' },
      log: { value: 'none', origin: 'default' },
      encoding: { value: [], origin: 'default' },
      mapping: { value: [], origin: 'default' },
    });
  });

  test('an empty variable is ignored', () => {
    config({ tz: 'Europe/Paris' });
    expect(resolveSettings({}, { WATTDUCK_TZ: '', WATTDUCK_DB: '', WATTDUCK_SQL_DIR: '' }, root)).toMatchObject({
      tz: { value: 'Europe/Paris', origin: path },
      db: { origin: 'default' },
      sqlDir: { value: [], origin: 'default' },
    });
  });

  test('each setting is resolved separately', () => {
    config({ tz: 'Europe/Paris', memoryLimit: '1GB' });
    const { db, tz, memoryLimit } = resolveSettings({ memoryLimit: '3GB' }, { WATTDUCK_DB: 'env.duckdb' }, root);
    expect([db.origin, tz.origin, memoryLimit.origin]).toEqual(['WATTDUCK_DB', path, '--memory-limit']);
  });
});

describe('paths in the config file', () => {
  test('absolute paths are unchanged, and a single folder becomes a list', () => {
    config({ db: '/data/net.duckdb', sqlDir: '../shared' });
    expect(resolveSettings({}, {}, below)).toMatchObject({
      db: { value: '/data/net.duckdb' },
      sqlDir: { value: [join(dirname(root), 'shared')] },
    });
  });

  test('only the nearest file counts', () => {
    config({ db: 'far.duckdb', tz: 'Europe/Paris' });
    const near = join(root, 'deep', configName);
    config({ db: 'near.duckdb' }, near);
    expect(resolveSettings({}, {}, below)).toMatchObject({
      db: { value: join(root, 'deep', 'near.duckdb'), origin: near },
      tz: { origin: 'default' },
    });
  });
});

describe('an invalid config file', () => {
  test.each([
    [
      'an unknown setting',
      { memory_limit: '1GB' },
      `${path}: unknown setting "memory_limit". Did you mean memoryLimit?`,
    ],
    [
      'an unknown setting without a near name',
      { colour: 'red' },
      `${path}: unknown setting "colour". Known: db, engine, tz, currency, sqlDir, memoryLimit, redact, wait, host, port, timeout, cors, log, encoding, mapping.`,
    ],
  ])('%s', async (_, content, line) => {
    config(content);
    expect(await refused()).toEqual({ kind: 'usage', line });
  });

  test.each([['{"db": "x",}'], ['db: x'], [''], ['{']])('broken JSON %j', async (content) => {
    config(content);
    expect(await refused()).toMatchObject({
      kind: 'usage',
      line: expect.stringContaining(`${path}: invalid JSON: `) as string,
    });
  });

  test('is an error even if options and variables set everything', async () => {
    config('{');
    expect((await refused(inEnv)).kind).toBe('usage');
  });

  test.each([['null'], ['[]'], ['"db"'], ['5']])('JSON that is not an object: %s', async (content) => {
    config(content);
    expect(await refused()).toMatchObject({ kind: 'usage', line: expect.stringContaining(path) as string });
  });

  test.each([
    [{ db: 5 }],
    [{ db: null }],
    [{ tz: ['UTC'] }],
    [{ sqlDir: [1] }],
    [{ memoryLimit: true }],
    [{ redact: 'yes' }],
    [{ host: 1 }],
    [{ port: '8787' }],
    [{ port: 70_000 }],
    [{ port: 1.5 }],
    [{ timeout: 0 }],
    [{ cors: 5 }],
    [{ cors: ['http://a.example', 1] }],
  ])('a value of the wrong type: %j', async (content) => {
    config(content);
    const key = Object.keys(content)[0]!;
    expect(await refused()).toMatchObject({
      kind: 'usage',
      line: expect.stringMatching(new RegExp(`^${path}: .*${key}`)) as string,
    });
  });
});

describe('origins', () => {
  test.each([
    ['http://localhost:3000', 'http://localhost:3000'],
    ['HTTPS://Dash.Example', 'https://dash.example'],
    ['https://dash.example:443', 'https://dash.example'],
    ['http://[::1]:8080', 'http://[::1]:8080'],
    ['https://bücher.example', 'https://xn--bcher-kva.example'],
    ['*', '*'],
  ])('%s becomes %s, as browsers send it', (written, origin) => {
    expect(resolveSettings({ cors: [written] }, {}, root).cors).toEqual({ value: [origin], origin: '--cors' });
  });

  test('a single origin in the config file needs no list', () => {
    config({ cors: 'http://a.example' });
    expect(resolveSettings({}, {}, root).cors).toEqual({ value: ['http://a.example'], origin: path });
  });

  test.each([
    'null',
    '',
    'dash.example',
    'localhost:3000',
    'https://',
    'https://dash.example/',
    'https://dash.example/app',
    'https://dash.example?x',
    'https://dash.example#x',
    'https://u@dash.example',
    'https://*.example',
    'https://a.example,https://b.example',
    'https://a b',
    'https://a.example:99999',
    'https://a.example\\',
    'file:///x',
    'ftp://a.example',
    'javascript:alert(1)',
    'http://a.example\nX: y',
  ])('%j is rejected', async (written) => {
    expect(await expectedError(Promise.resolve().then(() => resolveSettings({ cors: [written] }, {}, root)))).toEqual({
      kind: 'usage',
      line: `invalid value "${written}" for --cors: expected an origin. Use scheme, host and port without a path: https://example.com or http://localhost:3000.`,
    });
  });
});
