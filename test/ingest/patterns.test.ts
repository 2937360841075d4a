import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { expandPaths } from '../../src/ingest/expand-paths.ts';
import { partPattern } from '../../src/ingest/glob-pattern.ts';
import { scratch } from '../support/cli.ts';

describe('one segment of a pattern', () => {
  test.each<[string, string[], string[]]>([
    ['*.csv', ['a.csv', 'a b.csv', 'a\nb.csv', '*.csv', 'é.csv'], ['.csv', '.a.csv', 'a.csv.gz', 'acsv']],
    ['?', ['a', '💡', '?', '\n'], ['', 'ab', '.']],
    ['.*', ['.a', '.'], ['a']],
    ['[ab]', ['a', 'b'], ['c', '[ab]']],
    ['[a-c]x', ['bx'], ['dx', '-x']],
    ['[!a-c]x', ['dx'], ['ax']],
    ['[^a]', ['b'], ['a']],
    ['[]a]', [']', 'a'], ['[']],
    ['[a-]', ['a', '-'], ['b']],
    ['[[]1]', ['[1]'], ['1', '1]']],
    ['[*?]', ['*', '?'], ['a']],
    ['[a', ['[a'], ['a']],
    ['a{b,c}*', ['a{b,c}', 'a{b,c}d'], ['ab', 'ac']],
    ['(a|b)+$^*', ['(a|b)+$^'], ['a']],
    ['\\d*', ['\\d1'], ['1']],
    ['*'.repeat(500), ['', 'x'.repeat(255)], ['.x']],
  ])('%j', (pattern, matched, others) => {
    const isMatch = partPattern(pattern);
    expect([...matched, ...others].filter((name) => isMatch.test(name))).toEqual(matched);
  });
});

describe('a pattern', () => {
  const folder = scratch();
  const at = (name: string): string => `${folder}/${name}`;
  for (const path of ['exports/2024-01', 'exports/2024-02/deep/deeper', 'exports/2025-01', 'exports/.hidden'])
    mkdirSync(at(path), { recursive: true });
  for (const path of [
    '2024-01/b.csv',
    '2024-01/a.csv',
    '2024-01/.c.csv',
    '2024-01/notes.md',
    '2024-02/deep/deeper/d.csv',
    '2025-01/e.csv',
    '.hidden/f.csv',
  ])
    writeFileSync(at(`exports/${path}`), '');
  symlinkSync('..', at('exports/2024-02/loop'));
  symlinkSync('2024-01/a.csv', at('exports/link.csv'));
  mkdirSync(at('exports/folder.csv'));
  test.each<[string, string[]]>([
    [
      'exports/2024-*/**/*.csv',
      ['exports/2024-01/a.csv', 'exports/2024-01/b.csv', 'exports/2024-02/deep/deeper/d.csv'],
    ],
    ['exports/*/?.csv', ['exports/2024-01/a.csv', 'exports/2024-01/b.csv', 'exports/2025-01/e.csv']],
    ['**/[de].csv', ['exports/2024-02/deep/deeper/d.csv', 'exports/2025-01/e.csv']],
    ['exports/*.csv', ['exports/link.csv']],
    ['exports/.h*/*', ['exports/.hidden/f.csv']],
    ['exports/2024-01/../2025-*/e.csv', ['exports/2024-01/../2025-01/e.csv']],
    ['exports//2025-01//*.csv', ['exports/2025-01/e.csv']],
    ['exports/2024-02/loop/2025-*/*', ['exports/2024-02/loop/2025-01/e.csv']],
    ['exports/2024-01/**', ['exports/2024-01/a.csv', 'exports/2024-01/b.csv', 'exports/2024-01/notes.md']],
  ])('%s', async (pattern, found) => {
    expect((await expandPaths([at(pattern)])).files).toEqual(found.map(at));
  });

  test('a folder expands to its files, without its links to folders', async () => {
    expect(await expandPaths([at('exports')])).toEqual({
      files: [
        '.hidden/f.csv',
        '2024-01/.c.csv',
        '2024-01/a.csv',
        '2024-01/b.csv',
        '2024-02/deep/deeper/d.csv',
        '2025-01/e.csv',
        'link.csv',
      ].map((path) => at(`exports/${path}`)),
      skipped: 1,
      failures: [],
    });
  });

  test('a pattern without matches is an error', async () => {
    await expect(expandPaths([at('exports/*/nothing')])).rejects.toThrow(`no files match "${at('exports/*/nothing')}"`);
  });
});
