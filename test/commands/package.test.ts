import { mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
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

const packedFiles = (): string[] => {
  const [packed] = JSON.parse(execaSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts']).stdout) as [
    { files: { path: string }[] },
  ];
  return packed.files.map(({ path }) => path);
};

test('only the program and the pages for its users are packed', () => {
  const files = packedFiles();
  const tops = new Set(files.map((path) => path.split('/')[0]));
  expect([...tops].toSorted()).toEqual([
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    'bin',
    'dist',
    'docs',
    'man',
    'package.json',
    'sql',
  ]);
  // Pages for contributors link to the source.
  const pages = readdirSync('docs', { encoding: 'utf8' }).filter(
    (name) => !['architecture.md', 'style.md'].includes(name),
  );
  const packedPages = new Set(files.filter((path) => path.startsWith('docs/')).map((path) => path.split('/')[1]));
  expect([...packedPages].toSorted()).toEqual(pages.toSorted());
  for (const path of ['dist/main.js', 'dist/catalog.json', 'bin/wattduck.js', 'docs/examples/sessions.csv'])
    expect(files).toContain(path);
  expect(files.filter((path) => /\.(ts|map|test\.\w+|duckdb)$|(^|\/)\./.test(path))).toEqual([]);
  expect(JSON.parse(readFileSync('package.json', 'utf8'))).not.toHaveProperty('scripts.postinstall');
});

test('every link and picture of a packed page leads to a packed file', () => {
  const files = new Set(packedFiles());
  const broken = [...files]
    .filter((path) => path.endsWith('.md'))
    .flatMap((page) =>
      Array.from(
        readFileSync(page, 'utf8')
          .replaceAll(/^```[\s\S]*?^```$/gm, '')
          .matchAll(/\]\(([^)\s]+)\)/g),
        ([, target]) => ({ page, target: target!.split('#')[0]! }),
      ),
    )
    .filter(({ target }) => target !== '' && !/^[a-z]+:/.test(target))
    .filter(({ page, target }) => !files.has(join(dirname(page), target)));
  expect(broken).toEqual([]);
});
