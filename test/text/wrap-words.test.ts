import fc from 'fast-check';
import { expect, test } from 'vitest';
import { wrapWords } from '../../src/text/wrap-words.ts';

test('long lines break between words, and their other lines are indented', () => {
  expect(wrapWords('66 amounts in GBP are left out', 20)).toBe('66 amounts in GBP\n  are left out');
  expect(wrapWords('short\n  a list item of words', 14)).toBe('short\n  a list item\n    of words');
  expect(wrapWords('/a/path/longer/than/the/screen.csv: done', 10)).toBe('/a/path/longer/than/the/screen.csv:\n  done');
  // A colour has no width; a Chinese character has two columns.
  expect(wrapWords('\u001B[31merror:\u001B[39m no', 9)).toBe('\u001B[31merror:\u001B[39m no');
  expect(wrapWords('充電 駅', 6)).toBe('充電\n  駅');
});

test('no word is lost, and every line fits unless it is one word', () => {
  const words = fc.array(fc.stringMatching(/^[!-~]{1,12}$/), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(words, fc.integer({ min: 16, max: 60 }), (list, width) => {
      const wrapped = wrapWords(list.join(' '), width);
      expect(wrapped.split(/\s+/)).toEqual(list);
      for (const line of wrapped.split('\n')) expect(line.length <= width || !line.trim().includes(' ')).toBe(true);
    }),
  );
});
