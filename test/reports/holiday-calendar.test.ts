import { describe, expect, test } from 'vitest';
import { holidaysBetween } from '../../src/reports/holiday-calendar.ts';
import { expectedError } from '../warehouse/processes.ts';

const between = (code: string, from: string, to: string): Promise<string[]> =>
  holidaysBetween(code, from, to, '--holidays');

describe('public holidays', () => {
  test('of Germany in 2026, and the days from Christmas on', async () => {
    const christmas = Array.from({ length: 8 }, (_, day) => `2026-12-${24 + day}`);
    const others = ['2026-01-01', '2026-04-03', '2026-04-06', '2026-05-01', '2026-05-14', '2026-05-25', '2026-10-03'];
    expect(await between('DE', '2026-01-01', '2026-12-31')).toEqual([...others, ...christmas]);
  });

  test('of a region, in any case', async () => {
    expect(await between('de-by', '2026-01-02', '2026-01-10')).toEqual(['2026-01-06']);
    expect(await between('DE', '2026-01-02', '2026-01-10')).toEqual([]);
    expect(await between('DE-BY-a', '2025-08-01', '2025-08-14')).toEqual(['2025-08-08']);
    expect(await between('DE-BY', '2025-08-01', '2025-08-14')).toEqual([]);
  });

  test('of several days, without Christmas where it is none', async () => {
    // Eid al-Fitr.
    expect(await between('SA', '2026-03-01', '2026-03-31')).toEqual([
      '2026-03-19',
      '2026-03-20',
      '2026-03-21',
      '2026-03-22',
    ]);
    expect(await between('SA', '2026-12-01', '2026-12-31')).toEqual([]);
  });

  test('of each year between two days', async () => {
    expect(await between('FR', '2023-12-31', '2025-07-14')).toContain('2024-07-14');
    expect(await between('US', '2012-07-01', '2012-07-31')).toEqual(['2012-07-04']);
  });

  test('of none', async () => expect(await between('None', '2020-01-01', '2030-01-01')).toEqual([]));
});

test.each([
  ['Germany', 'expected a country such as DE, a region such as DE-BY, or none'],
  ['', 'expected a country such as DE'],
  ['D', 'expected a country such as DE'],
  ['DE-BY-A-B', 'expected a country such as DE'],
  ['XX', 'holidays of this country are not known. Use the ISO 3166 code of a country'],
  ['DE-XX', 'region not found in DE. Known: BB, BE, BW, BY,'],
  ['DE-BY-X', 'region not found in DE-BY. Known: A,'],
  ['SG-1', 'region not found in SG. Use SG.'],
])('%j is an error', async (code, message) => {
  const { kind, line } = await expectedError(between(code, '2026-01-01', '2026-12-31'));
  expect(kind).toBe('usage');
  expect(line).toContain(`invalid value "${code}" for --holidays: ${message}`);
});
