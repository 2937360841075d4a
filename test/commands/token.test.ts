import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, test } from 'vitest';
import { hashToken } from '../../src/server/access/tokens.ts';
import { scratch, wattduck, type CliResult } from '../support/cli.ts';

const folder = scratch();
const at = (name: string): string => join(folder, name);
const now = new Date('2026-01-01T08:15:30.750Z');
const token = (db: string, ...args: string[]): Promise<CliResult> => wattduck(['token', ...args, '--db', db], { now });

/** Rows of a file as another program would read them. */
async function rows(path: string, sql: string): Promise<unknown[]> {
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  const read = (await connection.runAndReadAll(sql)).getRowObjectsJson();
  connection.closeSync();
  instance.closeSync();
  return read;
}

describe('create', () => {
  test('creates the database, prints only the token to stdout, and stores only its hash', async () => {
    const db = at('new.duckdb');
    const { status, stdout, stderr } = await token(db, 'create', 'dashboard');
    expect(status).toBe(0);
    // 32 random bytes are 43 letters of base64url.
    expect(stdout).toMatch(/^wd_[A-Za-z0-9_-]{43}\n$/);
    expect(stderr).toBe(
      'token "dashboard" (read) is shown only once: store it, and send it as Authorization: Bearer TOKEN\nthis is the first token: from now on, every request needs one\n',
    );
    expect(await rows(db, 'from tokens')).toEqual([
      {
        name: 'dashboard',
        hash: hashToken(stdout.trim()),
        scopes: 'read',
        daily_limit: null,
        created_at: '2026-01-01 08:15:30',
        revoked_at: null,
      },
    ]);
    expect(readFileSync(db).includes(stdout.trim().slice(3))).toBe(false);

    const second = await token(db, 'create', 'other');
    expect(second.stdout).not.toBe(stdout);
    expect(second.stderr).toBe(
      'token "other" (read) is shown only once: store it, and send it as Authorization: Bearer TOKEN\n',
    );
  });

  test.each([
    [[], 'read', null],
    [['--scope', 'append'], 'append', null],
    [['--scope', 'append', '--scope', 'read'], 'read,append', null],
    [['--scope', 'admin,read, append,sql,read'], 'read,append,sql,admin', null],
    [['--daily-limit', '1'], 'read', '1'],
    [['--daily-limit', '1000000000000', '--scope', 'admin'], 'admin', '1000000000000'],
  ])('%j', async (options, scopes, limit) => {
    const db = at(`${options.join('')}.duckdb`);
    expect((await token(db, 'create', 'x', ...options)).status).toBe(0);
    expect(await rows(db, 'select scopes, daily_limit from tokens')).toEqual([{ scopes, daily_limit: limit }]);
  });

  test.each(['x'.repeat(64), '🔌'.repeat(64), 'Charge point 7, Zürich', "o'neil", '; drop table tokens; --', '0'])(
    'accepts the name %s',
    async (name) => {
      const db = at(`name-${hashToken(name)}.duckdb`);
      expect((await token(db, 'create', name)).status).toBe(0);
      expect(await rows(db, 'select name from tokens')).toEqual([{ name }]);
    },
  );

  test.each([
    [['create'], "error: missing required argument 'name'"],
    [['create', 'a', 'b'], "error: too many arguments for 'create'. Expected 1 argument but got 2."],
    [
      ['create', ''],
      'error: invalid token name "": empty, or begins or ends with a space. Use a name such as dashboard.',
    ],
    [
      ['create', ' a'],
      'error: invalid token name " a": empty, or begins or ends with a space. Use a name such as dashboard.',
    ],
    [['create', 'x'.repeat(65)], 'error: invalid token name: 65 characters, the maximum is 64. Choose a shorter name.'],
    [
      ['create', 'a\nb'],
      'error: invalid token name "a\\nb": contains invisible characters. Use letters, digits and spaces.',
    ],
    [
      ['create', 'a\u001b[31m'],
      'error: invalid token name "a\\u001b[31m": contains invisible characters. Use letters, digits and spaces.',
    ],
    [
      ['create', 'a\u200bb'],
      `error: invalid token name "ab": contains invisible characters. Use letters, digits and spaces.`,
    ],
    [['create', '*'], 'error: invalid token name "*": reserved for all tokens. Use a name such as dashboard.'],
    [['create', 'a', '--scope', 'raed'], 'error: invalid value "raed" for --scope: unknown scope. Did you mean read?'],
    [
      ['create', 'a', '--scope', 'everything'],
      'error: invalid value "everything" for --scope: unknown scope. Expected: read, append, sql, admin.',
    ],
    [
      ['create', 'a', '--scope', ''],
      'error: invalid value "" for --scope: unknown scope. Expected: read, append, sql, admin.',
    ],
    [
      ['create', 'a', '--scope', 'read,'],
      'error: invalid value "" for --scope: unknown scope. Expected: read, append, sql, admin.',
    ],
    [
      ['create', 'a', '--daily-limit', '0'],
      'error: invalid value "0" for --daily-limit: must be between 1 and 1000000000000',
    ],
    [
      ['create', 'a', '--daily-limit', '-5'],
      'error: invalid value "-5" for --daily-limit: must be between 1 and 1000000000000',
    ],
    [
      ['create', 'a', '--daily-limit', '1e3'],
      'error: invalid value "1e3" for --daily-limit: expected an integer. For example: --daily-limit 10.',
    ],
    [
      ['create', 'a', '--daily-limit', '1000000000001'],
      'error: invalid value "1000000000001" for --daily-limit: must be between 1 and 1000000000000',
    ],
    [['create', 'a', '--scop', 'read'], "error: unknown option '--scop' (Did you mean --scope?)"],
    [['creat', 'a'], "error: unknown command 'creat' (Did you mean create?)"],
    [['revoke'], "error: missing required argument 'name'"],
  ])('%j is rejected, and no database is created', async (args, line) => {
    const db = at('none.duckdb');
    expect(await token(db, ...args)).toEqual({ status: 2, stdout: '', stderr: `${line}\n` });
    expect(existsSync(db)).toBe(false);
  });
});

