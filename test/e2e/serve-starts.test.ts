import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { scratch, wattduck } from '../support/cli.ts';
import { runs } from '../support/runs.ts';
import { holdDatabase, killProcess } from '../warehouse/processes.ts';
import {
  createHomes,
  leftoverFiles,
  readLockFile,
  runCli,
  spawnCli,
  spawnServer,
  stopServer,
  waitFor,
  type ExitResult,
} from './spawn-cli.ts';
import { sessionsCsv } from './spawn-group.ts';

const folder = scratch();
const at = (...names: string[]): string => join(folder, ...names);
const filled = at('filled.duckdb');

const home = createHomes(folder, filled);

const ask = (db: string, cwd: string, env: NodeJS.ProcessEnv = {}): Promise<ExitResult> =>
  runCli(['sql', 'select count(*) as n from charging_sessions', '--format', 'csv', '--db', db, '--wait', '0'], {
    cwd,
    env,
  });
/** 1,000 sessions, of which every 97th from the fourth on is bad. */
const asked = { status: 0, signal: null, stdout: 'n\n989\n', stderr: '' };

beforeAll(async () => {
  writeFileSync(at('sessions.csv'), sessionsCsv(0, 1000, '2024-02-01 00:00:00'));
  expect((await wattduck(['ingest', at('sessions.csv'), '--db', filled])).status).toBe(0);
});

describe('a server that is killed', () => {
  test('leaves its record and spool; other commands work at once, the next server clears up', async () => {
    const { cwd, db, tempDir, env } = home();
    const server = await spawnServer(db, { cwd, env });
    writeFileSync(at('more.csv'), sessionsCsv(2000, 2010, '2024-02-01 00:00:00'));
    expect(await runCli(['ingest', at('more.csv'), '--db', db], { cwd, env })).toMatchObject({ status: 0 });
    await stopServer(server, 'SIGKILL');
    expect(leftoverFiles(db, server.lockFile)).toEqual(expect.arrayContaining([`${db}.owner`, server.lockFile.spool]));
    // What was committed through it is in, by its log.
    expect(await ask(db, cwd, env)).toEqual({ ...asked, stdout: 'n\n999\n' });
    expect(await runCli(['ingest', at('more.csv'), '--db', db], { cwd, env })).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('already imported') as string,
    });
    const next = await spawnServer(db, { cwd, env });
    expect(readdirSync(tempDir)).toEqual([next.lockFile.spool.split('/').at(-1)]);
    expect(await ask(db, cwd, env)).toEqual({ ...asked, stdout: 'n\n999\n' });
    expect(await stopServer(next, 'SIGTERM')).toMatchObject({ status: 0 });
    expect([leftoverFiles(db, next.lockFile), readdirSync(tempDir)]).toEqual([[], []]);
  });
});

