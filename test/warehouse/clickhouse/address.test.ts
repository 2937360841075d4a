import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseClickHouseAddress, readPassword } from '../../../src/warehouse/clickhouse/address.ts';
import { scratch } from '../../support/cli.ts';

test.each([
  ['clickhouse://ann@ch.example.com:8123/ev', 'http://ch.example.com:8123', 'ann', 'ev'],
  ['clickhouse://ch.example.com', 'http://ch.example.com:8123', 'default', 'default'],
  ['clickhouses://ann@ch.example.com/ev', 'https://ch.example.com:8443', 'ann', 'ev'],
  ['clickhouse://ann@ch.example.com:8443/ev', 'https://ch.example.com:8443', 'ann', 'ev'],
  ['clickhouses://ch.example.com:9999/ev', 'https://ch.example.com:9999', 'default', 'ev'],
  ['clickhouse://a%40b@[::1]:8123/ev', 'http://[::1]:8123', 'a@b', 'ev'],
])('%s', (text, url, user, database) => {
  expect(parseClickHouseAddress(text, '--engine')).toEqual({ url, user, database, text });
});

test.each(['http://ch:8123/ev', 'clickhouse:///ev', 'clickhouse://ch/ev?secure=true', 'clickhouse://ch/a;b', 'ch', ''])(
  '%j is rejected',
  (text) => {
    expect(() => parseClickHouseAddress(text, '--engine')).toThrow('not an address of ClickHouse');
  },
);

test('a password in the address is rejected and not repeated', () => {
  expect(() => parseClickHouseAddress('clickhouse://ann:s3cret@ch/ev', '--engine')).toThrow(
    /^--engine: a password must not be in the address$/,
  );
  expect(() => parseClickHouseAddress('clickhous://ann:s3cret@ch/ev', '--engine')).toThrow(/^(?!.*s3cret)/);
});

test('the password comes from a variable, or from a file without its line end', () => {
  const path = join(scratch(), 'password');
  writeFileSync(path, 'of the file\n');
  expect(readPassword({ WATTDUCK_CLICKHOUSE_PASSWORD_FILE: path })).toBe('of the file');
  expect(readPassword({ WATTDUCK_CLICKHOUSE_PASSWORD: 'x', WATTDUCK_CLICKHOUSE_PASSWORD_FILE: path })).toBe('x');
  expect(readPassword({})).toBe('');
  expect(() => readPassword({ WATTDUCK_CLICKHOUSE_PASSWORD_FILE: `${path}2` })).toThrow(/not found/);
});
