import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { resolveSettings, withPlatformAddress } from '../../src/settings.ts';
import { scratch } from '../support/cli.ts';

const folder = scratch();
const config = join(folder, 'wattduck.config.json');
const below = join(folder, 'a', 'b');
mkdirSync(below, { recursive: true });

beforeEach(() =>
  writeFileSync(config, JSON.stringify({ db: 'net.duckdb', tz: 'Europe/Paris', sqlDir: 'own', memoryLimit: '1GB' })),
);

test('an option overrides a variable, that the file, that the default', () => {
  const env = { WATTDUCK_DB: 'env.duckdb', WATTDUCK_TZ: 'Europe/Rome' };
  expect(resolveSettings({ db: 'flag.duckdb' }, env, below)).toEqual({
    db: { value: 'flag.duckdb', origin: '--db' },
    engine: { value: undefined, origin: 'default' },
    tz: { value: 'Europe/Rome', origin: 'WATTDUCK_TZ' },
    currency: { value: undefined, origin: 'default' },
    holidays: { value: undefined, origin: 'default' },
    sqlDir: { value: [join(folder, 'own')], origin: config },
    memoryLimit: { value: '1GB', origin: config },
    wait: { value: 600, origin: 'default' },
    redact: { value: false, origin: 'default' },
    host: { value: '127.0.0.1', origin: 'default' },
    port: { value: 8787, origin: 'default' },
    timeout: { value: 30, origin: 'default' },
    cors: { value: [], origin: 'default' },
    log: { value: 'none', origin: 'default' },
    encoding: { value: [], origin: 'default' },
    mapping: { value: [], origin: 'default' },
    retention: { value: [], origin: 'default' },
  });
});

test('the nearest file in a parent folder is used, and its paths are relative to it', () => {
  expect(resolveSettings({}, {}, below).db).toEqual({ value: join(folder, 'net.duckdb'), origin: config });
  writeFileSync(join(below, 'wattduck.config.json'), '{}');
  expect(resolveSettings({}, {}, below).db).toEqual({ value: 'wattduck.duckdb', origin: 'default' });
});

test('a misspelt setting and broken JSON are rejected', () => {
  writeFileSync(config, '{"dbb": "x"}');
  expect(() => resolveSettings({}, {}, folder)).toThrow(
    expect.objectContaining({ fullMessage: `${config}: unknown setting "dbb". Did you mean db?` }) as Error,
  );
  writeFileSync(config, '{');
  expect(() => resolveSettings({}, {}, folder)).toThrow(`${config}: invalid JSON`);
});

test('HOST and PORT of a platform count for the server, after every setting of wattduck', () => {
  const platform = { HOST: '0.0.0.0', PORT: '3000' };
  const resolve = (options: object, env: NodeJS.ProcessEnv) => {
    const { host, port } = withPlatformAddress(resolveSettings(options, env, '/'), env);
    return [host, port];
  };
  expect(resolve({}, platform)).toEqual([
    { value: '0.0.0.0', origin: 'HOST' },
    { value: 3000, origin: 'PORT' },
  ]);
  expect(resolve({ port: '1' }, { ...platform, WATTDUCK_HOST: '::1' })).toEqual([
    { value: '::1', origin: 'WATTDUCK_HOST' },
    { value: 1, origin: '--port' },
  ]);
  expect(() => resolve({}, { PORT: 'tcp://172.17.0.2:80' })).toThrow('for PORT');
  // Other commands do not read them.
  expect(resolveSettings({}, { PORT: 'tcp://172.17.0.2:80' }, '/').port.value).toBe(8787);
});
