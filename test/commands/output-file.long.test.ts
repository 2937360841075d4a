import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { scratch, wattduck } from '../support/cli.ts';

const folder = scratch();
const db = join(folder, 'x.duckdb');
writeFileSync(
  join(folder, 's.csv'),
  `session_id,station_id,start_time\n${Array.from({ length: 2000 }, (_, n) => `s${n},station ${n % 7},2024-01-01 00:00:00`).join('\n')}\n`,
);
expect((await wattduck(['ingest', join(folder, 's.csv'), '--db', db])).status).toBe(0);

let made = 0;
let home = '';
let out = '';
beforeEach(() => {
  home = join(folder, `home-${(made += 1)}`);
  mkdirSync(home);
  out = join(home, 'out.csv');
});

const small = (path: string): string[] => ['sql', "select 1 as a, 'x' as b", '--db', db, '--format', 'csv', '-o', path];
const large = (path: string): string[] => [
  'sql',
  'select * from charging_sessions',
  '--db',
  db,
  '--format',
  'csv',
  '-o',
  path,
];
const streamed = (path: string): string[] => [
  'report',
  'get-sessions',
  '--all',
  '--db',
  db,
  '--format',
  'csv',
  '-o',
  path,
];

/** Runs the built program in a shell after a setup command. */
const inShell = (setting: string, args: readonly string[]): { status: number | null; stdout: string; stderr: string } =>
  spawnSync('bash', ['-c', `${setting}; exec "$@"`, 'bash', process.execPath, resolve('bin/wattduck.js'), ...args], {
    encoding: 'utf8',
  });

test('a complete file is written, with no other files left', async () => {
  expect(await wattduck(small(out))).toEqual({ status: 0, stdout: '', stderr: '' });
  expect(readFileSync(out, 'utf8')).toBe('a,b\n1,x\n');
  expect(readdirSync(home)).toEqual(['out.csv']);
});

test('an existing file keeps its mode, and a link to it stays a link', async () => {
  writeFileSync(out, 'before');
  chmodSync(out, 0o640);
  symlinkSync('out.csv', join(home, 'link'));
  expect((await wattduck(small(join(home, 'link')))).status).toBe(0);
  expect([readFileSync(out, 'utf8'), statSync(out).mode & 0o777, readlinkSync(join(home, 'link'))]).toEqual([
    'a,b\n1,x\n',
    0o640,
    'out.csv',
  ]);
  expect(readdirSync(home).toSorted()).toEqual(['link', 'out.csv']);
});

test('a link to a missing file creates that file', async () => {
  symlinkSync('out.csv', join(home, 'link'));
  expect((await wattduck(small(join(home, 'link')))).status).toBe(0);
  expect([readFileSync(out, 'utf8'), readlinkSync(join(home, 'link'))]).toEqual(['a,b\n1,x\n', 'out.csv']);
});

test('a new file has the mode of the umask', () => {
  expect(inShell('umask 027', small(out)).status).toBe(0);
  expect(statSync(out).mode & 0o777).toBe(0o640);
});

describe.each([
  ['at once', large],
  ['row by row', streamed],
])('written %s', (_, args) => {
  test.each([[undefined], ['before']])(
    'a file that grows too large is not kept, over an existing file: %s',
    async (before) => {
      if (before !== undefined) writeFileSync(out, before);
      // In blocks of 1024 bytes; the database is not written.
      const { status, stdout, stderr } = inShell('ulimit -f 8', args(out));
      expect([status, stdout, stderr]).toEqual([
        1,
        '',
        `error: ${out}: larger than the system allows. Raise the limit (ulimit -f), or write less.\n`,
      ]);
      expect(readdirSync(home)).toEqual(before === undefined ? [] : ['out.csv']);
      if (before !== undefined) expect(readFileSync(out, 'utf8')).toBe(before);
    },
  );

  test('a full disk is named, and nothing is left on it', (context) => {
    const disk = join(home, 'disk');
    mkdirSync(disk);
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', disk]).status !== 0)
      return context.skip('only root may mount a small disk here');
    try {
      writeFileSync(join(disk, 'kept.csv'), 'before');
      for (const name of ['new.csv', 'kept.csv']) {
        const { status, stderr } = inShell('true', args(join(disk, name)));
        expect([status, stderr]).toEqual([
          1,
          `error: ${join(disk, name)}: disk full. Free some space and run the command again; no changes were made.\n`,
        ]);
      }
      expect([readdirSync(disk), readFileSync(join(disk, 'kept.csv'), 'utf8')]).toEqual([['kept.csv'], 'before']);
    } finally {
      execFileSync('umount', [disk]);
    }
  });
});

test('a failed query leaves the existing file unchanged', async () => {
  writeFileSync(out, 'before');
  expect((await wattduck(['sql', 'select nothing', '--db', db, '-o', out])).status).toBe(2);
  expect([readFileSync(out, 'utf8'), readdirSync(home)]).toEqual(['before', ['out.csv']]);
});

test('pipes and devices are written directly', () => {
  const fifo = join(home, 'fifo');
  execFileSync('mkfifo', [fifo]);
  expect(inShell(`cat ${fifo} > ${out} & true`, small(fifo)).status).toBe(0);
  expect(inShell('true', small('/dev/null'))).toMatchObject({ status: 0, stderr: '' });
  expect(statSync('/dev/null').isFile()).toBe(false);
  expect(inShell(`exec > ${join(home, 'stdout.csv')}`, small('/dev/stdout'))).toMatchObject({ status: 0, stderr: '' });
  expect(readFileSync(join(home, 'stdout.csv'), 'utf8')).toBe('a,b\n1,x\n');
  expect(statSync(fifo).isFIFO()).toBe(true);
  expect(inShell('true', small('/dev/full'))).toMatchObject({
    status: 1,
    stderr: 'error: /dev/full: disk full. Free some space and run the command again; no changes were made.\n',
  });
  expect(readdirSync(home).toSorted()).toEqual(['fifo', 'out.csv', 'stdout.csv']);
});

test.each([
  ['no/such/out.csv', 1, 'file or folder not found. Check the path.'],
  ['.', 2, 'is a folder, expected a file'],
  [`${'x'.repeat(300)}.csv`, 2, 'name too long. Choose a shorter name.'],
])('%s is rejected', async (name, status, said) => {
  const path = join(home, name);
  expect(await wattduck(small(path))).toEqual({
    status,
    stdout: '',
    stderr: expect.stringMatching(new RegExp(`^error: .*: ${said.replaceAll('.', '\\.')}\n$`)) as string,
  });
  expect(readdirSync(home)).toEqual([]);
});

test('standard output on a full disk is an error in one line', () => {
  const { status, stderr } = inShell('exec > /dev/full', [
    'sql',
    'select * from charging_sessions',
    '--db',
    db,
    '--format',
    'csv',
  ]);
  expect([status, stderr]).toEqual([1, expect.stringMatching(/^error: standard output: ENOSPC[^\n]*\n$/) as string]);
});
