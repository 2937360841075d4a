import { expect, test } from 'vitest';
import { markdownTable } from '../../src/text/markdown-table.ts';

test('bars inside cells are escaped, and numeric columns are aligned right', () => {
  expect(
    markdownTable(
      ['a|b', 'kWh'],
      [
        ['x|y', '1'],
        ['', '2'],
      ],
      (column) => column === 1,
    ),
  ).toBe('| a\\|b | kWh |\n| --- | ---: |\n| x\\|y | 1 |\n|  | 2 |');
});

test('a table without rows has a header only', () => {
  expect(markdownTable(['a', 'b'], [])).toBe('| a | b |\n| --- | --- |');
});
