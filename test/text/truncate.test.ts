import fc from 'fast-check';
import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { truncate } from '../../src/text/truncate.ts';

test('a text is cut to the columns of a terminal', () => {
  expect(truncate('charging', 8)).toBe('charging');
  expect(truncate('charging', 5)).toBe('char…');
  expect(truncate('charging', 5, 'middle')).toBe('ch…ng');
  // A wide character has two columns.
  expect(truncate('充電充電', 8)).toBe('充電充電');
  expect(stringWidth(truncate('aaaaaaaa漢aaaaaaaa漢', 18, 'middle'))).toBeLessThanOrEqual(18);
});

test('wide characters, emoji and combining ones never exceed the columns', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', '漢', 'B', '🎉', 'ä', ' ', '👩‍🔧'), maxLength: 40 }),
      fc.integer({ min: 2, max: 30 }),
      fc.constantFrom('start' as const, 'middle' as const, 'end' as const),
      (text, columns, position) => {
        expect(stringWidth(truncate(text, columns, position))).toBeLessThanOrEqual(columns);
      },
    ),
  );
});