describe("a record that is nobody's", () => {
  const whole = {
    pid: process.pid,
    url: 'http://127.0.0.1:9',
    address: '/nowhere/guests',
    spool: '/nowhere',
    version: '0',
  };
  const identity = (db: string): string => [statSync(db).dev, statSync(db).ino].join(':');
  test.each<[what: string, text: (db: string) => string]>([
    ['of a living process that is no wattduck', (db) => JSON.stringify({ ...whole, file: identity(db) })],
    ['that is no JSON', () => 'garbage'],
    ['that is empty', () => ''],
    ['that is JSON of something else', () => '[1]'],
    ['that is null', () => 'null'],
    ['without an address', (db) => JSON.stringify({ pid: 1, file: identity(db) })],
  ])("%s is in nobody's way", async (_, text) => {
    const { cwd, db } = home();
    writeFileSync(`${db}.owner`, text(db));
    expect(await ask(db, cwd)).toEqual(asked);
    // Where another process has the file, it is that one that is waited for.
    const other = await holdDatabase(db);
    expect(await ask(db, cwd)).toEqual({
      status: 5,
      signal: null,
      stdout: '',
      stderr: expect.stringMatching(new RegExp(`^error: ${db} is locked by process ${other.pid} `)) as string,
    });
    await killProcess(other);
    const server = await spawnServer(db, { cwd });
    expect(await ask(db, cwd)).toEqual(asked);
    await stopServer(server, 'SIGTERM');
    expect(leftoverFiles(db, server.lockFile)).toEqual([]);
  });

  test('that can not be read', async () => {
    const { cwd, db } = home();
    mkdirSync(`${db}.owner`);
    expect(await ask(db, cwd)).toEqual(asked);
    expect(await runCli(['serve', '--db', db, '--port', '0'], { cwd })).toEqual({
      status: 2,
      signal: null,
      stdout: '',
      stderr: `error: ${db}.owner: is a folder, expected a file\n`,
    });
  });

  test('of another version is not talked to', async () => {
    const { cwd, db } = home();
    const server = await spawnServer(db, { cwd });
    writeFileSync(`${db}.owner`, readFileSync(`${db}.owner`, 'utf8').replace(/"version":"[^"]+"/, '"version":"0.0.1"'));
    const { status, stderr } = await ask(db, cwd);
    expect([status, stderr]).toEqual([
      5,
      expect.stringMatching(
        new RegExp(`^error: ${db} is served by wattduck 0\\.0\\.1 \\(process ${server.child.pid}\\), this is `),
      ),
    ]);
    await stopServer(server, 'SIGTERM');
  });

  test('copied along with its database is not that of the copy', async () => {
    const { cwd, db } = home();
    const server = await spawnServer(db, { cwd });
    const copy = join(cwd, 'copy.duckdb');
    copyFileSync(filled, copy);
    copyFileSync(`${db}.owner`, `${copy}.owner`);
    const other = await holdDatabase(copy);
    expect(await ask(copy, cwd)).toMatchObject({
      status: 5,
      stderr: expect.stringContaining(`process ${other.pid}`) as string,
    });
    await killProcess(other);
    const second = await spawnServer(copy, { cwd });
    expect(existsSync(server.lockFile.spool)).toBe(true);
    expect(await ask(db, cwd)).toEqual(asked);
    await Promise.all([stopServer(server, 'SIGTERM'), stopServer(second, 'SIGTERM')]);
  });
});

describe('a second server', () => {
  test('says who has the file', async () => {
    const { cwd, db } = home();
    const server = await spawnServer(db, { cwd });
    expect(await runCli(['serve', '--db', db, '--port', '0'], { cwd })).toEqual({
      status: 5,
      signal: null,
      stdout: '',
      stderr: `error: ${db} is already served at ${server.url} (process ${server.child.pid}). Use that server, or stop it first.\n`,
    });
    expect(await ask(db, cwd)).toEqual(asked);
    expect(readLockFile(db)).toEqual(server.lockFile);
    await stopServer(server, 'SIGTERM');
  });

  test('of two that start at once one serves, and the other says so', async () => {
    const { cwd, db } = home();
    const both = [1, 2].map(() => spawnCli(['serve', '--db', db, '--port', '0'], { cwd }));
    const lost = await Promise.race(both.map(async (each) => ({ each, ...(await each.ended) })));
    const won = both.find((each) => each !== lost.each)!;
    expect([lost.status, lost.stderr]).toEqual([5, expect.stringContaining(`is already served at http://127.0.0.1:`)]);
    expect(lost.stderr).toContain(`(process ${won.child.pid})`);
    won.child.kill('SIGTERM');
    expect(await won.ended).toMatchObject({ status: 0 });
  });

  test.each([
    ['that is there', true],
    ['that neither finds', false],
  ])(
    'of two that start at once on a database %s exactly one has it, however often',
    async (_, isThere) => {
      for (let times = 0; times < runs(20); times += 1) {
        const { cwd, db, tempDir, env } = home();
        if (!isThere) rmSync(db);
        const both = [1, 2].map(() => spawnCli(['serve', '--db', db, '--port', '0'], { cwd, env }));
        const [lost, won] = await Promise.race(
          both.map(async (each, at) => [await each.ended, both[1 - at]!] as const),
        );
        expect([lost.status, lost.stdout, lost.stderr]).toEqual([
          5,
          '',
          expect.stringMatching(
            new RegExp(
              `error: ${db} is already served at http://127\\.0\\.0\\.1:\\d+ \\(process ${won.child.pid}\\)\\. Use that server, or stop it first\\.\n$`,
            ),
          ),
        ]);
        expect(readLockFile(db).pid).toBe(won.child.pid);
        expect((await fetch(`${readLockFile(db).url}/readyz`)).status).toBe(200);
        won.child.kill('SIGTERM');
        expect(await won.ended).toMatchObject({ status: 0 });
        expect([readdirSync(cwd).toSorted(), readdirSync(tempDir)]).toEqual([['tmp', 'x.duckdb'], []]);
      }
    },
    600_000,
  );

  test('waits for a process that has the file and is no server, and says so when it may not wait', async () => {
    const { cwd, db } = home();
    const other = await holdDatabase(db);
    expect(await runCli(['serve', '--db', db, '--port', '0', '--wait', '0'], { cwd })).toMatchObject({
      status: 5,
      stderr: expect.stringMatching(/ is locked by process \d+/) as string,
    });
    const server = spawnCli(['serve', '--db', db, '--port', '0'], { cwd });
    await waitFor(() => server.output.stderr.includes('waiting'), 'the server waits');
    await killProcess(other);
    await waitFor(() => server.output.stderr.includes('Serving '), 'the server has the file');
    server.child.kill('SIGINT');
    expect(await server.ended).toMatchObject({ status: 0 });
  });
});

describe('a server is refused', () => {
  const refused = async (
    args: readonly string[],
    { cwd, env }: { cwd: string; env?: NodeJS.ProcessEnv },
  ): Promise<ExitResult> => runCli(['serve', ...args], { cwd, ...(env ? { env } : {}) });

  test.each<[what: string, status: number, line: RegExp, make: (path: string) => void]>([
    ['on what is no database', 1, /is not a DuckDB database\./, (path) => writeFileSync(path, 'a,b\n1,2\n3,4\n5,6\n')],
    ['on a folder', 2, /is a folder without a manifest\.json/, (path) => mkdirSync(path)],
  ])('%s', async (_, status, line, make) => {
    const { cwd, tempDir, env } = home();
    make(join(cwd, 'y.duckdb'));
    const ended = await refused(['--db', 'y.duckdb', '--port', '0'], { cwd, env });
    expect([ended.status, ended.stderr]).toEqual([status, expect.stringMatching(line)]);
    expect(ended.stderr.split('\n')).toHaveLength(2);
    expect([readdirSync(cwd).toSorted(), readdirSync(tempDir)]).toEqual([['tmp', 'x.duckdb', 'y.duckdb'], []]);
  });

  test('on a database of a newer layout', async () => {
    const { cwd, db, tempDir, env } = home();
    await killProcess(await holdDatabase(db, ['update schema_version set version = 99', 'checkpoint']));
    expect(await refused(['--db', db, '--port', '0'], { cwd, env })).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('schema version 99') as string,
    });
    expect([readdirSync(cwd).toSorted(), readdirSync(tempDir)]).toEqual([['tmp', 'x.duckdb'], []]);
  });

  test.skipIf(process.getuid?.() === 0)('on a file that may not be written', async () => {
    const { cwd, db, tempDir, env } = home();
    chmodSync(db, 0o400);
    expect(await refused(['--db', db, '--port', '0'], { cwd, env })).toMatchObject({
      status: 4,
      stderr: expect.stringContaining('permission denied') as string,
    });
    expect([readdirSync(cwd).toSorted(), readdirSync(tempDir)]).toEqual([['tmp', 'x.duckdb'], []]);
  });

  test('with a port that is taken, leaving nothing behind and the file free', async () => {
    const { cwd, db, tempDir, env } = home();
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    expect(await refused(['--db', db, '--port', String(port)], { cwd, env })).toEqual({
      status: 5,
      signal: null,
      stdout: '',
      stderr: `error: port ${port} on 127.0.0.1 is already in use. Choose another with --port, or use --port 0 for any free port.\n`,
    });
    taken.close();
    expect([readdirSync(cwd).toSorted(), readdirSync(tempDir)]).toEqual([['tmp', 'x.duckdb'], []]);
    expect(await ask(db, cwd)).toEqual(asked);
  });

  test.each<[what: string, args: string[], line: RegExp]>([
    ['a port that is none', ['--port', '70000'], /^error: invalid value "70000" for --port: expected a port number\./],
    ['a port in words', ['--port', 'http'], /^error: invalid value "http" for --port: expected a port number\./],
  ])('with %s', async (_, args, line) => {
    const { cwd, db, tempDir, env } = home();
    const ended = await refused(['--db', db, ...args], { cwd, env });
    expect([ended.status, ended.stderr]).toEqual([2, expect.stringMatching(line)]);
    expect([readdirSync(cwd).toSorted(), readdirSync(tempDir)]).toEqual([['tmp', 'x.duckdb'], []]);
  });

  test('open to all without a token, before a database is made for it', async () => {
    const { cwd, tempDir, env } = home();
    const open = {
      status: 2,
      signal: null,
      stdout: '',
      stderr:
        'error: --host 0.0.0.0 exposes the server without authentication. Create a token first with `wattduck token create NAME`, or set WATTDUCK_TOKEN.\n',
    };
    expect(await refused(['--db', 'x.duckdb', '--host', '0.0.0.0', '--port', '0'], { cwd, env })).toEqual(open);
    expect(await refused(['--db', 'none.duckdb', '--host', '0.0.0.0', '--port', '0'], { cwd, env })).toEqual(open);
    expect([readdirSync(cwd).toSorted(), readdirSync(tempDir)]).toEqual([['tmp', 'x.duckdb'], []]);
    expect(await ask(join(cwd, 'x.duckdb'), cwd)).toEqual(asked);
  });

  test('on an address that is none of this machine', async () => {
    const { cwd, db, tempDir, env } = home();
    await killProcess(
      await holdDatabase(db, [
        "insert into tokens (name, hash, scopes, created_at) values ('t', 'h', 'read', now()::timestamp)",
        'checkpoint',
      ]),
    );
    const { status, stderr } = await refused(['--db', db, '--host', '192.0.2.1', '--port', '0'], { cwd, env });
    expect([status, stderr]).toEqual([
      2,
      'error: invalid value "192.0.2.1" for --host: not an address of this machine\n',
    ]);
    expect([readdirSync(cwd).toSorted(), readdirSync(tempDir)]).toEqual([['tmp', 'x.duckdb'], []]);
  });
});

