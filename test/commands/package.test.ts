import { mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { execaSync } from 'execa';
import { expect, test } from 'vitest';
import { scratch } from '../support/cli.ts';

const folder = scratch();

test('the packed command runs from any folder, with its SQL files', () => {
  execaSync('npm', ['pack', '--pack-destination', folder, '--ignore-scripts']);
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'))!;
  execaSync('tar', ['-xzf', join(folder, tarball), '-C', folder]);
  symlinkSync(resolve('node_modules'), join(folder, 'package', 'node_modules'));
  // npm link and a global install put a symbolic link on the path.
  const command = join(folder, 'wattduck');
  symlinkSync(join(folder, 'package', 'bin', 'wattduck.js'), command);
  const elsewhere = join(folder, 'elsewhere');
  mkdirSync(elsewhere);

  const run = (...args: string[]): string =>
    execaSync(command, args, { cwd: elsewhere, env: { NO_COLOR: '1' } }).stdout;
  expect(run('--version')).toMatch(/^\d+\.\d+\.\d+$/);
  expect(run('ingest', resolve('test/reports/data/dozen/dozen.csv'))).toContain(
    '12 rows read = 12 new + 0 updated + 0 unchanged + 0 superseded + 0 rejected',
  );
  expect(readdirSync(elsewhere)).toEqual(['wattduck.duckdb']);
  expect(
    run('report', 'user-usage', '--user-id', 'dan', '--format', 'csv', '--columns', 'user_id,total_sessions'),
  ).toBe('user_id,total_sessions\ndan,1');
});

test('the real binary: status, streams and a pipe closed early', () => {
  const run = (args: string[]) => execaSync('bin/wattduck.js', args, { reject: false, cwd: resolve('.') });
  expect(run(['--help']).exitCode).toBe(0);
  const wrong = run(['reprt']);
  expect([wrong.exitCode, wrong.stdout, wrong.stderr]).toEqual([
    2,
    '',
    "error: unknown command 'reprt' (Did you mean report?)",
  ]);
  const piped = execaSync('sh', ['-c', 'bin/wattduck.js report | head -1'], { cwd: resolve('.') });
  expect([piped.stdout.split(/ +/), piped.stderr]).toEqual([
    ['Most', 'useful'],
    expect.stringMatching(/^\d+ helper reports hidden \(use --all\)$/),
  ]);
});

test('only the program is packed', () => {
  const [packed] = JSON.parse(execaSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts']).stdout) as [
    { files: { path: string }[] },
  ];
  const tops = new Set(packed.files.map(({ path }) => path.split('/')[0]));
  expect([...tops].toSorted()).toEqual(['LICENSE', 'README.md', 'bin', 'dist', 'man', 'package.json', 'sql']);
});
