import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  createWriteStream,
  mkdirSync,
  readdirSync,
  renameSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { expandPaths } from '../../src/ingest/expand-paths.ts';
import { openInput } from '../../src/ingest/input.ts';
import { openForWriting } from '../../src/warehouse/database.ts';
import { scratch, wattduck } from '../support/cli.ts';
import { openEngine } from '../support/duckdb.ts';
import { ingestSource } from '../support/ingest.ts';
import { csv } from '../support/nasty-names.ts';

const folder = scratch();
const at = (name: string): string => join(folder, name);
const { duckdb, catalog } = await openEngine();
await openForWriting(duckdb, at('x.duckdb'), catalog);
beforeEach(() => duckdb.run('delete from charging_sessions'));
const read = (path: string) => ingestSource(duckdb, catalog, '', path);
const ids = async (): Promise<unknown[]> =>
  (await duckdb.rows('select session_id from charging_sessions order by 1')).map(({ session_id: id }) => id);

describe('special files', () => {
  test('a named pipe is read to its end', async () => {
    execFileSync('mkfifo', [at('pipe')]);
    const done = read(at('pipe'));
    createWriteStream(at('pipe')).end(csv('piped'));
    expect(await done).toMatchObject({ file: at('pipe'), read: 1 });
    expect(await ids()).toEqual(['piped']);
  });

  test('a link is read as its target', async () => {
    writeFileSync(at('linked[1].csv'), csv('linked'));
    symlinkSync('linked[1].csv', at('link'));
    await read(at('link'));
    expect(await ids()).toEqual(['linked']);
  });

  test('a system file, which has size 0, is read as text', async () => {
    await expect(read('/proc/self/status')).rejects.toThrow(/^\/proc\/self\/status: .*\. Header: Name:, /);
  });

  const socket = createServer().listen(at('socket'));
  afterAll(() => void socket.close());
  test.each([
    ['/dev/zero', '/dev/zero: is a device or a socket, expected a file'],
    ['/dev/null', '/dev/null: is a device or a socket, expected a file'],
    [at('socket'), `${at('socket')}: is a device or a socket, expected a file`],
    [at('folder.csv'), `${at('folder.csv')}: is a folder, expected a file`],
    [at('dangling.csv'), `${at('dangling.csv')}: file or folder not found`],
    [at('loop.csv'), undefined],
    [at('none\uFFFD.csv'), `${at('none\uFFFD.csv')}: not found, or its name is not valid UTF-8`],
  ])('%s is rejected', async (path, message) => {
    if (!socket.listening) await once(socket, 'listening');
    for (const [name, make] of [
      ['folder.csv', mkdirSync],
      ['dangling.csv', (link: string) => symlinkSync('nowhere', link)],
      ['loop.csv', (link: string) => symlinkSync('loop.csv', link)],
    ] as const) {
      if (path === at(name)) make(path);
    }
    await expect(read(path)).rejects.toThrow(message);
  });
});

describe('a name that is not valid UTF-8', () => {
  test('in a folder or a pattern is a failure; the other files are read, also one with a similar name', async () => {
    mkdirSync(at('invalid'));
    const path = Buffer.concat([Buffer.from(at('invalid/a')), Buffer.from([0xff]), Buffer.from('.csv')]);
    writeFileSync(path, csv('invalid'));
    await expect(expandPaths([at('invalid')])).rejects.toThrow(/its name is not valid UTF-8/);
    writeFileSync(at('invalid/a\uFFFD.csv'), csv('neighbour'));
    for (const name of [at('invalid'), at('invalid/*.csv'), at('**/a*.csv')]) {
      const { files, failures } = await expandPaths([name]);
      expect(files).toContain(at('invalid/a\uFFFD.csv'));
      expect(failures.map(String)).toEqual([expect.stringMatching(/its name is not valid UTF-8/)]);
    }
    const db = at('other.duckdb');
    const { status, stderr } = await wattduck(['ingest', at('invalid'), '--db', db]);
    expect([status, stderr]).toEqual([
      1,
      `error: ${at('invalid/a\uFFFD.csv')}: not found, or its name is not valid UTF-8. Rename it, or pipe it in: \`wattduck ingest - < FILE\`.
2 files: 1 row read = 1 new + 0 updated + 0 unchanged + 0 superseded + 0 rejected; 1 failed
error: 1 of 2 files were not imported\n`,
    ]);
    const { stdout } = await wattduck(['sql', 'select session_id from charging_sessions', '--db', db, '-f', 'csv']);
    expect(stdout).toContain('neighbour');
  });
});

describe('a file that changes while it is read', () => {
  test.each<[string, (path: string) => void]>([
    ['grows', (path) => appendFileSync(path, 'more,S,2024-01-01\n')],
    ['shrinks', (path) => truncateSync(path, 40)],
    [
      'is replaced',
      (path) => {
        writeFileSync(`${path}.new`, csv('replaced'));
        renameSync(`${path}.new`, path);
      },
    ],
    ['is deleted', (path) => renameSync(path, `${path}.gone`)],
  ])('%s: nothing is imported', async (what, change) => {
    const path = at(`changing ${what}.csv`);
    writeFileSync(path, csv('first'));
    // After it was opened and its header was read.
    const formats = catalog.mappings.bind(catalog);
    catalog.mappings = (...args) => {
      change(path);
      catalog.mappings = formats;
      return formats(...args);
    };
    await expect(read(path)).rejects.toThrow(`${path}: changed while it was being read; nothing was imported`);
    expect(await ids()).toEqual([]);
    expect((await duckdb.rows('select file from ingests')).map(({ file }) => file)).not.toContain(path);
  });
});

test('the temporary folder is private, and removed afterwards', async () => {
  writeFileSync(at('plain.csv'), csv('plain'));
  mkdirSync(at('spool'));
  const input = await openInput(at('plain.csv'), { stdin: Readable.from([]) }, at('spool'));
  expect(execFileSync('stat', ['-c', '%a', await input.scratch()], { encoding: 'utf8' })).toBe('700\n');
  await input.dispose();
  expect(readdirSync(at('spool'))).toEqual([]);
});