test('a server on a database that is not there makes it', async () => {
  const { cwd, tempDir, env } = home();
  const db = join(cwd, 'new.duckdb');
  const server = await spawnServer(db, { cwd, env });
  expect([existsSync(db), statSync(server.lockFile.spool).mode & 0o777, statSync(`${db}.owner`).mode & 0o777]).toEqual([
    true,
    0o700,
    0o600,
  ]);
  expect(await runCli(['ingest', at('sessions.csv'), '--db', db], { cwd, env })).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('1,000 rows read = 989 new') as string,
  });
  expect(await ask(db, cwd, env)).toEqual(asked);
  expect(await stopServer(server, 'SIGTERM')).toMatchObject({ status: 0 });
  expect([leftoverFiles(db, server.lockFile), readdirSync(tempDir)]).toEqual([[], []]);
  expect(await ask(db, cwd, env)).toEqual(asked);
});

test('a temporary folder whose path is too long for a socket does as well', async () => {
  const { cwd, db, tempDir } = home();
  const long = join(tempDir, 'x'.repeat(100));
  mkdirSync(long);
  const server = await spawnServer(db, { cwd, env: { TMPDIR: long } });
  expect(server.lockFile.spool.startsWith(long)).toBe(true);
  expect(statSync(join(server.lockFile.address, '..')).mode & 0o777).toBe(0o700);
  expect(await ask(db, cwd)).toEqual(asked);
  await stopServer(server, 'SIGTERM');
  expect([existsSync(join(server.lockFile.address, '..')), readdirSync(long), readdirSync(tempDir)]).toEqual([
    false,
    [],
    [long.split('/').at(-1)],
  ]);
});