test('a name cannot be reused', async () => {
  const db = at('once.duckdb');
  await token(db, 'create', 'a');
  const taken = {
    status: 1,
    stdout: '',
    stderr:
      'error: token "a" already exists. Names cannot be reused, not even those of revoked tokens. Choose another name.\n',
  };
  expect(await token(db, 'create', 'a')).toEqual(taken);
  await token(db, 'revoke', 'a');
  expect(await token(db, 'create', 'a', '--scope', 'admin')).toEqual(taken);
  expect((await token(db, 'create', 'A')).status).toBe(0);
  expect(await rows(db, 'select name, scopes from tokens order by name')).toEqual([
    { name: 'A', scopes: 'read' },
    { name: 'a', scopes: 'read' },
  ]);
});

describe('revoke', () => {
  test('keeps the name and the time', async () => {
    const db = at('revoked.duckdb');
    for (const name of ['dashboard', 'exporter']) await token(db, 'create', name);
    expect(await token(db, 'revoke', 'dashboard')).toEqual({
      status: 0,
      stdout: 'token "dashboard" was revoked\n',
      stderr: '',
    });
    expect(await rows(db, 'select name, revoked_at from tokens order by name')).toEqual([
      { name: 'dashboard', revoked_at: '2026-01-01 08:15:30' },
      { name: 'exporter', revoked_at: null },
    ]);
    expect(await token(db, 'revoke', 'dashboard')).toEqual({
      status: 1,
      stdout: '',
      stderr: 'error: token "dashboard" was already revoked on 2026-01-01 08:15:30 UTC\n',
    });
  });

  test.each([
    ['expoter', 'error: token "expoter" not found. Did you mean exporter?'],
    ['Exporter', 'error: token "Exporter" not found. Did you mean exporter?'],
    ['quite another', 'error: token "quite another" not found. Run `wattduck token list` to see all tokens.'],
    ["x' or true --", 'error: token "x\' or true --" not found. Run `wattduck token list` to see all tokens.'],
  ])('%s does not exist', async (name, line) => {
    const db = at(`no-${hashToken(name)}.duckdb`);
    await token(db, 'create', 'exporter');
    expect(await token(db, 'revoke', name)).toEqual({ status: 1, stdout: '', stderr: `${line}\n` });
    expect(await rows(db, 'select count(*)::integer as n from tokens where revoked_at is null')).toEqual([{ n: 1 }]);
  });
});

describe('list', () => {
  test('is a table, and a document', async () => {
    const db = at('list.duckdb');
    expect(await token(db, 'list')).toMatchObject({
      status: 1,
      stderr: `error: database ${db} not found. Create it with \`wattduck ingest FILE\`, or choose another with --db.\n`,
    });
    await token(db, 'create', 'b', '--scope', 'append', '--daily-limit', '1000');
    await token(db, 'create', 'a', '--scope', 'read,append');
    await token(db, 'revoke', 'a');
    const { stdout } = await token(db, 'list');
    expect(stdout.split('\n').map((line) => line.trimEnd())).toEqual([
      'name  scopes       revoked at           requests today  daily limit  last used  created at',
      '────  ───────────  ───────────────────  ──────────────  ───────────  ─────────  ───────────────────',
      'a     read,append  2026-01-01 08:15:30               0            –  –          2026-01-01 08:15:30',
      'b     append       –                                 0        1,000  –          2026-01-01 08:15:30',
      '',
    ]);
    const { data } = JSON.parse((await token(db, 'list', '--json', '--limit', '1')).stdout) as { data: unknown };
    expect(data).toEqual([
      {
        name: 'a',
        scopes: 'read,append',
        daily_limit: null,
        requests_today: 0,
        last_used: null,
        created_at: '2026-01-01 08:15:30',
        revoked_at: '2026-01-01 08:15:30',
      },
    ]);
  });

  test('fits a terminal, with the scopes first', async () => {
    const db = at('narrow.duckdb');
    for (const name of ['charge-point-exporter', 'x']) await token(db, 'create', name, '--scope', 'append');
    await token(db, 'revoke', 'x');
    const { stdout } = await wattduck(['token', 'list', '--db', db], { terminal: 80, env: { NO_COLOR: '1' }, now });
    expect(
      Math.max(
        ...stdout
          .trimEnd()
          .split('\n')
          .map((line) => line.length),
      ),
    ).toBeLessThanOrEqual(80);
    expect(stdout).toMatch(/^x +append +2026-01-01 08:15:30 +0/m);
  });

  test('of a database without a token is empty', async () => {
    const db = at('empty.duckdb');
    await wattduck(['ingest', 'test/reports/data/dozen/dozen.csv', '--db', db]);
    expect((await token(db, 'list')).stderr).toBe('no rows: no token exists\n');
  });
});

test('help explains scopes, and how a script gets the token', async () => {
  expect((await wattduck(['token', '--help'])).stdout).toMatch(/create [\s\S]*list [\s\S]*revoke /);
  const { stdout } = await wattduck(['token', 'create', '--help']);
  for (const text of [
    'read (reports)',
    'append (send',
    'admin',
    'default read',
    '--daily-limit <n>',
    'TOKEN=$(wattduck token create exporter --scope append)',
  ])
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(text);
  expect((await wattduck(['token'])).status).toBe(2);
  expect((await wattduck(['--help'])).stdout).toContain('Manage API tokens');
});
