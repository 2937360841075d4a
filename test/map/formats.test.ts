import { describe, expect, test } from 'vitest';
import { decideDateOrder, decideDecimalMark } from '../../src/map/formats.ts';
import { column, number, time } from './table-facts.ts';

const date = (facts: Parameters<typeof column>[1]): ReturnType<typeof column> =>
  time('Start', { samples: ['01/02/2024'], ...facts });

describe('the order of day and month', () => {
  test('shows in one day above 12, unless others contradict it', () => {
    expect(decideDateOrder([date({ dayFirst: 1, eitherOrder: 99 })], undefined)).toMatchObject({ value: 'dmy' });
    expect(decideDateOrder([date({ monthFirst: 1, eitherOrder: 99 })], undefined)).toMatchObject({ value: 'mdy' });
    expect(decideDateOrder([date({ dayFirst: 50, monthFirst: 1 })], undefined)).not.toHaveProperty('value');
  });

  test('is open if every date fits both, and does not matter without such dates', () => {
    expect(decideDateOrder([date({ eitherOrder: 10 })], undefined)).toEqual({
      doubt: 'every date fits both, such as 01/02/2024',
    });
    expect(decideDateOrder([date({})], undefined)).toEqual({});
    expect(decideDateOrder([date({ eitherOrder: 10 })], 'mdy')).toMatchObject({ value: 'mdy' });
  });
});

describe('the decimal mark', () => {
  const groups = (name: string, median: number, mark: ',' | '.', facts = {}): ReturnType<typeof column> =>
    number(name, median, {
      points: 0,
      ...(mark === ',' ? { commaGroups: 100 } : { pointGroups: 100 }),
      samples: [mark === ',' ? '14,930' : '14.930'],
      ...facts,
    });

  test('shows in one number that can be read in one way only', () => {
    expect(decideDecimalMark([number('X', 1, { points: 1 })], undefined)).toMatchObject({ value: '.' });
    expect(decideDecimalMark([number('X', 1, { points: 0, commas: 1 })], undefined)).toMatchObject({ value: ',' });
    expect(decideDecimalMark([number('X', 1, { points: 1, commas: 1 })], undefined)).not.toHaveProperty('value');
  });

  // Facts read 14.930 as 14.93 and 14,930 as 14930.
  test.each([
    ['Energie (Wh)', 14.93, '.', ','],
    ['Energie (kWh)', 14.93, '.', '.'],
    ['Energie (Wh)', 14_930, ',', '.'],
    ['Energie (kWh)', 14_930, ',', ','],
    ['Leistung (W)', 11, '.', ','],
  ] as const)('of three digits in %s is the one that makes a plausible amount', (name, median, mark, expected) => {
    expect(decideDecimalMark([groups(name, median, mark)], undefined)).toMatchObject({ value: expected });
  });

  test('of three digits without a unit is open, unless every number has a point and three decimals', () => {
    expect(decideDecimalMark([groups('X', 14_930, ',')], undefined)).toHaveProperty('doubt');
    expect(decideDecimalMark([groups('X', 14.93, '.')], undefined)).toMatchObject({ value: '.' });
    expect(decideDecimalMark([groups('X', 14.93, '.', { pointGroups: 60 })], undefined)).toHaveProperty('doubt');
  });
});
